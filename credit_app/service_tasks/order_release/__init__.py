"""Service tasks of the release of an order."""
