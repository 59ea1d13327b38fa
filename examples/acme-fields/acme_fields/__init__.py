"""Acme's fields: the .onnx files beside this one. Nothing needs to stand here."""
