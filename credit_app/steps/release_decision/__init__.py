"""Steps of the decision on a release."""
