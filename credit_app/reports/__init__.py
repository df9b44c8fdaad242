"""Reports: what the company's data and diagrams say, written for people."""
