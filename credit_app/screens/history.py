"""The auditor's page: everything that happened in one process, as timeline and on the diagram."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from credit_app.db import db
from credit_app.i18n import _, choose_zone
from credit_app.models import Person
from credit_app.screens import process_view, taking_back
from credit_app.screens.access import allowed
from credit_app.screens.acting import may
from credit_app.screens.process_words import (
    KIND_WORDS,
    TONES,
    changes_of,
    details_of,
    event_title,
    node_name,
    process_name,
)
from credit_app.screens.subjects import Subject, of_instance
from workflows import NotFound, history, inbox
from workflows.definitions import Parsed
from workflows.tables import Definition, Instance

# What the system does by itself once a person or the clock has set it off.
OF_SYSTEM = ("service_run", "decided", "ended")

blueprint = Blueprint("history", __name__, url_prefix="/history")


@blueprint.get("/<int:instance_id>")
@allowed("history.see")
def instance(instance_id: int) -> ResponseReturnValue:
    """Show the history of one process to those who may see its application."""
    found, subject = fetch(instance_id)
    session = db.session()
    taking_back.opened(session, found.id)
    events = history.timeline(session, found.id)
    picture = drawing(found, events)
    rows, broken = history.verify(session, found.id)
    names = names_of(events)
    return render_template(
        "history/instance.html",
        instance=found,
        subject=subject,
        name=subject.name,
        definition=session.get(Definition, found.definition_id),
        events=[shown(event, names) for event in chosen(events)],
        all_events=len(events),
        people=sorted(names.items(), key=lambda item: item[1]),
        kinds=[(kind, kind_word(kind)) for kind in sorted({event["kind"] for event in events})],
        picture=picture,
        picture_tabs=picture_tabs(picture, found.id),
        steps=steps(events, picture["process"]),
        chain={"rows": rows, "broken": broken},
    )


def fetch(instance_id: int) -> tuple[Instance, Subject]:
    """Return an instance and what it is about; NotFound when it is not this person's to see."""
    found = db.session.get(Instance, instance_id)
    subject = of_instance(db.session(), found.process, instance_id) if found is not None else None
    if found is None or subject is None:
        raise NotFound(_("There is no such history, or it is not yours to see."))
    return found, subject


def drawing(found: Instance, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one diagram (asked for, else the one with the token) with its live nodes and the way taken."""
    waiting = inbox.of_instance(db.session(), found.id)
    parsed = process_view.definition_of(db.session(), found.id)
    names = below(parsed, found.process)
    live = waiting[0].process if waiting else found.process
    asked = request.args.get("process")
    process = asked if asked in names else live
    way = [pair for event in events for pair in process_view.nodes_of(event)]
    tokens = [task.node for task in waiting if task.process == process]
    if waiting and process != live:
        tokens = [
            node for node, called in parsed.processes[process].called.items() if live in below(parsed, called)
        ]
    return {
        "process": process,
        "processes": names,
        "xml_url": url_for("definitions.file", definition_id=found.definition_id, name=f"{process}.bpmn"),
        "live": tokens,
        "visited": process_view.taken(parsed, process, way, tokens),
    }


def below(parsed: Parsed, process: str) -> list[str]:
    """Return a process and those it calls in this version of it, in the order they are called."""
    found: list[str] = []
    waiting = [process]
    while waiting:
        current = waiting.pop(0)
        if current not in found and current in parsed.processes:
            found.append(current)
            waiting.extend(sorted(parsed.processes[current].calls))
    return found


def chosen(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the events that the filters of the address leave: person, kind, node."""
    who, kind, node = request.args.get("person", ""), request.args.get("kind"), request.args.get("node")
    return [
        event
        for event in events
        if (not who or str(event["actor_id"] or "system") == who)
        and (not kind or event["kind"] == kind)
        and (not node or event["node"] == node)
    ]


def names_of(events: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Return the names of everybody in the events."""
    ids = {
        event[column]
        for event in events
        for column in ("actor_id", "on_behalf_of", "erased_by")
        if event[column]
    }
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())


def shown(event: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """Return an event as components/page.html timeline() takes it."""
    payload = event["payload"]
    details = details_of(payload)
    if event["erased_ground"]:
        details = [
            (_("Erased by law"), event["erased_ground"]),
            (_("Erased by"), names.get(event["erased_by"], "–")),
        ]
    return {
        "id": event["seq"],
        "at": event["at"],
        "title": event_title(event["kind"], event["process"], event["node"]),
        "who": _("System") if event["kind"] in OF_SYSTEM else names.get(event["actor_id"]) or _("System"),
        "behalf": None if event["kind"] in OF_SYSTEM else names.get(event["on_behalf_of"]),
        "tone": TONES.get(event["kind"], ""),
        "source": source_word(event, names),
        "node": event["node"],
        "process": event["process"],
        "changes": changes_of(payload),
        "links": links_of(event),
        "details": details,
    }


def links_of(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return where an event leads: the receipt of a decision, the table that decided, the policy in force then."""
    payload, found = event["payload"] or {}, []
    for change in payload.get("changes", []):
        if change["table"] == "decision_receipt" and change.get("id"):
            found.append((_("Receipt of the decision"), url_for("receipts.show", receipt_id=change["id"])))
    if event["kind"] == "decided" and may(current_user, "policy.see"):
        rule, day = payload.get("rule") or {}, event["at"].astimezone(ZoneInfo(choose_zone())).date()
        if rule.get("decision"):
            address = url_for("matrices.show", decision=rule["decision"], version=rule.get("version", 0))
            found.append((_("The table that decided"), address))
        found.append((_("Policy in force then"), url_for("policy.on", day=day.isoformat())))
    return found


def source_word(event: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Return from where somebody acted, or what set the system to work."""
    place, _colon, rest = event["source"].partition(":")
    by = names.get(event["actor_id"])
    if event["kind"] in OF_SYSTEM and by:
        return _("set off by %(name)s", name=by)
    process, _slash, node = rest.partition("/")
    if place == "screen" and node:
        return _("on the page “%(name)s”", name=node_name(process, node))
    if event["source"] == "screen:bulk":
        return _("together with others")
    words = {
        "screen": _("on a page"),
        "job": _("by the worker"),
        "timer": _("by the clock"),
        "demo": _("from the demonstration"),
    }
    return str(words.get(place) or event["source"])


def steps(events: Sequence[dict[str, Any]], process: str) -> list[dict[str, Any]]:
    """Return the replay of one diagram: per event the nodes passed on it."""
    found = []
    for event in events:
        path = [node for name, node in process_view.nodes_of(event) if name == process]
        if path:
            found.append({"seq": event["seq"], "node": path[-1], "path": path})
    return found


def picture_tabs(picture: Mapping[str, Any], instance_id: int) -> list[dict[str, Any]]:
    """Return a tab for each diagram of the process."""
    return [
        {
            "label": process_name(name),
            "url": url_for("history.instance", instance_id=instance_id, process=name),
            "current": name == picture["process"],
        }
        for name in picture["processes"]
    ]


def kind_word(kind: str) -> str:
    """Return a kind of event in words."""
    words = {
        "task_completed": _("Work of people"),
        "service_run": _("Work of the system"),
        "decided": _("Decision table"),
    }
    return str(words.get(kind) or KIND_WORDS.get(kind) or kind.replace("_", " "))
