"""Service tasks of the credit assessment."""
