"""Steps of legal proceedings."""
