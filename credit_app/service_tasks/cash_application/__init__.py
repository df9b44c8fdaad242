"""Service tasks of the cash application."""
