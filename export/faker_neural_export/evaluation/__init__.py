"""How well a model knows real lines, and how near its texts are to them."""
