"""Service tasks of the conditions."""
