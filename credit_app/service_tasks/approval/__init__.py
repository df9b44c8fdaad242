"""Service tasks of the approval."""
