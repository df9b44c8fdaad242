"""Service tasks of the temporary limit."""
