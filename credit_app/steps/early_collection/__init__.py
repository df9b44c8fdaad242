"""Steps of early collection."""
