"""Service tasks of the review decision."""
