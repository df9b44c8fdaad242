"""Steps of the conditions."""
