"""Training of a detector of generated text."""
