"""The texts of a model: its tokens, its prompts, and the texts to calibrate and measure it with."""
