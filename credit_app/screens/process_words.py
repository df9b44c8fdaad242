"""What the diagrams call things, and what the history's events are called, in words for people."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from credit_app.i18n import _, _l, listed, said, value_said
from credit_app.screens.column_words import COLUMN_WORDS, LEDGER_WORDS, TABLE_WORDS, hidden
from credit_app.screens.words import role_word
from workflows.definitions import Node, Process

KIND_WORDS = {
    "started": _l("Process started"),
    "ended": _l("Process ended"),
    "cancelled": _l("Process cancelled"),
    "claimed": _l("Claimed"),
    "taken_over": _l("Taken over from somebody who may no longer do it"),
    "commented": _l("Comment"),
    "put_back": _l("Put back"),
    "case_taken": _l("Case taken"),
    "handed_over": _l("Given to another collector"),
    "case_paused": _l("Paused by hand"),
    "pause_ended": _l("Pause ended by hand"),
    "move_retried": _l("Move of the case tried again by hand"),
    "delegated": _l("Delegated"),
    "reassigned": _l("Passed to another level"),
    "taken_back": _l("Decision taken back"),
    "task_opened": _l("Task opened"),
    "task_cancelled": _l("Task ended without an answer"),
    "timer_fired": _l("Time ran out"),
    "message": _l("Message received"),
    "parked": _l("Failed, will be tried again"),
    "failed": _l("Failed, will be tried again"),
}
TONES = {
    "started": "accent",
    "task_completed": "accent",
    "ended": "green",
    "cancelled": "red",
    "timer_fired": "amber",
    "parked": "red",
    "failed": "red",
    "reassigned": "amber",
    "handed_over": "amber",
    "case_paused": "amber",
    "taken_back": "amber",
    "taken_over": "amber",
}


# What an event keeps for the diagram or for the program.
UNSAID = ("changes", "path", "request")


def processes() -> Mapping[str, Process]:
    """Return the processes as drawn."""
    found: Mapping[str, Process] = current_app.extensions["registry"].processes
    return found


def node_of(process: str, node: str | None) -> Node | None:
    """Return a node as drawn, None when the drawing (today's) has no such node."""
    drawn = processes().get(process)
    return drawn.nodes.get(node) if drawn and node else None


def node_name(process: str, node: str | None) -> str:
    """Return a node's name in the reader's language; nodes that are gone keep their id."""
    found = node_of(process, node)
    return _(found.name) if found and found.name else _((node or "").replace("_", " ").capitalize())


def process_name(process: str) -> str:
    """Return a process's name in the reader's language."""
    found = processes().get(process)
    return _(found.name) if found and found.name else _(process.replace("_", " ").capitalize())


def event_title(kind: str, process: str, node: str | None) -> str:
    """Return what happened, in words: the node's name for work done, else the kind of event with it."""
    name = node_name(process, node) if node else process_name(process)
    if kind in ("task_completed", "service_run", "decided"):
        return name
    word = str(KIND_WORDS.get(kind) or kind.replace("_", " ").capitalize())
    return _("%(what)s: %(name)s", what=word, name=name)


def column_word(name: str) -> str:
    """Return a column or data name in words."""
    return str(COLUMN_WORDS.get(name) or name.replace("_", " ").capitalize())


def rows_word(rows: str | None) -> str:
    """Return the rows that a figure was read from (“finding 4, finding 7”) by the names of their tables."""
    parts = [row.partition(" ") for row in (rows or "").split(", ")]
    named = [
        (str(TABLE_WORDS.get(table) or LEDGER_WORDS.get(table) or table), number)
        for table, _blank, number in parts
    ]
    return listed(f"{word} {number}".strip() for word, number in named)


def changes_of(payload: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return before → after of every credit row that an event changed: {label, before, after}."""
    rows: list[dict[str, Any]] = []
    for change in (payload or {}).get("changes", []):
        table = str(TABLE_WORDS.get(change["table"]) or change["table"])
        before, after = change.get("before") or {}, change.get("after") or {}
        rows += [
            {
                "label": _("%(what)s: %(name)s", what=table, name=column_word(name)),
                "before": shown(code_name(change["table"], name), before.get(name)),
                "after": shown(code_name(change["table"], name), after.get(name)),
            }
            for name in {**before, **after}
            if shows(name, after)
        ]
    return rows


def code_name(table: str, column: str) -> str:
    """Return under which name the codes of a column have their words: its own, where a table needs one."""
    own = f"{table}.{column}"
    return own if own in current_app.extensions["sentence_words"] else column


def shows(name: str, after: Mapping[str, Any]) -> bool:
    """Tell whether a change says something: no numbers of rows, no nested facts, no English beside its sentences."""
    if hidden(name) or (name == "note" and after.get("reasons")):
        return False
    value = after.get(name)
    return not isinstance(value, dict | list) or name == "reasons"


def shown(name: str, value: Any) -> str | None:
    """Return a stored value of a column as text: codes by their word, days as the house writes them."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value_said(name, value))


def details_of(payload: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return an event's own facts (inputs, rule, outputs, data) as label and text."""
    pairs: list[tuple[str, str]] = []
    for name, value in (payload or {}).items():
        if name in UNSAID:
            continue
        steps = name == "to" and isinstance(value, list)
        said_value = [node_name(*step) for step in passed(value)] if steps else value
        pairs += flat(name, column_word(name), said_value)
    return pairs


def passed(steps: list[Any]) -> list[list[str]]:
    """Return process and node of each step that has a name for people."""
    pairs = [str(step).split("/", 1) for step in steps]
    return [pair for pair in pairs if len(pair) == 2 and (found := node_of(*pair)) and found.name]


def flat(name: str, label: str, value: Any) -> list[tuple[str, str]]:
    """Return nested facts as one line each."""
    if isinstance(value, Mapping) and "template" in value:
        return [(label, said(value))]
    if isinstance(value, Mapping):
        return [
            pair
            for key, inner in value.items()
            if not hidden(str(key))
            for pair in flat(str(key), nested(name, label, str(key)), inner)
        ]
    if isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        return [(label, row_text(one)) for one in value if isinstance(one, Mapping)]
    if isinstance(value, list):
        text = " → ".join(shown(name, one) or "–" for one in value)
        return [(label, text)]
    return [(label, shown(name, value) or "–")]


def nested(outer: str, label: str, name: str) -> str:
    """Return the label of a fact within another one; that it is data or a note of the process says nothing more."""
    word = column_word(name)
    return word if outer in ("data", "notes") else _("%(what)s: %(name)s", what=label, name=word)


def row_text(row: Mapping[str, Any]) -> str:
    """Return one of several facts of a kind in a line: a task that opened by its name and role, else all its values."""
    if "template" in row:
        return said(row)
    if "process" in row and "node" in row:
        return listed([node_name(row["process"], row["node"]), role_word(row["role"])])
    return listed(f"{column_word(name).lower()} {shown(name, value) or '–'}" for name, value in row.items())
