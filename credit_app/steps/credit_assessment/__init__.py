"""Steps of the credit assessment."""
