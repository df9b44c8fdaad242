"""Code of the file check."""
