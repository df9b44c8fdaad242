"""What can go wrong, one class each with the one sentence that the person in front of the screen reads."""

from __future__ import annotations

from datetime import datetime


def N_(text: str) -> str:  # noqa: N802 - the name that message extraction looks for
    """Mark a template for translation where no error class of this module does it."""
    return text


class Refused(Exception):
    """An action that a rule does not allow: never an incident. `sentence` says what and what is accepted.

    The `template` with its %(name)s places and the `values` are what the layer above translates; `sentence` is
    the English of it. A caller that has the reader's language at hand may give a whole sentence without values.
    """

    status = 422

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = values
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """What to tell the person, in English (or as it was given whole)."""
        return self.template % self.values if self.values else self.template


class InvalidAnswer(Refused):
    """One field of a form is wrong; the form is shown again with what was typed."""

    def __init__(self, field: str, template: str, /, **values: object) -> None:
        super().__init__(template, **values)
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
    """The task is no longer open: `by_person` (id, None = the system) closed it `at` that instant.

    `unanswered`: it ended without an answer, as the process moved on by what that person did elsewhere.
    """

    def __init__(
        self,
        template: str,
        by_person: int | None = None,
        at: datetime | None = None,
        *,
        unanswered: bool = False,
    ) -> None:
        super().__init__(template)
        self.by_person = by_person
        self.at = at
        self.unanswered = unanswered


class AlreadyAnswered(Conflict):
    """The same answer (same request key) was accepted before: show its first result again."""

    def __init__(self, instance_id: int, task_id: int) -> None:
        super().__init__(N_("This answer was already recorded."))
        self.instance_id = instance_id
        self.task_id = task_id


class NotWaiting(Conflict):
    """The process does not wait for this message (any more)."""


class DefinitionRefused(Refused):
    """A process or decision file uses what the engine does wrong; `reason` is its short name."""

    def __init__(self, reason: str, template: str, /, **values: object) -> None:
        super().__init__(template, **values)
        self.reason = reason


class ExpressionRefused(Refused):
    """An expression outside the safe subset, or one whose value grows without bound."""


class DecisionFailed(Exception):
    """A decision table matched no row, or more than one: the table is wrong, not the person."""


class EngineError(Exception):
    """A promise of the platform was broken (not at rest, unknown node …): a defect, shown as an incident."""
