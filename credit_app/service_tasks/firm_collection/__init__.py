"""Service tasks of firm collection."""
