"""Converts keys to strings: a text depends on its key, the options and the model.

file_decoder.py     the decoder of a model file, opened again after a fork; threads
contracts/          what a graph is fed and returns
step.py             one token and the states for each step; step_graph.py runs the graph
graph_decoder.py    texts whose tokens a step graph chooses, without masks
single_row.py       a step of one text without new arrays
window.py           the last tokens of a text
latent.py           noise, for a whole text at once
sampling/           the next token
weights.py          the rule: logits to whole-number weights
token_sampler.py    weights to tokens; factored.py chooses a class first
ranking.py          top_k and top_p
distribution.py     a distribution that is used for many draws
drawing.py          texts whose tokens NumPy chooses, step by step in batches
steering.py         texts that meet a constraint and end where texts end
choose_tokens.py    texts whose tokens the caller chooses, for example Hypothesis
prompts.py          the tokens before a text; prefix_search.py finds those that spell a prefix
mask.py             the tokens that are masked
state.py            the decoder's state for the text in each row
session.py          a graph run by onnxruntime, its errors, and the types of its arrays
"""
