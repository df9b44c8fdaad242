"""Service tasks of hard collection."""
