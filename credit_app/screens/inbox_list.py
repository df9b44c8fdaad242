"""A list of open tasks as its address asks for it: tab, order, filters, page."""

from typing import Any

from flask import request, url_for

from credit_app.db import db
from credit_app.facts import following
from credit_app.facts.finding import application_ids
from credit_app.facts.subjects import found_apart
from credit_app.i18n import _, listed
from credit_app.permissions import CREDIT
from credit_app.screens.access import person
from credit_app.screens.acting import own_lanes
from credit_app.screens.clock import now, today
from credit_app.screens.listing import BadParameter
from credit_app.screens.process_words import node_name, process_name, processes
from workflows import inbox
from workflows.inbox import Filters, InboxRow

ORDERS = ("oldest", "newest", "due")
FILTERS = ("task", "overdue", "q")


def order_of(tab: str) -> Any:
    """Return the order of the address. Raises BadParameter."""
    order = request.args.get("sort", "due" if tab == "mine" or request.args.get("overdue") else "oldest")
    if order not in ORDERS:
        raise BadParameter(_("The inbox is sorted by one of: %(names)s.", names=listed(ORDERS)))
    return order


def read(tab: str, order: Any, narrowed: Filters, after: str | None, limit: int) -> list[InboxRow]:
    """Return the rows of a tab."""
    me, session = person(), db.session()
    if tab == "mine":
        return inbox.mine(session, me.id, order, after, limit, narrowed)
    return inbox.of_groups(session, me.id, own_lanes(me), order, after, limit, narrowed)


def filters() -> Filters:
    """Return the filters of the address. Raises BadParameter."""
    task, words = request.args.get("task"), request.args.get("q", "").strip()[:100]
    process, _slash, node = (task or "").partition("/")
    if task and not any(task == value for _name, tasks in kinds_of_task() for value, _label in tasks):
        raise BadParameter(_("There is no such kind of task."))
    return Filters(
        process=process or None,
        node=node or None,
        overdue_at=now() if request.args.get("overdue") else None,
        subjects=application_ids(db.session(), words, today()) if words else None,
        apart=found_apart(db.session(), words) if words else {},
    )


def kinds_of_task() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the kinds of tasks that the person's roles do: process, and 'process/node' with the task's name."""
    roles = {role for role, _scope in own_lanes(person())}
    lanes = roles | ({"approver"} if roles & CREDIT else set())
    found = []
    for process in processes().values():
        tasks = [
            (f"{process.id}/{node.id}", node_name(process.id, node.id))
            for node in process.nodes.values()
            if node.kind == "userTask" and node.lane in lanes
        ]
        if tasks:
            found.append((process_name(process.id), tasks))
    return found


def address(**changes: str | None) -> str:
    """Return the address of this list with some parameters changed."""
    args: dict[str, Any] = {**request.args.to_dict(), **changes}
    return url_for(request.endpoint or "inbox.mine", **{name: value for name, value in args.items() if value})


def chips() -> list[dict[str, Any]]:
    """Return the filters of one click."""
    overdue = request.args.get("overdue")
    plain = dict.fromkeys((*FILTERS, "after"))
    return [
        {"label": _("all"), "url": address(**plain), "current": not narrowed()},
        {
            "label": _("overdue"),
            "url": address(overdue=None if overdue else "1", after=None),
            "current": bool(overdue),
        },
        *follow_up_chip(),
    ]


def follow_up_chip() -> list[dict[str, Any]]:
    """Return the chip that leads to the follow-ups due, when there are any."""
    waiting = following.count_due(db.session(), person().id, today())
    url = url_for("watching.index", due="1")
    return [{"label": _("follow-up due"), "url": url, "current": False, "count": waiting}] if waiting else []


def narrowed() -> bool:
    """Tell whether any filter is on."""
    return any(request.args.get(name) for name in FILTERS)
