"""One model file: what of it is opened."""
