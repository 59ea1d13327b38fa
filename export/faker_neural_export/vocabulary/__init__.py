"""The tokens of a model: characters, words, phrases or pieces, with or without classes."""
