"""What steps, service tasks and decisions receive: the one action they are part of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from sqlalchemy.orm import Session

from workflows.errors import EngineError

if TYPE_CHECKING:
    from workflows.definitions import Parsed


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person (None = the system), and on whose behalf when substituting."""

    person_id: int | None = None
    on_behalf_of: int | None = None


SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class TaskRow:
    """The open task an action is about, as the inbox has it."""

    id: int
    task_no: int
    process: str
    node: str
    role: str
    scope: int | None
    subject_id: int
    claimed_by: int | None
    opened_at: datetime
    due_at: datetime | None
    excluded: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who may do a task that opens: role and branch (None = all), until when, and who is excluded.

    With `claimed_by` the task opens in that person's own list, as work sent back to its author does.
    """

    role: str
    scope: int | None = None
    due_at: datetime | None = None
    excluded: tuple[int, ...] = ()
    claimed_by: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One row for the outbox."""

    key: str
    channel: str
    recipient: str
    template: str
    params: str


@dataclass
class Action:
    """One node's part of a transaction. Nothing here commits; credit rows are changed through `session`.

    `definition` is the version of the diagrams that this instance runs on.
    """

    session: Session
    now: datetime
    actor: Actor
    source: str
    instance_id: int
    process: str
    node: str
    subject_id: int
    data: Mapping[str, Any]
    task: TaskRow | None
    key: str
    today_of: Callable[[Session, datetime], date]
    definition: Parsed | None = None
    rule: dict[str, Any] | None = None  # the matched row, while what becomes of a decision is asked
    undoes: list[Mapping[str, Any]] = field(default_factory=list)  # credit rows changed, while taking back
    notes: dict[str, Any] = field(default_factory=dict)
    outbox: list[Message] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The date in the company's time zone."""
        return self.today_of(self.session, self.now)

    def mail(self, to_person_ids: Iterable[int], template: str, **params: Any) -> None:
        """Queue one mail a person in this transaction's outbox; written only if the action commits."""
        self.mail_to((f"person:{person}" for person in to_person_ids), template, **params)

    def mail_to(self, recipients: Iterable[str], template: str, **params: Any) -> list[str]:
        """The same for recipients of any kind that the application's mail knows, written `kind:id`."""
        return self.post("mail", recipients, template, **params)

    def post(self, channel: str, recipients: Iterable[str], template: str, **params: Any) -> list[str]:
        """The same by another channel that the application's outbox knows; returns the keys of the rows."""
        text, keys = orjson.dumps(params, default=str).decode(), []
        for recipient in dict.fromkeys(recipients):
            key = f"{self.key}:{len(self.outbox)}:{template}:{recipient.removeprefix('person:')}"
            self.outbox.append(Message(key, channel, recipient, template, text))
            keys.append(key)
        return keys

    def start_process(self, process: str, **params: Any) -> None:
        """Have another process started after this transaction has committed; the same step asks for it once."""
        text = orjson.dumps(params, default=str).decode()
        key = f"{self.key}:{len(self.outbox)}:start:{process}"
        self.outbox.append(Message(key, "process", process, "start", text))

    def note(self, name: str, **values: Any) -> None:
        """Add a fact to this event's history."""
        self.notes[name] = values


class Handlers(Protocol):
    """The code behind the nodes, given to the engine by the application."""

    def service(self, process: str, node: str) -> Callable[[Action], Mapping[str, Any] | None]:
        """The code of a service task."""

    def inputs(self, process: str, node: str) -> Callable[[Action], Mapping[str, Any]]:
        """What a decision table is asked with."""

    def outputs(
        self, process: str, node: str
    ) -> Callable[[Action, dict[str, Any]], Mapping[str, Any]] | None:
        """What becomes of a decision's row; None: the row itself becomes process data."""

    def assign(self, action: Action, lane: str) -> Assignment:
        """Who may do the user task that opens."""

    def check_person(self, action: Action) -> None:
        """Raise NotAllowed when the actor may not do `action.task`."""

    def principals(self, action: Action, person_id: int) -> Iterable[int]:
        """Whom a person may act for at the time of `action`, besides themselves."""

    def take_back(self, process: str, node: str) -> Callable[[Action], None] | None:
        """What undoes the facts of a user task (`action.undoes`); None: it cannot be taken back."""

    def undo(self, process: str, node: str) -> Callable[[Action], None] | None:
        """What undoes the facts of a service task or decision; None: it cannot be undone."""

    def today(self, session: Session, now: datetime) -> date:
        """The company's date."""


def reads_only(code: Callable[[Action], Mapping[str, Any] | None]) -> Any:
    """Mark the code of a service task that changes nothing: it needs no savepoint, and the engine holds it to that."""
    code.reads_only = True  # type: ignore[attr-defined]
    return code


def check_data(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Only names and plain values reach process data. Raises EngineError naming the culprit."""
    checked = {}
    for name, value in values.items():
        if not name.isidentifier() or name.startswith("_") or name == "typename":
            raise EngineError(f"{where} returned the name {name!r}, which process data does not take.")
        plain = value is None or isinstance(value, str | int | bool)
        plain_list = isinstance(value, list) and all(isinstance(each, str | int | bool) for each in value)
        if not (plain or plain_list):
            raise EngineError(
                f"{where} returned {name} as {type(value).__name__}; text, whole number or list is taken."
            )
        checked[name] = value
    return checked
