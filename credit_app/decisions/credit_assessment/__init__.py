"""Decisions of the credit assessment."""
