"""Taking a decision back: while nobody else has opened the case, for as long as the policy allows."""

from datetime import timedelta
from types import ModuleType
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_app.db import db
from credit_app.domain.policy_values import whole_of
from credit_app.i18n import _
from credit_app.models import CreditApplication, Person, policy_value
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import today
from workflows import Actor, NotFound

blueprint = Blueprint("taking_back", __name__)
MINUTES = "approval.take_back_minutes"


@blueprint.post("/applications/<number>/take-back")
@allowed("inbox.see")
def take_back(number: str) -> ResponseReturnValue:
    """Undo one's own last decision; its task is open again."""
    session, me = db.session(), person()
    application = visible.application(me, number)
    if application.instance_id is None:
        raise NotFound(_("There is nothing to take back."))
    rest = engine().take_back(session, application.instance_id, Actor(me.id), "screen:applications.take_back")
    session.commit()
    flash(_("The decision is taken back; nobody was told of it. Decide anew."), "success")
    return redirect(url_for("tasks.show", task_id=rest.opened[0].id))


def window(session: Session, step: ModuleType) -> timedelta | None:
    """For how long an answer to this step can be taken back; None where it cannot."""
    if not hasattr(step, "take_back"):
        return None
    minutes = whole_of({MINUTES: policy_value(session, MINUTES, today())}, MINUTES)
    return timedelta(minutes=minutes) if minutes > 0 else None


def opened(session: Session, instance_id: int | None) -> None:
    """Somebody looks at the case: a decision of somebody else stands from now on. Commits when that changed it."""
    if instance_id is not None and engine().opened(session, instance_id, Actor(person().id)):
        session.commit()


def offer(application: CreditApplication, me: Person) -> dict[str, Any] | None:
    """The button on the application's page, while it is possible: where to, and until when."""
    if application.instance_id is None:
        return None
    until = engine().may_take_back(db.session(), application.instance_id, Actor(me.id))
    if until is None:
        return None
    return {"url": url_for("taking_back.take_back", number=application.number), "until": until}
