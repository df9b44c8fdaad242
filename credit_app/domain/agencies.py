"""Collection agencies: what they ask by age and amount, who approves a placement, and how long it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_values import Values, decimal_of, list_of, to_text, whole_of
from credit_app.domain.sentences import N_

OVER = ("paid", "recalled", "returned")
NEXT_STEPS = ("legal_action", "write_off", "none")
PAID_TO = ("agency", "us")
MANAGER, DIRECTOR = "credit_manager", "finance_director"
UP_TO, RECALL, REPORT, LATE, COUNTRIES = (
    "agency.manager_up_to",
    "agency.recall_days",
    "agency.report_days",
    "agency.late_report_days",
    "agency.fee_chargeable",
)
CENT = Decimal("0.01")
WHOLE = Decimal(100)


class FeeTooHigh(DomainError):
    """An agency that asks for more than it recovers."""

    code = "agency.fee_too_high"
    template = N_("A fee is from 0 to 100 per cent of what is recovered.")


class FeesIncomplete(DomainError):
    """A fee scale that leaves debts without a fee."""

    code = "agency.fees_incomplete"
    template = N_(
        "The last line of the fees has neither days nor an amount, so that every debt finds its fee."
    )


@dataclass(frozen=True, slots=True)
class FeeBand:
    """The fee in per cent of what is recovered, for debts up to so many days past due and an amount (None: any)."""

    up_to_days: int | None
    up_to_amount: Decimal | None
    percent: Decimal


@dataclass(frozen=True, slots=True)
class AgencyPolicy:
    """Up to which amount (base currency) a credit manager approves, days of notice of a recall, days between two
    reports and until a late one is asked for again, and the countries where the debtor owes the fee."""

    manager_up_to: Decimal
    recall_days: int
    report_days: int
    late_days: int
    chargeable: frozenset[str]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        up_to = decimal_of(values, UP_TO)
        if up_to < 0:
            raise InvalidPolicy(key=UP_TO, problem=N_("not an amount from 0 on"))
        recall, report, late = (whole_of(values, key) for key in (RECALL, REPORT, LATE))
        if recall < 0:
            raise InvalidPolicy(key=RECALL, problem=N_("not a number from 0 on"))
        if report < 1 or late < 1:
            raise InvalidPolicy(
                key=REPORT if report < 1 else LATE, problem=N_("not a number of days from 1 on")
            )
        return cls(up_to, recall, report, late, frozenset(list_of(values, COUNTRIES, to_text)))

    def approver(self, amount: Decimal) -> str:
        """The role that approves a placement of this amount in base currency."""
        return MANAGER if amount <= self.manager_up_to else DIRECTOR


def check_bands(bands: Sequence[FeeBand]) -> None:
    """Refuse a scale above 100 per cent, or one without a line for every debt. Raises FeeTooHigh, FeesIncomplete."""
    if any(not 0 <= band.percent <= WHOLE for band in bands):
        raise FeeTooHigh
    if not bands or bands[-1].up_to_days is not None or bands[-1].up_to_amount is not None:
        raise FeesIncomplete


def percent_of(bands: Sequence[FeeBand], days_overdue: int, amount: Decimal) -> Decimal:
    """The fee in per cent: that of the first line that the debt fits. Raises FeesIncomplete."""
    for band in bands:
        if (band.up_to_days is None or days_overdue <= band.up_to_days) and (
            band.up_to_amount is None or amount <= band.up_to_amount
        ):
            return band.percent
    raise FeesIncomplete


def fee_of(amount: Decimal, percent: Decimal) -> Decimal:
    """The fee, rounded to cents."""
    return (amount * percent / WHOLE).quantize(CENT, ROUND_HALF_UP)
