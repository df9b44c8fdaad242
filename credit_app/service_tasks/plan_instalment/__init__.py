"""Service tasks of an instalment of a payment plan."""
