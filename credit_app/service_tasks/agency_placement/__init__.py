"""Service tasks of the placement with an agency."""
