"""The group that a customer belongs to: its tree, and the one way to change who belongs to whom."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.exposure import ExposurePolicy, group_net, net_exposure
from credit_app.facts.exposure_parts import parts_of
from credit_app.i18n import _
from credit_app.models import Customer, active_limits, convert_all, policy_values, the_company
from workflows import Conflict

# One lock for all changes of the tree: they are rare, and two at once could close a circle that neither sees.
_TREE_LOCK = 0x74726565
_ABOVE = text("""
    WITH RECURSIVE up(id, parent_id, name, depth) AS (
        SELECT id, parent_id, name, 0 FROM customer WHERE id = :customer_id
        UNION ALL
        SELECT c.id, c.parent_id, c.name, up.depth + 1 FROM customer c JOIN up ON c.id = up.parent_id
    ) CYCLE id SET again USING path
    SELECT id, name FROM up WHERE NOT again ORDER BY depth
""")
_BELOW = text("""
    WITH RECURSIVE down(id, depth, way) AS (
        SELECT id, 0, ARRAY[lower(name), number] FROM customer WHERE id = :root_id
        UNION ALL
        SELECT c.id, down.depth + 1, down.way || ARRAY[lower(c.name), c.number]
        FROM customer c JOIN down ON c.parent_id = down.id
    ) CYCLE id SET again USING path
    SELECT c.id, c.number, c.name, c.branch_id, c.status, down.depth
    FROM down JOIN customer c USING (id) WHERE NOT again ORDER BY down.way
""")


class CircleRefused(Conflict):
    """A parent that belongs to the company itself."""


@dataclass(frozen=True, slots=True)
class Member:
    """A company of the group: `depth` below the topmost one, net exposure and limit in the base currency."""

    id: int
    number: str
    name: str
    status: str
    depth: int
    exposure: Decimal
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Group:
    """The whole tree, a company before those that belong to it; amounts in `currency`."""

    currency: str
    members: tuple[Member, ...]

    @property
    def exposure(self) -> Decimal:
        """What all of them owe, as a limit of the group is measured."""
        return group_net(member.exposure for member in self.members)

    @property
    def limit(self) -> Decimal:
        """The limits of all of them together."""
        return sum((member.limit for member in self.members), Decimal(0))


def set_parent(session: Session, customer: Customer, parent: Customer | None) -> None:
    """Puts the customer under `parent`. Raises CircleRefused naming the companies that would form the circle.

    Waits for other changes of the tree and sees what they did; they wait until this transaction ends.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TREE_LOCK})
    if parent is not None and parent.id == customer.id:
        raise CircleRefused(_("A company cannot be its own parent."))
    if parent is not None:
        above = session.execute(_ABOVE, {"customer_id": parent.id}).all()
        ids = [row.id for row in above]
        if customer.id in ids:
            names = [row.name for row in above[: ids.index(customer.id) + 1]]
            raise CircleRefused(
                _(
                    "%(parent)s cannot be the parent of %(name)s, because it belongs to it: %(circle)s.",
                    parent=parent.name,
                    name=customer.name,
                    circle=" → ".join(names),
                )
            )
    customer.parent_id = parent.id if parent is not None else None


def group_tree(session: Session, customer: Customer, day: date) -> Group:
    """The tree that the customer belongs to, as of `day`. Raises MissingRate."""
    base, values = the_company(session).base_currency, policy_values(session, day)
    policy = ExposurePolicy.from_policy(values)
    root = session.execute(_ABOVE, {"customer_id": customer.id}).all()[-1].id
    rows: list[Any] = list(session.execute(_BELOW, {"root_id": root}).all())
    ids = [row.id for row in rows]
    parts, limits = parts_of(session, ids, base, day, values), active_limits(session, ids, day)
    amounts = convert_all(session, [(one.amount, one.currency) for one in limits.values()], base, day)
    limit_of = dict(zip(limits, amounts, strict=True))
    return Group(
        base,
        tuple(
            Member(
                row.id,
                row.number,
                row.name,
                row.status,
                row.depth,
                net_exposure(parts[row.id].amounts, policy),
                limit_of.get(row.id, Decimal(0)),
            )
            for row in rows
        ),
    )
