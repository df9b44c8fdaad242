"""Service tasks of the decision on the renewal of a contract."""
