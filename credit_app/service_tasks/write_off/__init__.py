"""Service tasks of the write-off."""
