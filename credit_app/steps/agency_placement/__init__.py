"""Steps of the placement with an agency."""
