"""The tokens of a model trained elsewhere: their files, the model's sizes, and texts of them."""
