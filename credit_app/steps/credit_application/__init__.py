"""Steps of the credit application."""
