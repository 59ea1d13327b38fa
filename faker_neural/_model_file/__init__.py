"""Reading and checking of a model file."""
