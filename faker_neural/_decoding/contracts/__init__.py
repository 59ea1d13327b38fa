"""The contracts of graphs: what each is fed and returns, and how texts are drawn with it."""
