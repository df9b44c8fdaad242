"""Steps of the review decision."""
