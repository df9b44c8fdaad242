"""The demo company in databases that many tests copy: loading it takes some twenty seconds."""

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from credit_app import create_app, demo
from credit_app.config import Config
from credit_app.db import db, make_engine
from tests.database import Server


def demo_of(server: Server, config: Config, today: date | None = None) -> str:
    """The database that holds the demo company as of that day (default: the present one), loaded once per run."""

    def fill(name: str) -> None:
        urls = {"database_url": server.owner_url(name), "database_app_url": server.app_url(name)}
        load_demo(replace(config, **urls), today)

    return server.filled(f"demo_{today or 'of_this_day'}", fill)


def load_demo(config: Config, today: date | None = None) -> None:
    """Fill the database with the demo company as of that day, and leave it without a connection."""
    engine = make_engine(config.database_url, pooled=False)
    with create_app(config).app_context(), Session(engine) as session:
        demo.load(session, today)
        session.commit()
        db.engine.dispose()
    engine.dispose()
