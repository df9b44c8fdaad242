"""What can go wrong, one class each with the one sentence that the person in front of the screen reads."""

from __future__ import annotations

from datetime import datetime


class Refused(Exception):
    """An action that a rule does not allow: never an incident. `sentence` says what and what is accepted."""

    status = 422

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class InvalidAnswer(Refused):
    """One field of a form is wrong; the form is shown again with what was typed."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class NotAllowed(Refused):
    """This person may not do this: wrong role, own application, another branch …"""

    status = 403


class NotFound(Refused):
    """Nothing with that number exists, or it is not this person's to see."""

    status = 404


class Conflict(Refused):
    """Somebody or something was faster; nothing was changed."""

    status = 409


class StaleTask(Conflict):
    """The task is no longer open: `by_person` (id, None = the system) closed it `at` that instant."""

    def __init__(self, sentence: str, by_person: int | None = None, at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.by_person = by_person
        self.at = at


class AlreadyAnswered(Conflict):
    """The same answer (same request key) was accepted before: show its first result again."""

    def __init__(self, instance_id: int, task_id: int) -> None:
        super().__init__("This answer was already recorded.")
        self.instance_id = instance_id
        self.task_id = task_id


class NotWaiting(Conflict):
    """The process does not wait for this message (any more)."""


class DefinitionRefused(Refused):
    """A process or decision file uses what the engine does wrong; `reason` is its short name."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class ExpressionRefused(Refused):
    """An expression outside the safe subset, or one whose value grows without bound."""


class DecisionFailed(Exception):
    """A decision table matched no row, or more than one: the table is wrong, not the person."""


class EngineError(Exception):
    """A promise of the platform was broken (not at rest, unknown node …): a defect, shown as an incident."""
