"""The configuration of a model as layers and calls, the same form for every Keras version."""
