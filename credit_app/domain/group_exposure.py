"""The group total that authority is measured on; applications are added up so that none is split."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from credit_app.domain.policy_values import Values, whole_of
from credit_app.domain.status import GRANTED, PENDING

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SplitPolicy:
    """Applications decided within so many days are added up."""

    window_days: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force."""
        return cls(whole_of(values, "application.split_window_days"))


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A customer of the group: its limit that holds today and its gross exposure, both in base currency; that is the
    sum of `credit_app.domain.exposure.gross_exposure`."""

    customer_id: int
    active_limit: Decimal = ZERO
    exposure: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class OtherApplication:
    """Another application of the group in base currency: the limit asked for or, once granted, approved."""

    application_id: int
    customer_id: int
    amount: Decimal
    status: str
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class MemberExposure:
    """What one member adds to the total and why: the limit, its exposure, or applications added up."""

    customer_id: int
    amount: Decimal
    because: str  # requested, limit, exposure, applications


@dataclass(frozen=True, slots=True)
class ResultingExposure:
    """The total if the application is granted as asked; `added_up` are the applications counted with it."""

    total: Decimal
    members: tuple[MemberExposure, ...]
    added_up: tuple[OtherApplication, ...]


def added_up_for_split(
    others: Iterable[OtherApplication], application_id: int, day: date, policy: SplitPolicy
) -> tuple[OtherApplication, ...]:
    """The group's other applications that count: all pending ones, and those granted within the window.

    The application itself, drafts, refused and withdrawn ones do not count.
    """
    return tuple(
        other
        for other in others
        if other.application_id != application_id
        and (
            other.status in PENDING
            or (
                other.status == GRANTED
                and other.decided_on is not None
                and 0 <= (day - other.decided_on).days <= policy.window_days
            )
        )
    )


def resulting_total_exposure(
    members: Iterable[GroupMember],
    applicant_id: int,
    requested: Decimal,
    added_up: Iterable[OtherApplication] = (),
) -> ResultingExposure:
    """What the whole group may owe if `requested` (base currency) is granted; nothing secured is deducted.

    Every other member counts with the highest of its limit, its exposure and its applications added up: an
    application granted lately is already in the limit. The applicant's present limit gives way to the requested
    one plus its other applications added up (two of 40,000 within the window weigh 80,000), and its exposure
    counts where that is more. An applicant or an application's customer that is missing from `members` counts
    all the same.
    """
    counted = tuple(added_up)
    known = {member.customer_id: member for member in members}
    asked: dict[int, Decimal] = {}
    for other in counted:
        asked[other.customer_id] = asked.get(other.customer_id, ZERO) + other.amount
    exposures = []
    for customer_id in sorted({*known, *asked, applicant_id}):
        member = known.get(customer_id, GroupMember(customer_id))
        applications = asked.get(customer_id, ZERO)
        if customer_id == applicant_id:
            choices = [(requested + applications, "applications" if applications else "requested")]
        else:
            choices = [(member.active_limit, "limit"), (applications, "applications")]
        amount, because = max([*choices, (member.exposure, "exposure")], key=lambda c: c[0])
        exposures.append(MemberExposure(customer_id, amount, because))
    return ResultingExposure(sum((m.amount for m in exposures), ZERO), tuple(exposures), counted)
