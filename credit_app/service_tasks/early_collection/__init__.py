"""Service tasks of early collection."""
