"""Steps of legal enforcement."""
