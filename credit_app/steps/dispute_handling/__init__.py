"""Steps of the handling of a dispute."""
