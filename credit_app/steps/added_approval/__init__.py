"""Steps of the added approval."""
