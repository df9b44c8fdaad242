"""The task inbox: mine, my groups', done by me."""

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Person
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import holds, own_lanes, substituted
from credit_app.screens.inbox_list import (
    ORDERS,
    address,
    chips,
    filters,
    kinds_of_task,
    narrowed,
    order_of,
    read,
)
from credit_app.screens.inbox_news import news_url
from credit_app.screens.inbox_rows import decorated, preview_rows, tickable
from credit_app.screens.listing import BadParameter
from credit_app.screens.process_words import node_name
from credit_app.screens.subjects import key_of, subjects_of
from workflows import inbox
from workflows.inbox import COUNT_CAP

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

PAGE = 25


@blueprint.get("")
@allowed("inbox.see")
def mine() -> ResponseReturnValue:
    """Show the tasks that the person has claimed."""
    return listing("mine")


@blueprint.get("/groups")
@allowed("inbox.see")
def groups() -> ResponseReturnValue:
    """Show what anybody with the person's roles may take."""
    return listing("groups")


@blueprint.get("/done")
@allowed("inbox.see")
def done() -> ResponseReturnValue:
    """Show what the person has completed, newest first."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise BadParameter(_("This page of the list no longer exists. Please start at the first page."))
    rows = inbox.done_by(db.session(), person().id, int(before) if before else None, PAGE + 1)
    subjects = subjects_of(db.session(), rows)
    return render_template(
        "inbox/done.html",
        tabs=tabs("done"),
        rows=rows[:PAGE],
        subjects={row.history_id: subjects.get(key_of(row)) for row in rows},
        names={row.history_id: node_name(row.process, row.node) for row in rows},
        next_url=url_for("inbox.done", before=rows[PAGE - 1].history_id) if len(rows) > PAGE else None,
    )


@blueprint.get("/<int:task_id>/preview")
@allowed("inbox.see")
def preview(task_id: int) -> ResponseReturnValue:
    """Show a task beside the list, for whoever has it in their list."""
    found = preview_rows(task_id)
    return render_template("inbox/_preview.html", row=found[0] if found else None, others=found[1:])


def listing(tab: str) -> ResponseReturnValue:
    """Answer a list of open tasks with its filters, order and page."""
    order = order_of(tab)
    found = read(tab, order, filters(), request.args.get("after") or None, PAGE + 1)
    page, more = found[:PAGE], len(found) > PAGE
    rows = decorated(page)
    return render_template(
        "inbox/list.html",
        tab=tab,
        tabs=tabs(tab),
        rows=rows,
        news_url=news_url(tab, rows),
        tickable=tickable(rows),
        others=preview_rows(rows[0].id)[1:] if rows else [],
        left_behind=decorated(left_behind()) if tab == "groups" and not narrowed() else [],
        order=order,
        orders=ORDERS,
        kinds=kinds_of_task(),
        chips=chips(),
        narrowed=narrowed(),
        words=request.args.get("q", ""),
        next_url=address(after=page[-1].key) if more else None,
        first_url=address(after=None) if "after" in request.args else None,
    )


def left_behind() -> list[inbox.InboxRow]:
    """Return the group's tasks whose holder can no longer do them: a role lost, an account or substitution ended."""
    session, me = db.session(), person()
    held = inbox.holders(session, own_lanes(me))
    ids = {holder for _role, _scope, holder in held} - {me.id}
    query = select(Person).where(Person.id.in_(ids), Person.active).options(selectinload(Person.roles))
    people = {one.id: one for one in session.scalars(query)}
    lost = [one for one in held if one[2] in ids and not still_holds(people.get(one[2]), one[0], one[1])]
    return inbox.held_by(session, me.id, lost, PAGE) if lost else []


def still_holds(holder: Person | None, role: str, scope: int) -> bool:
    """Tell whether an active person has a lane by their own role, else by somebody they substitute today."""
    if holder is None:
        return False
    return holds(holder, role, scope or None) or any(
        holds(one, role, scope or None) for one in substituted(holder)
    )


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the tabs with their counts."""
    counts = counts_of(person())
    words = {"mine": _("Mine"), "groups": _("My groups"), "watching": _("Watching"), "done": _("Done by me")}
    return [
        {
            "label": label,
            "url": url_for("watching.index" if key == "watching" else f"inbox.{key}"),
            "current": key == current,
            "count": f"{COUNT_CAP - 1}+" if counts.get(key, 0) >= COUNT_CAP else counts.get(key),
        }
        for key, label in words.items()
    ]


def count(me: Any) -> int:
    """Return how many tasks wait for the person, for the navigation."""
    return sum(counts_of(me).values())


def counts_of(me: Any) -> dict[str, int]:
    """Return how many tasks the person has claimed, and how many their groups have; read once a request."""
    known: dict[int, dict[str, int]] = g.setdefault("inbox_counts", {})
    if me.id not in known:
        session = db.session()
        known[me.id] = {
            "mine": inbox.count_mine(session, me.id),
            "groups": inbox.count_groups(session, me.id, own_lanes(me)),
        }
    return known[me.id]
