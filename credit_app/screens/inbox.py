"""The task inbox: mine, my groups', done by me; claim, put back, delegate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.facts.people import lanes_of
from credit_app.i18n import _
from credit_app.models import CreditApplication, Person
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import actor_for, engine
from credit_app.screens.applications import customer_name, found_by
from credit_app.screens.clock import now, today
from credit_app.screens.customers import grades
from credit_app.screens.listing import BadParameter
from credit_app.screens.process_words import node_name, processes
from credit_app.screens.sessions import safe_next
from workflows import inbox
from workflows.inbox import COUNT_CAP, Filters, InboxRow
from workflows.tables import OpenTask

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

ORDERS = ("oldest", "newest", "due")
PAGE = 25
MOST_SUBJECTS = 500


@dataclass(frozen=True)
class Row:
    """One task as the list shows it."""

    id: int
    what: str
    application: CreditApplication | None
    name: str
    grade: str | None
    role: str
    opened_at: datetime
    due_at: datetime | None
    claimed_by: int | None


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
    subjects = applications_of([row.subject_id for row in rows])
    return render_template(
        "inbox/done.html",
        tabs=tabs("done"),
        rows=rows[:PAGE],
        subjects=subjects,
        names={row.history_id: node_name(row.process, row.node) for row in rows},
        next_url=url_for("inbox.done", before=rows[PAGE - 1].history_id) if len(rows) > PAGE else None,
    )


def listing(tab: str) -> ResponseReturnValue:
    """Answer a list of open tasks with its filters, order and page."""
    order = request.args.get("sort", "due" if tab == "mine" else "oldest")
    if order not in ORDERS:
        raise BadParameter(_("The inbox is sorted by one of: %(names)s.", names=", ".join(ORDERS)))
    found = read(tab, order, filters(), request.args.get("after") or None, PAGE + 1)
    page, more = found[:PAGE], len(found) > PAGE
    return render_template(
        "inbox/list.html",
        tab=tab,
        tabs=tabs(tab),
        rows=decorated(page),
        order=order,
        orders=[(name, address(sort=name, after=None)) for name in ORDERS],
        chips=chips(),
        words=request.args.get("q", ""),
        next_url=address(after=page[-1].key) if more else None,
        first_url=address(after=None) if "after" in request.args else None,
    )


def read(tab: str, order: Any, narrowed: Filters, after: str | None, limit: int) -> list[InboxRow]:
    """Return the rows of a tab."""
    me, session = person(), db.session()
    if tab == "mine":
        return inbox.mine(session, me.id, order, after, limit, narrowed)
    return inbox.of_groups(session, me.id, lanes_of(session, me, today()), order, after, limit, narrowed)


def filters() -> Filters:
    """Return the filters of the address."""
    node, words = request.args.get("node"), request.args.get("q", "").strip()[:100]
    known = {(process, name) for process, name, _label in user_tasks()}
    process = next((found for found, name in known if name == node), None)
    if node and process is None:
        raise BadParameter(_("There is no such kind of task."))
    subjects = None
    if words:
        query = select(CreditApplication.id).outerjoin(CreditApplication.customer).where(found_by(words))
        subjects = list(db.session.scalars(query.limit(MOST_SUBJECTS)))
    overdue = now() if request.args.get("overdue") else None
    return Filters(process=process, node=node, overdue_at=overdue, subjects=subjects)


def user_tasks() -> list[tuple[str, str, str]]:
    """Return every kind of task there is: process, node, name."""
    return [
        (process.id, node.id, node_name(process.id, node.id))
        for process in processes().values()
        for node in process.nodes.values()
        if node.kind == "userTask"
    ]


def address(**changes: str | None) -> str:
    """Return the address of this list with some parameters changed."""
    args: dict[str, Any] = {**request.args.to_dict(), **changes}
    return url_for(request.endpoint or "inbox.mine", **{name: value for name, value in args.items() if value})


def chips() -> list[dict[str, Any]]:
    """Return the filters as chips."""
    node, overdue = request.args.get("node"), request.args.get("overdue")
    items = [
        {
            "label": _("all"),
            "url": address(node=None, overdue=None, after=None),
            "current": not node and not overdue,
        }
    ]
    items.append(
        {
            "label": _("overdue"),
            "url": address(overdue=None if overdue else "1", after=None),
            "current": bool(overdue),
        }
    )
    return items + [
        {
            "label": label,
            "url": address(node=None if name == node else name, after=None),
            "current": name == node,
        }
        for _process, name, label in user_tasks()
    ]


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the tabs with their counts."""
    session, me = db.session(), person()
    counts = {
        "mine": inbox.count_mine(session, me.id),
        "groups": inbox.count_groups(session, me.id, lanes_of(session, me, today())),
    }
    words = {"mine": _("Mine"), "groups": _("My groups"), "done": _("Done by me")}
    return [
        {
            "label": label,
            "url": url_for(f"inbox.{key}"),
            "current": key == current,
            "count": f"{COUNT_CAP - 1}+" if counts.get(key, 0) >= COUNT_CAP else counts.get(key),
        }
        for key, label in words.items()
    ]


