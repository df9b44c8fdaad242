"""What a grade allows (limit, terms, payment methods) and where an application departs from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.envelope import Envelope, part_name
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import NO_CREDIT, GradePolicy, grade_table
from credit_app.domain.money import format_amount
from credit_app.domain.policy_values import Values, table_of, to_decimal, to_text, to_whole
from credit_app.domain.sentences import N_, Sentence

NO_EXCEPTION = "none"
# Kinds of exception, the gravest first: this one is what the authority matrix is asked with.
KINDS = (
    "no_credit_grade",
    "over_envelope",
    "over_policy_cap",
    "over_longest_term",
    "payment_method_not_allowed",
)


@dataclass(frozen=True, slots=True)
class StrategyPolicy:
    """By grade: highest limit in base currency, longest terms in days, payment methods."""

    cap_by_grade: Mapping[str, Decimal]
    longest_terms: Mapping[str, int]
    payment_methods: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy when a grade is missing from a table."""
        grades = GradePolicy.from_policy(values)
        caps = table_of(values, "limit.cap_by_grade", to_decimal)
        terms = table_of(values, "strategy.longest_terms_days", to_whole)
        methods = table_of(values, "strategy.payment_methods", _methods)
        grade_table("limit.cap_by_grade", caps, grades)
        grade_table("strategy.longest_terms_days", terms, grades)
        grade_table("strategy.payment_methods", methods, grades)
        return cls(caps, terms, methods)


@dataclass(frozen=True, slots=True)
class PolicyException:
    """One departure from policy, with its rule in a sentence."""

    kind: str
    sentence: Sentence


def exceptions(
    limit_in_base: Decimal,
    terms_days: int,
    payment_method: str,
    grade: str,
    policy: StrategyPolicy,
    envelope: Envelope | None = None,
) -> tuple[PolicyException, ...]:
    """Every departure from what the grade allows, the gravest first; empty: within policy.

    `limit_in_base` is what the customer itself would get, in base currency, not the group's total.
    `envelope` is the company's own for this customer, None where its basis is not known.
    """
    if grade == NO_CREDIT:
        text = N_("Grade %(grade)s has no credit.")
        return (PolicyException(KINDS[0], Sentence("strategy.no_credit_grade", text, {"grade": grade})),)
    found = []
    if envelope is not None and limit_in_base > envelope.room:
        room = {"room": format_amount(envelope.room), "part": part_name(envelope.bound.name)}
        text = N_("The limit is above the room of %(room)s in base currency that is left for %(part)s.")
        found.append(PolicyException(KINDS[1], Sentence("strategy.over_envelope", text, room)))
    cap, longest = policy.cap_by_grade[grade], policy.longest_terms[grade]
    if limit_in_base > cap:
        values: dict[str, object] = {"grade": grade, "cap": format_amount(cap)}
        text = N_("The limit is above the cap of grade %(grade)s, %(cap)s in base currency.")
        found.append(PolicyException(KINDS[2], Sentence("strategy.over_policy_cap", text, values)))
    if terms_days > longest:
        values = {"grade": grade, "days": longest}
        text = N_("The terms are longer than the %(days)s days of grade %(grade)s.")
        found.append(PolicyException(KINDS[3], Sentence("strategy.over_longest_term", text, values)))
    if payment_method not in policy.payment_methods[grade]:
        values = {"grade": grade, "method": payment_method}
        text = N_("The payment method “%(method)s” is not open to grade %(grade)s.")
        found.append(PolicyException(KINDS[4], Sentence("strategy.payment_method_not_allowed", text, values)))
    return tuple(found)


def exception_kind(found: Sequence[PolicyException]) -> str:
    """The one word for the authority matrix: the gravest kind, or `none`."""
    return min((exception.kind for exception in found), key=KINDS.index, default=NO_EXCEPTION)


def _methods(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidPolicy(key=key, problem="no list of payment methods: “%(value)s”", value=value)
    return tuple(to_text(key, method) for method in value)
