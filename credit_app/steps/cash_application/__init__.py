"""Steps of the cash application."""
