"""The choice of the next token: logits to whole-number weights, and weights to token ids."""
