"""Steps of the visit on site."""
