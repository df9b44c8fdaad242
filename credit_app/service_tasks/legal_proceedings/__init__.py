"""Service tasks of legal proceedings."""
