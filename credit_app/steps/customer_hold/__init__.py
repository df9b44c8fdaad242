"""Steps of the hold of a customer."""
