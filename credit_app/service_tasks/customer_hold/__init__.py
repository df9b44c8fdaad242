"""Service tasks of the hold of a customer."""
