"""Service tasks of the limit review."""
