"""Decisions of the credit application."""
