"""Service tasks of legal preparation."""
