"""As whom the signed-in person acts on an open task: one answer for the inbox, the task page and bulk decisions."""

from flask import current_app
from sqlalchemy.orm import Session

from credit_app.i18n import _
from credit_app.models import Person
from credit_app.screens.access import person
from credit_app.screens.acting import engine, holds, substituted
from workflows import Action, Actor, NotAllowed


def task_for(
    session: Session, task_id: int, key: str | None = None, *, past_claim: bool = False
) -> tuple[Actor, Action]:
    """The open task, and as whom the signed-in person may do it: themselves, else somebody they substitute today.

    With `past_claim` a colleague's claim does not count here; the engine then says whether it still holds.
    Raises NotAllowed with the reasons that weigh most, StaleTask, NotFound, and AlreadyAnswered for `key`.
    """
    me = person()
    action = engine().look(session, task_id, Actor(me.id), key)
    action.actor = as_whom(action, me, past_claim=past_claim)
    return action.actor, action


def as_whom(action: Action, me: Person, *, past_claim: bool = False) -> Actor:
    """The first of oneself and those one substitutes in whose name the task may be done. Raises NotAllowed."""
    task = action.task
    assert task is not None, "somebody acts on an open task"  # noqa: S101
    refusals: dict[bool, NotAllowed] = {}
    for principal in (me, *substituted(me)):
        actor = Actor(me.id, None if principal is me else principal.id)
        action.actor = actor
        try:
            check(action)
        except NotAllowed as error:
            refusals.setdefault(holds(principal, task.role, task.scope), error)
        else:
            if past_claim or task.claimed_by in (None, actor.person_id, actor.on_behalf_of):
                return actor
    # A role that fits says why not even so; one that does not fit only says that.
    raise refusals.get(True) or refusals.get(False) or NotAllowed(_("A colleague has claimed this task."))


def check(action: Action) -> None:
    """What the engine checks again when it acts. Raises NotAllowed."""
    engine().handlers.check_person(action)
    excluded = action.task.excluded if action.task is not None else ()
    if action.actor.person_id in excluded or action.actor.on_behalf_of in excluded:
        raise NotAllowed("This task must be done by somebody else: you took part in what it is about.")


def is_personal(process: str, node: str) -> bool:
    """Whether a task is asked of one person by name, or is its author's own draft: nobody else takes it."""
    step = current_app.extensions["registry"].step(process, node)
    return bool(getattr(step, "OWN_DRAFT", False) or getattr(step, "PERSONAL", False))
