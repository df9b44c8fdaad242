"""Service tasks of the negotiation of a contract."""
