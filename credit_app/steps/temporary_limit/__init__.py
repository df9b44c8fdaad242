"""Steps of the temporary limit."""
