"""The two addresses that supervisors ask."""

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session


def test_a_running_process_says_so(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_a_migrated_database_makes_it_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200


def test_sessions_run_in_utc_and_compile_no_statement(session: Session) -> None:
    assert session.scalar(text("SHOW timezone")) == "UTC"
    assert session.scalar(text("SHOW jit")) == "off"
