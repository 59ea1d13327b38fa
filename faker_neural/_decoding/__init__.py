"""Keys to strings: a text depends on its key, the options and the model.

contracts/          what a graph is fed and returns
step.py             one token and the states a time; step_graph.py runs the graph
graph_drawing.py    texts that a step graph draws by itself, nothing masked
single_row.py       a step of one text without new arrays
window.py           the last tokens of a text
latent.py           noise, for a whole text at once
choice/             the next token
weights.py          the rule: logits to whole-number weights
token_sampler.py    weights to tokens; factored.py by classes first
ranking.py          top_k and top_p
distribution.py     a distribution that is drawn from again and again
drawing.py          texts whose tokens NumPy chooses, step by step in batches
choose_tokens.py    texts whose tokens a caller chooses, such as Hypothesis
prompts.py, mask.py what texts begin with, and which tokens are masked
state.py            what a graph has to know of the text in each row
session.py          a graph run by onnxruntime, its errors, and the types of its arrays
"""
