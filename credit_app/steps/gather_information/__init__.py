"""Steps of gathering information."""
