"""The nightly run of collection: how far it is, how the last ones went, and what could not be moved."""

import time
from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import joinedload

from credit_app import collecting
from credit_app.db import db
from credit_app.facts.nightly import Night, count_resting, nights, resting
from credit_app.i18n import _, ngettext, said
from credit_app.models import CollectionRun, Customer
from credit_app.nightly import try_again
from credit_app.permissions import branches_of
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import today
from credit_app.screens.collection import blueprint
from workflows import NotFound, Refused

SILENT = timedelta(minutes=2)
BUSY = (
    "OperationalError",
    "InterfaceError",
    "TimeoutError",
)  # what the program keeps of an error begins with its kind


@blueprint.get("/runs")
@allowed("collection.runs")
def runs() -> ResponseReturnValue:
    """Show the run of today, the last ones, and what rests of the branches that the signed-in person leads."""
    session, leads = db.session(), may(person(), "collection.lead")
    found = nights(session)
    now_at_work = found[0] if found and found[0].run.day == today() else None
    return render_template(
        "collection/runs.html",
        nights=found,
        night=now_at_work,
        run=now_at_work.run if now_at_work else None,
        left=now_at_work.left if now_at_work else 0,
        missed=missed(found),
        silent=silent_minutes(),
        leads=leads,
        resting=resting(session, led()) if leads else [],
        resting_count=count_resting(session, led() if leads else true()),
        error_said=error_said,
    )


@blueprint.get("/runs/<int:run_id>/progress")
@allowed("collection.runs")
def run_progress(run_id: int) -> ResponseReturnValue:
    """Answer how far a run is; once it is over, have the whole page shown anew."""
    session = db.session()
    run = session.get(CollectionRun, run_id, options=[joinedload(CollectionRun.asker)])
    if run is None:
        raise NotFound(_("This run does not exist."))
    left = run.found - collecting.progress_of(session, run)
    page = render_template("collection/_run_progress.html", run=run, left=left)
    return page, 200, {} if run.ended_at is None else {"HX-Refresh": "true"}


@blueprint.post("/runs")
@allowed("collection.runs")
def ask_run() -> ResponseReturnValue:
    """Have the worker look at every account now."""
    try:
        collecting.ask_run(db.session(), person().id)
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        flash(said(error), "error")
    else:
        flash(_("The worker looks at every account within seconds."), "success")
    return redirect(url_for("collection.runs"))


@blueprint.post("/runs/retry/<number>")
@allowed("collection.lead")
def retry_move(number: str) -> ResponseReturnValue:
    """Have what rests of a customer tried again."""
    session = db.session()
    customer = session.scalar(select(Customer).where(Customer.number == number))
    if customer is None:
        raise NotFound(_("There is no customer %(number)s.", number=number[:40]))
    check("collection.lead", customer)
    try:
        try_again(session, engine(), customer, person().id)
        session.commit()
    except Refused as error:
        session.rollback()
        flash(said(error), "error")
    else:
        flash(_("It is tried again within seconds. Should it fail again, it comes back here."), "success")
    return redirect(url_for("collection.runs"))


# --- inside -------------------------------------------------------------------------------------------------------


def led() -> ColumnElement[bool]:
    """Customers of the branches that the signed-in person leads."""
    branches = branches_of(person(), ("credit_manager",))
    return true() if branches is None else or_(Customer.branch_id.is_(None), Customer.branch_id.in_(branches))


def missed(found: list[Night]) -> list[Any]:
    """The days between the last run and today on which none was made."""
    if not found or found[0].run.day >= today():
        return []
    return [found[0].run.day + timedelta(days=one) for one in range(1, (today() - found[0].run.day).days)]


def silent_minutes() -> int | None:
    """For how many minutes the worker of this machine has given no sign of life; None when it works or is not here."""
    path = current_app.extensions["config"].var / "worker.heartbeat"
    try:
        last = float(path.read_text())
    except (OSError, ValueError):
        return None
    silent = timedelta(seconds=time.time() - last)
    return int(silent.total_seconds() // 60) if silent > SILENT else None


def error_said(error: str) -> str:
    """What went wrong, for people; `error` is its kind and its text as the worker kept them."""
    kind, _colon, text = error.partition(": ")
    if kind in BUSY:
        return _("The database did not answer in time, or somebody else held the case.")
    if kind in refusals(Refused):
        return _("A rule did not let it be moved: %(why)s", why=text)
    return _("An error of the program; whoever operates it finds more in the log of the worker.")


def refusals(kind: type[Refused]) -> set[str]:
    """The names of a kind of refusal and of all kinds below it."""
    return {kind.__name__}.union(*(refusals(one) for one in kind.__subclasses__()))


def told_of_resting() -> str | None:
    """One sentence for the team view, when something rests."""
    count = count_resting(db.session(), led())
    if not count:
        return None
    words = ngettext(
        "%(num)s case could not be moved and waits for you.",
        "%(num)s cases could not be moved and wait for you.",
        count,
    )
    return str(words)
