"""Steps of the payment extension."""
