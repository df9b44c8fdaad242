"""Steps of the balance confirmation."""
