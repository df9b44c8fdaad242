"""Steps of the signature of a contract."""
