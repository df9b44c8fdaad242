"""What one may do with a task of the inbox without opening it: claim, take over, put back, delegate."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Person
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine
from credit_app.screens.listing import BadParameter
from credit_app.screens.sessions import safe_next
from credit_app.screens.task_access import is_personal, task_for
from workflows import Action, Actor, Conflict, NotAllowed

blueprint = Blueprint("inbox_acts", __name__, url_prefix="/inbox")

SOURCE = "screen:inbox"


@blueprint.post("/<int:task_id>/claim")
@allowed("inbox.see")
def claim(task_id: int) -> ResponseReturnValue:
    """Take a task; also from somebody who may no longer do it."""
    session = db.session()
    actor, action = task_for(session, task_id, past_claim=True)
    refuse_personal(action)
    engine().claim(session, task_id, actor, SOURCE)
    session.commit()
    flash(_("The task is yours now."), "success")
    return redirect(safe_next(request.form.get("next") or url_for("tasks.show", task_id=task_id)))


@blueprint.post("/<int:task_id>/put-back")
@allowed("inbox.see")
def put_back(task_id: int) -> ResponseReturnValue:
    """Give a task back to its group."""
    session = db.session()
    try:
        actor, action = task_for(session, task_id)
        refuse_personal(action)
    except NotAllowed:
        actor = Actor(person().id)  # whoever lost the role may still let go of the task
    engine().put_back(session, task_id, actor, SOURCE)
    session.commit()
    flash(_("The task is back with your group."), "success")
    return redirect(url_for("inbox.groups"))


@blueprint.post("/<int:task_id>/delegate")
@allowed("inbox.see")
def delegate(task_id: int) -> ResponseReturnValue:
    """Hand a task to a colleague who may do it."""
    session, to = db.session(), chosen_person()
    actor, action = task_for(session, task_id, past_claim=True)
    refuse_personal(action)
    engine().delegate(session, task_id, to.id, actor, SOURCE)
    session.commit()
    flash(_("The task is with %(name)s now.", name=to.name), "success")
    return redirect(url_for("inbox.mine"))


def refuse_personal(action: Action) -> None:
    """Raise Conflict for a task that was asked of one person by name, or is its author's own draft."""
    if is_personal(action.process, action.node):
        raise Conflict(_("This was asked of one person by name; it is neither put back nor handed on."))


def chosen_person() -> Person:
    """Return the colleague that the form names. Raises BadParameter."""
    chosen = request.form.get("person_id", "")
    number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None
    found = db.session.get(Person, number) if number is not None else None
    if found is None or not found.active:
        raise BadParameter(_("Please choose a colleague from the list."))
    return found
