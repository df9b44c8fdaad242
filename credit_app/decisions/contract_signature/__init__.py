"""Decisions of the signature of a contract."""
