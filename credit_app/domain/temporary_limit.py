"""What a temporary limit needs: a limit beside it, a valid rating, an end within policy's longest term."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from credit_app.domain.application import Problem
from credit_app.domain.policy_values import Values, whole_of
from credit_app.domain.sentences import N_, Sentence


@dataclass(frozen=True, slots=True)
class TemporaryPolicy:
    """The most days from today to the last day of a temporary limit."""

    longest_days: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force."""
        return cls(whole_of(values, "temporary.longest_days"))


@dataclass(frozen=True, slots=True)
class CustomerToday:
    """What the customer has: rating valid until, permanent limit's last day and amount, end of a temporary one.

    A `barred` one is in default, blacklisted, or its file is closed.

    The amount is in the currency that the temporary limit is asked in; None where it cannot be converted.
    """

    rated: bool
    rating_valid_until: date | None = None
    limit_amount: Decimal | None = None
    limit_valid_to: date | None = None
    temporary_until: date | None = None
    barred: bool = False


def why_not(customer: CustomerToday, day: date) -> Sentence | None:
    """Why no temporary limit can be asked for at all today; None: it can."""
    if customer.barred:
        return Sentence("temporary.barred", _BARRED)
    if customer.limit_valid_to is None or customer.limit_valid_to < day:
        return Sentence("temporary.no_limit", _NO_LIMIT)
    if not customer.rated:
        return Sentence("temporary.not_rated", _NOT_RATED)
    if customer.rating_valid_until is not None and customer.rating_valid_until < day:
        values = {"day": customer.rating_valid_until.isoformat()}
        return Sentence("temporary.rating_expired", _RATING_EXPIRED, values)
    if customer.temporary_until is not None and customer.temporary_until >= day:
        values = {"day": customer.temporary_until.isoformat()}
        return Sentence("temporary.overlaps", _OVERLAPS, values)
    return None


def problems(
    amount: Decimal | None,
    until: date | None,
    reason: str,
    customer: CustomerToday,
    day: date,
    policy: TemporaryPolicy,
    reason_length: int,
    *,
    named: bool = True,
) -> tuple[Problem, ...]:
    """All that keeps the request from being submitted, in the order of the form; empty: complete.

    `named`: a customer was chosen at all.
    """
    obstacle = why_not(customer, day) if named else Sentence("temporary.customer_missing", _CUSTOMER)
    found = [Problem("customer", obstacle)] if obstacle is not None else []
    if amount is None:
        found.append(_problem("requested_limit", "amount_missing", _AMOUNT))
    elif amount <= 0:
        found.append(_problem("requested_limit", "amount_not_positive", _POSITIVE))
    elif customer.limit_amount is not None and amount == customer.limit_amount:
        found.append(_problem("requested_limit", "amount_same", _SAME))
    last = day + timedelta(days=policy.longest_days)
    if until is None:
        found.append(_problem("temporary_until", "end_missing", _END))
    elif until < day:
        found.append(_problem("temporary_until", "end_before_today", _BEFORE_TODAY))
    elif until > last:
        values = {"days": policy.longest_days, "last": last.isoformat()}
        found.append(Problem("temporary_until", Sentence("temporary.end_too_late", _TOO_LATE, values)))
    if len(reason.strip()) < reason_length:
        values = {"length": reason_length}
        found.append(Problem("purpose", Sentence("temporary.reason", _REASON, values)))
    return tuple(found)


def _problem(field: str, code: str, text: str) -> Problem:
    return Problem(field, Sentence(f"temporary.{code}", text))


_CUSTOMER = N_("Choose the customer.")
_BARRED = N_("No credit may be agreed with this customer; its status or the blacklist says why.")
_NO_LIMIT = N_("The customer has no open limit that a temporary one could replace; apply for a limit first.")
_NOT_RATED = N_("The customer has no rating; apply for a limit first, so that it is rated.")
_RATING_EXPIRED = N_(
    "The customer's rating was valid until %(day)s only; its limit has to be reviewed first."
)
_OVERLAPS = N_("The customer has a temporary limit until %(day)s already.")
_AMOUNT = N_("Enter the temporary limit that is asked for.")
_POSITIVE = N_("The limit must be above zero.")
_SAME = N_("This is the limit that the customer has already; enter another amount.")
_END = N_("Enter the last day of the temporary limit.")
_BEFORE_TODAY = N_("The last day of the temporary limit lies before today.")
_TOO_LATE = N_("A temporary limit runs for at most %(days)s days; its last day is %(last)s at the latest.")
_REASON = N_("Say in at least %(length)s characters why the customer needs a temporary limit.")
