"""The words for the state of a credit application, and which may follow which."""

from collections.abc import Mapping

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

DRAFT, SUBMITTED, UNDER_INVESTIGATION = "draft", "submitted", "under_investigation"
IN_APPROVAL, WAITING, SENT_BACK = "in_approval", "waiting_for_conditions", "sent_back"
GRANTED, REFUSED, WITHDRAWN = "granted", "refused", "withdrawn"

TRANSITIONS: Mapping[str, frozenset[str]] = {
    DRAFT: frozenset({SUBMITTED, WITHDRAWN}),
    # A review goes to approval without an investigation; a small, safe limit is granted by rule.
    SUBMITTED: frozenset({UNDER_INVESTIGATION, IN_APPROVAL, GRANTED, WITHDRAWN}),
    UNDER_INVESTIGATION: frozenset({IN_APPROVAL, SENT_BACK, WITHDRAWN}),
    IN_APPROVAL: frozenset({UNDER_INVESTIGATION, WAITING, SENT_BACK, GRANTED, REFUSED, WITHDRAWN}),
    # A limit that changed while its review waited for a security is looked at again.
    WAITING: frozenset({UNDER_INVESTIGATION, GRANTED, REFUSED, WITHDRAWN}),
    SENT_BACK: frozenset({SUBMITTED, WITHDRAWN}),
    GRANTED: frozenset(),
    REFUSED: frozenset(),
    WITHDRAWN: frozenset(),
}
STATUSES = tuple(TRANSITIONS)
DECIDED = frozenset({GRANTED, REFUSED, WITHDRAWN})
PENDING = frozenset({SUBMITTED, UNDER_INVESTIGATION, IN_APPROVAL, WAITING, SENT_BACK})
EDITABLE = frozenset({DRAFT, SENT_BACK})

# The steps that an application may be returned to for rework, the earliest first.
REWORK_STEPS = ("entry", "investigation", "rating", "proposal")


class TransitionRefused(DomainError):
    """A state that cannot follow the present one."""

    code = "status.transition_refused"
    template = N_("An application that is “%(old)s” cannot become “%(new)s”.")


def allowed_transition(old: str, new: str) -> bool:
    """Whether `new` may follow `old`; a decided application changes no more."""
    return new in TRANSITIONS.get(old, frozenset())


def require_transition(old: str, new: str) -> str:
    """`new` when it may follow `old`; raises TransitionRefused otherwise."""
    if not allowed_transition(old, new):
        raise TransitionRefused(old=old, new=new)
    return new
