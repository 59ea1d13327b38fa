"""Keys to strings, one file a contract."""


class GraphError(Exception):
    """A graph cannot be run, or gives what no string can be drawn from."""
