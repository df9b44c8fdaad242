"""The process platform: SpiffWorkflow executes the diagrams, PostgreSQL keeps every step. The only door."""
