"""The network that `train` trains, its word vectors and its losses."""
