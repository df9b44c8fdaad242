"""Service tasks of the credit that a contract needs."""
