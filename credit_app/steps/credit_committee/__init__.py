"""Steps of the credit committee."""
