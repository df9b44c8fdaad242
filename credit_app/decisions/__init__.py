"""What decision tables are asked with, and what becomes of their rows: one module a business-rule task."""
