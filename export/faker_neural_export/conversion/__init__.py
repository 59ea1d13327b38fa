"""Convert a Keras model to a model file: contract, float graph, and check against Keras."""
