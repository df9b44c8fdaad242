"""Service tasks of the visit on site."""
