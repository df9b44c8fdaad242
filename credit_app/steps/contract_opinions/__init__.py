"""Steps of the opinions on a version of a contract."""
