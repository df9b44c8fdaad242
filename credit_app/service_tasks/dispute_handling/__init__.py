"""Service tasks of the handling of a dispute."""
