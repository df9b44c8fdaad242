"""The customer file: one module per area of it. Importing this package adds its pages to the customers' blueprint."""

from credit_app.screens.file import access, opening, show

__all__ = ["access", "opening", "show"]
