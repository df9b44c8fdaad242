"""Service tasks of the balance confirmation."""
