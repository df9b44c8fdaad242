"""What the engine says of an application, in the words of a page: levels, next steps, the live diagram."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, url_for
from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.db import db
from credit_app.facts.people import eligible
from credit_app.i18n import _, listed
from credit_app.models import CreditApplication, Person
from credit_app.screens import levels, withdrawing
from credit_app.screens.acting import holds, may, substituted
from credit_app.screens.process_words import node_name
from credit_app.screens.words import role_word
from workflows import history, inbox
from workflows.definitions import Parsed

MOST_NAMES = 4


def application_process(application: CreditApplication, person: Person) -> dict[str, Any] | None:
    """The process of an application for its page; None before there is one."""
    if application.instance_id is None:
        return None
    session = db.session()
    open_tasks = inbox.of_instance(session, application.instance_id)
    own = next((task for task in open_tasks if may_open(task, person)), None)
    see_history = may(person, "history.see")
    withdraw = withdrawing.may(application, person)
    return diagram(session, application.instance_id, open_tasks) | {
        "levels": levels.of_application(session, application, open_tasks),
        "next": next_steps(session, application, open_tasks),
        "history_url": url_for("history.instance", instance_id=application.instance_id)
        if see_history
        else None,
        "task_url": url_for("tasks.show", task_id=own.id) if own else None,
        "task_label": node_name(own.process, own.node) if own else None,
        "withdraw_url": url_for("applications_flow.withdraw", number=application.number)
        if withdraw
        else None,
    }


def may_open(task: inbox.InboxRow, person: Person) -> bool:
    """Whether the button to this task is worth showing to the person; its page checks everything again."""
    if person.id in task.excluded:
        return False
    return any(
        holds(one, task.role, task.scope)
        and one.id not in task.excluded
        and task.claimed_by in (None, person.id, one.id)
        for one in (person, *substituted(person))
    )


def next_steps(
    session: Session, application: CreditApplication, open_tasks: Sequence[inbox.InboxRow]
) -> list[dict[str, Any]]:
    """What happens next: one entry for each kind of open task, however many people do it (votes, opinions)."""
    groups: dict[tuple[str, str, str], list[inbox.InboxRow]] = {}
    for task in open_tasks:
        groups.setdefault((task.process, task.node, task.role), []).append(task)
    return [next_step(session, application, tasks) for tasks in groups.values()]


def next_step(
    session: Session, application: CreditApplication, tasks: Sequence[inbox.InboxRow]
) -> dict[str, Any]:
    """Open tasks of one kind: what, who may do them, by when."""
    first = tasks[0]
    ids = sorted({task.claimed_by for task in tasks if task.claimed_by is not None})
    if not ids and first.node == "decide_limit":
        ids = sorted(eligible(session, application, first.role))
    people = [session.get(Person, identifier) for identifier in ids[:MOST_NAMES]]
    names = listed(one.name for one in people if one is not None)
    role = role_word(first.role)
    who = _("%(what)s: %(name)s", what=role, name=names) if names else role
    dues = [task.due_at for task in tasks if task.due_at is not None]
    return {
        "label": node_name(first.process, first.node),
        "count": len(tasks),
        "who": who,
        "due_at": min(dues, default=None),
    }


def diagram(session: Session, instance_id: int, open_tasks: Sequence[inbox.InboxRow]) -> dict[str, Any]:
    """The drawing to show, with live and visited nodes: that of the called process where the token is."""
    parsed = definition_of(session, instance_id)
    shown = open_tasks[0].process if open_tasks else parsed.key
    live = [task.node for task in open_tasks if task.process == shown]
    return {
        "bpmn_url": url_for("definitions.file", definition_id=parsed.id, name=f"{shown}.bpmn"),
        "process": shown,
        "live": live,
        "visited": taken(parsed, shown, path_of(session, instance_id), live),
    }


def taken(parsed: Parsed, process: str, way: Sequence[tuple[str, str]], live: Sequence[str]) -> list[str]:
    """Ids of the nodes passed in one diagram and of the flows taken between them.

    A node was reached over the flow from that one of its predecessors that was passed last before it.
    """
    order = [node for name, node in way if name == process]
    flows = parsed.processes[process].flows
    hosts = parsed.processes[process].hosts
    passed: dict[str, int] = {}
    found: dict[str, None] = {}
    for place, node in enumerate([*order, *live]):
        before = [flow for flow in flows if flow.target == node and flow.source in passed]
        if before:
            found[max(before, key=lambda flow: passed[flow.source]).id] = None
        if node in hosts:  # a boundary event is reached from the task it sits on, without a flow
            passed.setdefault(hosts[node], place)
        if node not in live or node in order:
            found[node] = None
        passed[node] = place
    return list(found)


def definition_of(session: Session, instance_id: int) -> Parsed:
    """The definition version that an instance runs on."""
    query = text("SELECT definition_id FROM instance WHERE id = :id")
    number = session.execute(query, {"id": instance_id}).scalar_one()
    parsed: Parsed = current_app.extensions["engine"].definitions.get(session, number)
    return parsed


def path_of(session: Session, instance_id: int) -> list[tuple[str, str]]:
    """Every node passed so far, in order, as (process, node)."""
    events = history.timeline(session, instance_id, less=history.HANDINGS)
    return [pair for event in events for pair in nodes_of(event)]


def nodes_of(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The nodes that one event passed: before it, its own, after it."""
    payload = event["payload"] or {}
    before = [split(name) for name in payload.get("path", [])]
    after = [split(name) for name in payload.get("to", [])]
    moves = event["node"] and event["kind"] not in history.HANDINGS
    return [*before, *([(event["process"], event["node"])] if moves else []), *after]


def split(name: str) -> tuple[str, str]:
    """'process/node' as a pair."""
    process, _slash, node = name.partition("/")
    return process, node
