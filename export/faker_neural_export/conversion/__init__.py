"""A Keras model to a model file: its contract, the float graph, and the check against Keras."""
