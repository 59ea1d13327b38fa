"""The network that learns, its word vectors and losses, and texts drawn from it meanwhile."""
