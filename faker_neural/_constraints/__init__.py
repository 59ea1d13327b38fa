"""What a text must be: its pattern, length and words, by masks and by rejection sampling."""
