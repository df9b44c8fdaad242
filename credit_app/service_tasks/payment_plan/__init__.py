"""Service tasks of the payment plan."""
