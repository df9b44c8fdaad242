"""Service tasks of collection."""
