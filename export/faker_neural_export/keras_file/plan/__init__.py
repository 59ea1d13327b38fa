"""A configuration of any Keras as layers and calls, in one form."""
