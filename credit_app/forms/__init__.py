"""Forms and fields that several screens and steps share."""
