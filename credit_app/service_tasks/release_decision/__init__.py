"""Service tasks of the decision on a release."""
