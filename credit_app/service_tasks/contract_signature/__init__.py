"""Service tasks of the signature of a contract."""
