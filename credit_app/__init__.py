"""Credit Desk: `create_app` wires the whole application."""

import gc

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from credit_app import api, assets, health, i18n, resources, screens, security
from credit_app.config import Config
from credit_app.db import db, engine_options, watch
from credit_app.processes import registry_of
from workflows import Engine


def create_app(config: Config | None = None) -> Flask:
    """Return the Flask application for `config`; without one the environment is read."""
    config = config or Config.from_env()
    app = Flask(__name__, template_folder=str(resources.CHECKOUT / "templates"))
    if not resources.in_checkout():
        app.template_folder = str(resources.templates())
    app.config.update(flask_settings(config))
    app.extensions["config"] = config
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        watch(db.engine)
    app.register_blueprint(health.blueprint)
    connect_processes(app)
    for part in (assets, i18n, security, screens, api):
        part.init_app(app)
    return app


def serve() -> Flask:
    """The application as a web server holds it: what was loaded stays, so the garbage collector passes it by."""
    app = create_app()
    settle()
    return app


def settle() -> None:
    """Spare every later collection the walk over modules, templates and diagrams, which never become garbage."""
    gc.collect()
    gc.freeze()


def connect_processes(app: Flask) -> None:
    """Join diagrams, their code and the engine; the app refuses to start when they do not fit together."""
    registry = registry_of(resources.bpmn())
    app.extensions["registry"] = registry
    app.extensions["engine"] = Engine(registry)


def flask_settings(config: Config) -> dict[str, object]:
    """Return Flask's own settings for `config`."""
    return {
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_DATABASE_URI": config.connect_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(pool_size=config.web_threads),
        "MAX_CONTENT_LENGTH": config.max_upload_mb * 1024 * 1024,
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "TESTING": config.testing,
    }
