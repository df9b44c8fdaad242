"""Service tasks of the credit committee."""
