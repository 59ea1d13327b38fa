"""Learn a detector of generated text."""
