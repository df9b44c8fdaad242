"""Service tasks of the limit decision."""
