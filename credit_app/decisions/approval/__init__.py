"""Decisions of the approval."""
