"""Allows `python -m credit_app.cli`."""

from credit_app.cli import main

main()
