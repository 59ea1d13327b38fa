"""Keys to strings.

A text depends on its key, the options and the model. These files draw it:

    step.py, window.py, latent.py   one contract each: what its graph is fed and gives
    graph_drawing.py                texts that a step graph draws by itself, nothing masked
    single_row.py, distribution.py  what makes a single text cheap
    drawing.py                      texts whose tokens numpy chooses, step by step
    mask.py, beginnings.py          what may not follow, and what texts begin with
    session.py                      a graph run, its errors, and the types of its arrays
    weights.py                      the rule of drawing: logits to whole-number weights
    sampling.py, factored.py        weights to tokens, of flat and of factored models
    ranking.py                      among the likeliest alone
"""
