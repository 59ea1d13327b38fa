"""Checks of a converted graph.

check.py        compares the graph with its Keras model
inputs.py       chooses the texts, the windows or the noise that both are fed
predictions.py  runs both, and returns the probabilities of the tokens
rounding.py     changes the last bits of a Keras model's weights
step_cost.py    measures what it costs to run padded windows one token at a time
drawing.py      compares a graph that samples tokens with the graph without sampling
"""
