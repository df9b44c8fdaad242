"""Steps of legal preparation."""
