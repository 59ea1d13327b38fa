"""Names to model files: bundled ones, folders and packages."""
