"""The inbox tab of the applications that a person watches, with days to come back to them."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts import following
from credit_app.facts.following import Watched
from credit_app.i18n import _
from credit_app.models import CreditApplication, FollowUp
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.customers import grades
from credit_app.screens.inbox import tabs
from credit_app.screens.inbox_list import address
from credit_app.screens.inbox_rows import applications_of
from credit_app.screens.listing import BadParameter
from credit_app.screens.process_words import node_name
from workflows import inbox

blueprint = Blueprint("watching", __name__, url_prefix="/inbox/watching")

PAGE = 25


@blueprint.get("")
@allowed("inbox.see")
def index() -> ResponseReturnValue:
    """Show the applications that the person watches, the newest first."""
    session, me = db.session(), person()
    ids = following.watched_ids(session, me.id, narrowed(), PAGE + 1)
    shown = list(ids[:PAGE])
    seen = applications_of(shown, visible.applications(me))
    rows = [seen[number] for number in shown if number in seen]
    return render_template(
        "inbox/watching.html",
        tabs=tabs("watching"),
        rows=rows,
        grades=grades([row.customer_id for row in rows if row.customer_id]),
        next_steps=steps_of(rows),
        follow_ups=follow_ups_of(rows),
        chips=chips(),
        next_url=address(before=str(shown[-1])) if len(ids) > PAGE else None,
        first_url=address(before=None) if "before" in request.args else None,
    )


def narrowed() -> Watched:
    """Return the filters of the address. Raises BadParameter."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise BadParameter(_("This page of the list no longer exists. Please start at the first page."))
    return Watched(
        ended=bool(request.args.get("ended")),
        follow_up_by=today() if request.args.get("due") else None,
        before=int(before) if before else None,
    )


def steps_of(rows: list[CreditApplication]) -> dict[int, list[str]]:
    """Return what each application waits for, by its id; each kind of task once."""
    instances = {row.instance_id: row.id for row in rows if row.instance_id is not None}
    found: dict[int, dict[str, None]] = {}
    for task in inbox.of_instances(db.session(), list(instances)):
        found.setdefault(instances[task.instance_id], {})[node_name(task.process, task.node)] = None
    return {number: list(names) for number, names in found.items()}


def follow_ups_of(rows: list[CreditApplication]) -> dict[int, FollowUp]:
    """Return the person's next follow-up of each application."""
    found: dict[int, FollowUp] = {}
    for row in following.open_follow_ups(db.session(), person().id, [one.id for one in rows]):
        found.setdefault(row.application_id, row)
    return found


def chips() -> list[dict[str, Any]]:
    """Return the filters of one click."""
    due, ended = request.args.get("due"), request.args.get("ended")
    waiting = following.count_due(db.session(), person().id, today())
    return [
        {"label": _("running"), "url": url_for("watching.index"), "current": not due and not ended},
        {
            "label": _("follow-up due"),
            "url": address(due=None if due else "1", before=None),
            "current": bool(due),
            "count": waiting or None,
        },
        {
            "label": _("ended too"),
            "url": address(ended=None if ended else "1", before=None),
            "current": bool(ended),
        },
    ]
