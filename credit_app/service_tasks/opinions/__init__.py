"""Service tasks of the opinions."""
