"""Steps of the negotiation of a contract."""
