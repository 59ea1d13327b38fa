"""The contracts of graphs: the inputs and outputs of each, and how it draws texts."""
