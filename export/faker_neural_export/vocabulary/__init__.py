"""The tokens of a model: characters, words, phrases and pieces, in classes or not."""
