"""Steps of hard collection."""
