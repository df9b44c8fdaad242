"""Releases of orders on hold: who decides, for how long one holds, and what revokes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.order_check import CheckResult
from credit_app.domain.order_policy import HOLD, RULES
from credit_app.domain.policy_values import Values, list_of, table_of, to_decimal, to_text, whole_of
from credit_app.domain.sentences import N_, Sentence

LEVELS = ("credit_manager", "finance_director", "cfo")
KINDS = ("once", "until", "up_to")
GRADE = "grade"  # what revokes a release beside the rules
_KEY = "order_release."


@dataclass(frozen=True, slots=True)
class ReleasePolicy:
    """Up to which exposure of the group (base currency) each level decides, the lowest level for each kind, how many
    days a release holds at most, and what revokes it."""

    bands: Sequence[tuple[str, Decimal]]
    least: Mapping[str, str]
    longest_days: int
    revoked_by: frozenset[str]
    barred_grades: frozenset[str]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        bands = table_of(values, _KEY + "bands", to_decimal)
        amounts = [bands[level] for level in LEVELS if level in bands]
        if set(bands) != set(LEVELS) or amounts != sorted(amounts) or amounts[0] < 0:
            raise InvalidPolicy(key=_KEY + "bands", problem=N_("not a rising amount for every level"))
        least = table_of(values, _KEY + "least_levels", to_text)
        if set(least) != set(KINDS) or not set(least.values()) <= set(LEVELS):
            raise InvalidPolicy(
                key=_KEY + "least_levels", problem=N_("not a level for every kind of release")
            )
        longest = whole_of(values, _KEY + "longest_days")
        if not 1 <= longest <= 366:
            raise InvalidPolicy(key=_KEY + "longest_days", problem=N_("not days from 1 to 366"))
        revoked_by = frozenset(list_of(values, _KEY + "revoked_by", to_text))
        if not revoked_by <= set(RULES):
            raise InvalidPolicy(
                key=_KEY + "revoked_by", problem=N_("naming a rule that the order check does not have")
            )
        grades = frozenset(list_of(values, _KEY + "barred_grades", to_text))
        return cls([(level, bands[level]) for level in LEVELS], least, longest, revoked_by, grades)

    def levels(self, kind: str, total: Decimal) -> tuple[str, ...]:
        """Who decides on a release of this kind after which the group owes `total`, and those above, lowest first."""
        by_amount = next((level for level, most in self.bands if total <= most), LEVELS[-1])
        return LEVELS[max(LEVELS.index(by_amount), LEVELS.index(self.least[kind])) :]

    def last_day_wrong(
        self, last: date | None, today: date, deliver_on: date | None = None
    ) -> Sentence | None:
        """What is wrong with the last day of a release; one of the customer covers what is delivered while it holds, so
        that of the order it is asked for (`deliver_on`) too."""
        if last is None:
            return Sentence("order_release.no_day", N_("Give the last day of the release."))
        if last < today:
            return Sentence(
                "order_release.over",
                N_("%(day)s is over; a release ends today at the earliest."),
                {"day": last},
            )
        latest = today + timedelta(days=self.longest_days)
        if last > latest:
            return Sentence(
                "order_release.too_long",
                N_("A release holds until %(latest)s at the latest, by policy."),
                {"latest": latest},
            )
        if deliver_on is not None and last < deliver_on:
            return Sentence(
                "order_release.too_short",
                N_("The order is delivered on %(day)s; the release has to hold until then."),
                {"day": deliver_on},
            )
        return None

    def barred(self, grade: str | None) -> Sentence | None:
        """Why nothing is released for a customer of this grade."""
        if grade in self.barred_grades:
            text = N_(
                "The customer's grade is %(grade)s, which gets no credit; none of its orders is released."
            )
            return Sentence("order_release.grade", text, {"grade": grade})
        return None

    def revoking(self, result: CheckResult, grade: str | None, decided_for: Sequence[str]) -> str | None:
        """The rule, or GRADE, that revokes a release which was decided for these rules; None: it holds on."""
        if grade in self.barred_grades:
            return GRADE
        holding = (one.rule for one in result.findings if one.severity == HOLD)
        return next((rule for rule in holding if rule in self.revoked_by and rule not in decided_for), None)
