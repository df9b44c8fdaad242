"""Steps of the write-off."""
