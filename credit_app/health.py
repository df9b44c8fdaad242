"""Two addresses for supervisors: is the process alive, and can it serve."""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from credit_app.db import db
from credit_app.revision import current_revision, head_revision

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer 200 as long as the process handles requests at all."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 200 when the database is reachable and has this program's tables, else 503 with the reason."""
    try:
        with db.engine.connect() as connection:
            found = current_revision(connection)
    except SQLAlchemyError:
        return jsonify(status="not ready", reason="the database does not answer"), 503
    wanted = head_revision()
    if found != wanted:
        reason = f"the database is at revision {found}, this program needs {wanted}"
        return jsonify(status="not ready", reason=reason), 503
    return jsonify(status="ready", revision=found), 200
