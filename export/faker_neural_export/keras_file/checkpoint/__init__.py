"""The arrays of files that hold no layers: checkpoints, SavedModels, weights of own classes."""
