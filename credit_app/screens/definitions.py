"""The processes this company works by: versions, diagrams, decision tables."""

from typing import Any

import orjson
from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from credit_app.db import db
from credit_app.drawn_texts import in_other_words
from credit_app.i18n import LANGUAGES, _, force_locale
from credit_app.screens.access import allowed
from credit_app.screens.acting import may
from credit_app.security import POLICY
from workflows import NotAllowed, NotFound
from workflows.tables import Definition, Instance

blueprint = Blueprint("definitions", __name__, url_prefix="/processes")


@blueprint.get("")
@allowed("definition.see")
def index() -> ResponseReturnValue:
    """List the versions of every process, newest first, and how many run on each."""
    running = dict(
        db.session.execute(
            select(Instance.definition_id, func.count())
            .where(Instance.ended_at.is_(None))
            .group_by(Instance.definition_id)
        ).all()
    )
    query = (
        select(Definition)
        .options(defer(Definition.files))
        .order_by(Definition.key, Definition.version.desc())
    )
    return render_template("admin/definitions.html", rows=db.session.scalars(query).all(), running=running)


@blueprint.get("/<int:definition_id>")
@allowed("definition.see")
def show(definition_id: int) -> ResponseReturnValue:
    """Show a version with its diagrams and tables."""
    found, files = fetch(definition_id)
    names = sorted(files, key=lambda name: (name.endswith(".dmn"), not name.startswith(found.key), name))
    answer = make_response(render_template("admin/definition.html", definition=found, names=names))
    # The viewer of decision tables (dmn-js) writes style attributes; scripts and style sheets stay ours alone.
    answer.headers["Content-Security-Policy"] = f"{POLICY}; style-src-attr 'unsafe-inline'"
    return answer


@blueprint.get("/<int:definition_id>/<name>")
@allowed("start.see")
def file(definition_id: int, name: str) -> ResponseReturnValue:
    """Hand out one file of a version for the viewer: to those who may see processes or histories, or do their tasks."""
    if not any(may(current_user, action) for action in ("definition.see", "history.see", "inbox.see")):
        raise NotAllowed(_("Your roles do not include this."))
    _found, files = fetch(definition_id)
    if name not in files:
        raise NotFound(_("This version has no such file."))
    content = files[name]
    # The viewer asks for the words of a language; without one the file comes as it is kept.
    if request.args.get("lang") in LANGUAGES:
        with force_locale(request.args["lang"]):
            content = in_other_words(content.encode(), _)
    # Text, never a document of its own: what somebody may have put into the XML is not executed.
    answer = Response(content, mimetype="text/plain")
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    answer.headers["Content-Disposition"] = "attachment"
    return answer


def fetch(definition_id: int) -> tuple[Definition, dict[str, Any]]:
    """Return a version and its files; NotFound when there is none."""
    found = db.session.get(Definition, definition_id)
    if found is None:
        raise NotFound(_("There is no such process version."))
    return found, orjson.loads(found.files)
