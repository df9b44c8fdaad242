"""Service tasks of contract change."""
