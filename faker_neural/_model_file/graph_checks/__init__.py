"""Checks the graph of an untrusted model file before onnxruntime reads it."""
