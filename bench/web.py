"""A minimal Flask application on the engine: a person looked up, a task completed, one commit."""

from __future__ import annotations

import os
from datetime import timedelta

from flask import Flask, Response, jsonify, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.case import Clerk, answer, answer_with_row
from bench.place import connect
from workflows import Actor

HOLD = timedelta(minutes=15)  # every step can be taken back, as decisions can


def create_app() -> Flask:
    """The application that gunicorn serves."""
    app = Flask(__name__)
    database, engine = connect(os.environ["BENCH_DATABASE_URL"])

    @app.post("/tasks/<int:task_id>")
    def complete(task_id: int) -> Response:
        with Session(database) as session:
            clerk = session.scalars(select(Clerk).where(Clerk.id == int(request.form["person"]))).one()
            how = answer_with_row if request.form["row"] == "1" else answer
            rest = engine.complete(session, task_id, Actor(clerk.id), "bench", how, request.form["key"], HOLD)
            session.commit()
            return jsonify(ended=rest.ended, next=[task.id for task in rest.opened])

    @app.get("/pid")
    def pid() -> Response:
        return jsonify(os.getpid())

    return app
