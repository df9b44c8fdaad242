"""Service tasks of the added approval."""
