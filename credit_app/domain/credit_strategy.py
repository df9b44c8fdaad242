"""What a grade allows (limit, terms, payment methods, discount) and where an application departs from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.envelope import Envelope, part_name
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import NO_CREDIT
from credit_app.domain.money import format_amount
from credit_app.domain.policy_values import to_decimal, to_whole
from credit_app.domain.sentences import N_, Sentence

TABLE = "credit_strategy"
UNKNOWN = "unknown"  # the grade that the table is asked with for a customer that is not rated
NO_EXCEPTION = "none"
# Kinds of exception, the gravest first: this one is what the authority matrix is asked with.
KINDS = (
    "no_credit_grade",
    "over_envelope",
    "over_policy_cap",
    "over_longest_term",
    "payment_method_not_allowed",
    "over_highest_discount",
)
SECURITY_WISHES = ("none", "asked", "needed")
CONTROLS = ("none", "monthly_watch", "weekly_watch", "order_by_order", "no_credit")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the credit strategy allows a grade: the limit in base currency, terms in days, discount in per cent."""

    grade: str
    limit_cap: Decimal
    longest_terms: int
    payment_methods: tuple[str, ...]
    highest_discount: Decimal
    security: str
    controls: str
    review_months: int

    @classmethod
    def from_row(cls, grade: str, row: Mapping[str, Any]) -> Self:
        """The row of the table for a grade; raises InvalidPolicy naming the column that cannot be used."""
        security, controls, methods = row["security"], row["controls"], row["payment_ways"]
        if security not in SECURITY_WISHES:
            raise InvalidPolicy(key=f"{TABLE}.security", problem="no known word: “%(value)s”", value=security)
        if controls not in CONTROLS:
            raise InvalidPolicy(key=f"{TABLE}.controls", problem="no known word: “%(value)s”", value=controls)
        if not isinstance(methods, str):
            raise InvalidPolicy(
                key=f"{TABLE}.payment_ways", problem="no list of payment methods: “%(value)s”", value=methods
            )
        months = to_whole(f"{TABLE}.review_months", row["review_months"])
        if months < 1:
            raise InvalidPolicy(key=f"{TABLE}.review_months", problem="less than one month")
        return cls(
            grade,
            to_decimal(f"{TABLE}.limit_cap", row["limit_cap"]),
            to_whole(f"{TABLE}.longest_terms", row["longest_terms"]),
            tuple(methods.split()),
            to_decimal(f"{TABLE}.highest_discount", row["highest_discount"]),
            security,
            controls,
            months,
        )


@dataclass(frozen=True, slots=True)
class PolicyException:
    """One departure from policy, with its rule in a sentence."""

    kind: str
    sentence: Sentence


def exceptions(
    limit_in_base: Decimal,
    terms_days: int,
    payment_method: str,
    allowed: Allowed,
    discount: Decimal | None = None,
    envelope: Envelope | None = None,
) -> tuple[PolicyException, ...]:
    """Every departure from what the grade allows, the gravest first; empty: within policy.

    `limit_in_base` is what the customer itself would get, in base currency, not the group's total; `discount` is
    in per cent. `envelope` is the company's own for this customer, None where its basis is not known.
    """
    grade = allowed.grade
    if grade == NO_CREDIT:
        text = N_("Grade %(grade)s has no credit.")
        return (PolicyException(KINDS[0], Sentence("strategy.no_credit_grade", text, {"grade": grade})),)
    found = []
    if envelope is not None and limit_in_base > envelope.room:
        room = {"room": format_amount(envelope.room), "part": part_name(envelope.bound.name)}
        text = N_("The limit is above the room of %(room)s in base currency that is left for %(part)s.")
        found.append(PolicyException(KINDS[1], Sentence("strategy.over_envelope", text, room)))
    if limit_in_base > allowed.limit_cap:
        values: dict[str, object] = {"grade": grade, "cap": format_amount(allowed.limit_cap)}
        text = N_("The limit is above the cap of grade %(grade)s, %(cap)s in base currency.")
        found.append(PolicyException(KINDS[2], Sentence("strategy.over_policy_cap", text, values)))
    if terms_days > allowed.longest_terms:
        values = {"grade": grade, "days": allowed.longest_terms}
        text = N_("The terms are longer than the %(days)s days of grade %(grade)s.")
        found.append(PolicyException(KINDS[3], Sentence("strategy.over_longest_term", text, values)))
    if payment_method not in allowed.payment_methods:
        values = {"grade": grade, "method": payment_method}
        text = N_("The payment method “%(method)s” is not open to grade %(grade)s.")
        found.append(PolicyException(KINDS[4], Sentence("strategy.payment_method_not_allowed", text, values)))
    if discount is not None and discount > allowed.highest_discount:
        values = {"grade": grade, "discount": f"{allowed.highest_discount.normalize():f}"}
        text = N_("The discount is above the %(discount)s per cent of grade %(grade)s.")
        found.append(PolicyException(KINDS[5], Sentence("strategy.over_highest_discount", text, values)))
    return tuple(found)


def exception_kind(found: Sequence[PolicyException]) -> str:
    """The one word for the authority matrix: the gravest kind, or `none`."""
    return min((exception.kind for exception in found), key=KINDS.index, default=NO_EXCEPTION)