def count(me: Any) -> int:
    """Return how many tasks wait for the person, for the navigation."""
    session = db.session()
    return inbox.count_mine(session, me.id) + inbox.count_groups(
        session, me.id, lanes_of(session, me, today())
    )


def applications_of(ids: Sequence[int]) -> dict[int, CreditApplication]:
    """Return the applications behind tasks, by id."""
    query = select(CreditApplication).where(CreditApplication.id.in_(set(ids))).options(*visible.WITH_NAMES)
    return {row.id: row for row in db.session.scalars(query)}


def decorated(rows: Sequence[InboxRow]) -> list[Row]:
    """Return the rows with customer, grade, amount and name of the task."""
    subjects = applications_of([row.subject_id for row in rows])
    letters = grades([one.customer_id for one in subjects.values() if one.customer_id])
    return [one_row(row, subjects.get(row.subject_id), letters) for row in rows]


def one_row(row: InboxRow, subject: CreditApplication | None, letters: dict[int, str]) -> Row:
    """Return one row."""
    return Row(
        id=row.id,
        what=node_name(row.process, row.node),
        application=subject,
        name=customer_name(subject) if subject else "",
        grade=letters.get(subject.customer_id) if subject and subject.customer_id else None,
        role=row.role,
        opened_at=row.opened_at,
        due_at=row.due_at,
        claimed_by=row.claimed_by,
    )


def first_tasks(me: Person) -> list[Row]:
    """Return the first tasks for the start page: own ones, then the groups'."""
    session = db.session()
    own = inbox.mine(session, me.id, "due", None, 8)
    others = (
        inbox.of_groups(session, me.id, lanes_of(session, me, today()), "oldest", None, 8 - len(own))
        if len(own) < 8
        else []
    )
    return decorated([*own, *others])


def actor_of(task_id: int) -> Any:
    """Return in whose name the person acts on a task; the engine says when it is gone."""
    task = db.session.get(OpenTask, task_id)
    return actor_for(person(), task.role if task else "", task.scope if task else None)


@blueprint.post("/<int:task_id>/claim")
@allowed("inbox.see")
def claim(task_id: int) -> ResponseReturnValue:
    """Take a task."""
    engine().claim(db.session(), task_id, actor_of(task_id), "screen:inbox")
    db.session.commit()
    flash(_("The task is yours now."), "success")
    return redirect(safe_next(request.form.get("next") or url_for("tasks.show", task_id=task_id)))


@blueprint.post("/<int:task_id>/put-back")
@allowed("inbox.see")
def put_back(task_id: int) -> ResponseReturnValue:
    """Give a task back to its group."""
    engine().put_back(db.session(), task_id, actor_of(task_id), "screen:inbox")
    db.session.commit()
    flash(_("The task is back with your group."), "success")
    return redirect(url_for("inbox.groups"))


@blueprint.post("/<int:task_id>/delegate")
@allowed("inbox.see")
def delegate(task_id: int) -> ResponseReturnValue:
    """Hand a task to a colleague who may do it."""
    chosen = request.form.get("person_id", "")
    to = (
        db.session.get(Person, int(chosen))
        if chosen.isascii() and chosen.isdigit() and len(chosen) < 19
        else None
    )
    if to is None or not to.active:
        raise BadParameter(_("Please choose a colleague from the list."))
    engine().delegate(db.session(), task_id, to.id, actor_of(task_id), "screen:inbox")
    db.session.commit()
    flash(_("The task is with %(name)s now.", name=to.name), "success")
    return redirect(url_for("inbox.mine"))


@blueprint.get("/<int:task_id>/preview")
@allowed("inbox.see")
def preview(task_id: int) -> ResponseReturnValue:
    """Show a task beside the list, for whoever has it in their list."""
    found = preview_row(task_id)
    return render_template("inbox/_preview.html", row=found)


def preview_row(task_id: int) -> Row | None:
    """Return the row of a task that stands in one of the person's lists, else None."""
    task = db.session.get(OpenTask, task_id)
    me = person()
    if task is None or me.id in task.excluded:
        return None
    if task.claimed_by != me.id and (task.role, task.scope or 0) not in lanes_of(db.session(), me, today()):
        return None
    rows = [row for row in inbox.of_instance(db.session(), task.instance_id) if row.id == task_id]
    return decorated(rows)[0] if rows else None
