"""Somebody was faster: every page that acts on a task says who it was and when."""

from flask import Flask, Response
from flask_login import current_user

from credit_app import security
from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Person
from credit_app.screens.present import moment
from workflows import StaleTask


def init_app(app: Flask) -> None:
    """Answer a task that is no longer open."""
    app.register_error_handler(StaleTask, answer)


def answer(stale: StaleTask) -> Response:
    """The error page, with what was typed."""
    return security.refused(StaleTask(who_and_when(stale), stale.by_person, stale.at))


def who_and_when(stale: StaleTask) -> str:
    """Who closed or holds the task, and since when, as a sentence."""
    session = db.session()
    session.rollback()
    by = session.get(Person, stale.by_person) if stale.by_person else None
    if by is None:
        return _("This task is no longer open: the process moved on without it. Nothing of yours was saved.")
    if stale.at is None:
        return _("%(name)s has claimed this task. Nothing of yours was saved.", name=by.name)
    if by.id == getattr(current_user, "id", None) and not stale.unanswered:
        return _("You have already answered this task, %(at)s; that answer counts.", at=moment(stale.at))
    if stale.unanswered:
        return _(
            "This task closed when %(name)s acted, %(at)s: the process moved on. Nothing of yours was saved.",
            name=by.name,
            at=moment(stale.at),
        )
    return _(
        "%(name)s has already decided this task, %(at)s. Nothing of yours was saved.",
        name=by.name,
        at=moment(stale.at),
    )
