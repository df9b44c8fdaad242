"""Steps of the payment plan."""
