"""Service tasks of the payment extension."""
