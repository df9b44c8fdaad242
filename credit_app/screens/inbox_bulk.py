"""Several approvals at a time, where policy allows: a page to confirm, then one transaction and one result a case."""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from credit_app.db import db
from credit_app.facts import following
from credit_app.facts.application import get_application
from credit_app.facts.bulk import bulk_policy
from credit_app.forms.bulk import BulkForm
from credit_app.i18n import _, said
from credit_app.screens import stale, taking_back
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import today
from credit_app.screens.inbox_rows import Row, decorated
from credit_app.screens.listing import BadParameter
from credit_app.screens.task_access import task_for
from credit_app.screens.tasks import said_of, step_of, told
from workflows import Action, AlreadyAnswered, NotAllowed, Refused, StaleTask, inbox

blueprint = Blueprint("inbox_bulk", __name__, url_prefix="/inbox/bulk")

LONGEST_ID = 18


@dataclass(frozen=True)
class Case:
    """One of several: its row (None when the task is gone), what became of it or why not, its version."""

    task_id: int
    row: Row | None
    version: int = 0
    done: bool = False
    text: str = ""


@blueprint.post("")
@allowed("inbox.see")
def confirm() -> ResponseReturnValue:
    """Show every chosen case with amount and grade before anything is decided."""
    return page([looked_at(number) for number in chosen_ids()], BulkForm(formdata=None))


@blueprint.post("/approve")
@allowed("inbox.see")
def approve() -> ResponseReturnValue:
    """Approve the cases one after the other, each in its own transaction; those that fail stay selected."""
    numbers, form = chosen_ids(), BulkForm()
    if not form.validate():
        return page([looked_at(number) for number in numbers], form), 422
    batch = (form.batch.data or "")[:32] or secrets.token_urlsafe(16)
    rows = {number: seen_row(number) for number in numbers}
    results = [decided(number, rows[number], form.reason.data, f"{batch}-{number}") for number in numbers]
    left = {case.task_id for case in results if not case.done and inbox.task(db.session(), case.task_id)}
    return render_template("inbox/bulk_result.html", cases=results, left=left)


def page(cases: list[Case], form: BulkForm) -> str:
    """Return the page to confirm; a new batch gets new request keys."""
    form.batch.data = form.batch.data or secrets.token_urlsafe(16)
    possible = [case for case in cases if not case.text]
    return render_template("inbox/bulk.html", cases=cases, possible=possible, form=form)


def chosen_ids() -> list[int]:
    """Return the chosen tasks, each once. Raises BadParameter for none, or more than policy allows."""
    texts = request.form.getlist("task_id")
    numbers = list(
        dict.fromkeys(int(one) for one in texts if one.isascii() and one.isdigit() and len(one) <= LONGEST_ID)
    )
    if not numbers:
        raise BadParameter(_("Choose the cases first: tick them in the list."))
    most = bulk_policy(db.session(), today()).most
    if len(numbers) > most:
        raise BadParameter(_("At most %(most)s cases are decided at a time.", most=most))
    return numbers


def row_of(number: int) -> Row | None:
    """Return the task as lists show it; None when it is no longer open."""
    task = inbox.task(db.session(), number)
    return decorated([task])[0] if task is not None else None


def looked_at(number: int) -> Case:
    """Return a case as it stands before the decision, with the reason why not when there is one."""
    session = db.session()
    try:
        _actor, action = task_for(session, number)
        taking_back.opened(session, action.instance_id)
        row = row_of(number)
        version = get_application(session, action.subject_id).version
        answer_of(action, version, "")
    except StaleTask as error:
        return Case(number, None, text=stale.who_and_when(error))
    except Refused as error:
        return Case(number, seen_row(number), text=said(error))
    return Case(number, row, version)


def seen_row(number: int) -> Row | None:
    """Return the row of a task that the person may see at all: a number that was guessed gives nothing away."""
    try:
        task_for(db.session(), number, past_claim=True)
    except Refused:
        return None
    return row_of(number)


def answer_of(action: Action, version: int, reason: str) -> Any:
    """Return the step's answer for a decision among others. Raises NotAllowed where it takes none."""
    bulk = getattr(step_of(action), "bulk", None)
    if bulk is None:
        raise NotAllowed(_("This task is done on its own page."))
    return bulk(action, version, reason)


def decided(number: int, row: Row | None, reason: str, key: str) -> Case:
    """Approve one case and commit; whatever stands against it becomes its result."""
    session = db.session()
    typed = request.form.get(f"version-{number}", "")
    version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    try:
        actor, action = task_for(session, number, key)
        step = step_of(action)
        rest = engine().complete(
            session, number, actor, "screen:bulk",
            lambda locked: step.complete(locked, answer_of(locked, version, reason)), key,
            taking_back.window(session, step),
        )  # fmt: skip
        following.watch(session, person().id, action.subject_id)
        session.commit()
        return Case(number, row, done=True, text=said_of(session, rest))
    except AlreadyAnswered:
        session.rollback()
        return Case(number, row, done=True, text=_("This was already recorded; nothing was done twice."))
    except StaleTask as error:
        return Case(number, row, text=stale.who_and_when(error))
    except (Refused, StaleDataError) as error:
        refused = said(told(error))
        session.rollback()
        return Case(number, seen_row(number), text=refused)
