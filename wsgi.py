"""Entry point for any WSGI server: `gunicorn wsgi:app`."""

from credit_app import serve

app = serve()
