"""Service tasks of the promise to pay."""
