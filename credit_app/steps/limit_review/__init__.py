"""Steps of the limit review."""
