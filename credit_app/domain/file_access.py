"""Who opens a customer file: by role and branch, by assignment, or with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from credit_app.domain.policy_values import Values, list_of, to_text, whole_of

OPEN, REASON, CLOSED = "open", "reason", "closed"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Which roles open only assigned files, which may open others with a reason, and for how many hours."""

    assignment_only: frozenset[str]
    with_reason: frozenset[str]
    grant_hours: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure."""
        return cls(
            frozenset(list_of(values, "access.assignment_only", to_text)),
            frozenset(list_of(values, "access.with_reason", to_text)),
            whole_of(values, "access.grant_hours"),
        )


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person, or one whom they substitute: roles with their branch (None: all branches)."""

    person_id: int
    roles: frozenset[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a customer's file lies: its branch (None: the whole company's) and who it is assigned to."""

    branch_id: int | None
    sales_rep_id: int | None = None
    credit_analyst_id: int | None = None


def way_in(viewers: Iterable[Viewer], file: Filed, roles: frozenset[str], policy: AccessPolicy) -> str:
    """OPEN, REASON or CLOSED: the widest way that any of the viewers has. `roles` are those that see customers.

    Whoever is assigned always gets in. A file that is assigned to nobody is its branch's.
    """
    ways = {_way_of(viewer, file, roles, policy) for viewer in viewers}
    return next((way for way in (OPEN, REASON) if way in ways), CLOSED)


def _way_of(viewer: Viewer, file: Filed, roles: frozenset[str], policy: AccessPolicy) -> str:
    held = {(role, branch) for role, branch in viewer.roles if role in roles}
    if not held:
        return CLOSED
    if viewer.person_id in (file.sales_rep_id, file.credit_analyst_id):
        return OPEN
    here = {role for role, branch in held if branch is None or file.branch_id in (None, branch)}
    if here - policy.assignment_only or (here and file.sales_rep_id is None):
        return OPEN
    asking = {role for role, _branch in held} & policy.with_reason
    return REASON if here or asking else CLOSED
