"""Service tasks of contract review."""
