"""Steps of the approval."""
