"""Entry point for any WSGI server: `gunicorn wsgi:app`."""

from credit_app import create_app

app = create_app()
