"""Steps of legal action."""
