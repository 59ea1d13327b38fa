"""How a network learns a column or a text."""
