"""Service tasks of the collection stages."""
