"""Service tasks of legal enforcement."""
