"""Service tasks of the dispute."""
