"""Service tasks of the credit application."""
