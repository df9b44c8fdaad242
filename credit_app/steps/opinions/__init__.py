"""Steps of the opinions."""
