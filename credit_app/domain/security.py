"""Which securities count on a day: confirmed, of a kind that policy counts, valid and not yet expired."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, to_text
from credit_app.domain.sentences import N_, Sentence

DEPOSIT, INSURANCE = "deposit", "insurance"
KINDS = ("guarantee", "pledge", "product_revenue_pledge", DEPOSIT, INSURANCE, "prepayment_device")


@dataclass(frozen=True, slots=True)
class SecurityPolicy:
    """The kinds of security that lower net exposure."""

    eligible_kinds: frozenset[str]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy for a kind that does not exist."""
        kinds = frozenset(list_of(values, "exposure.eligible_securities", to_text))
        if not kinds <= set(KINDS):
            raise InvalidPolicy(
                key="exposure.eligible_securities", problem="naming an unknown kind of security"
            )
        return cls(kinds)


@dataclass(frozen=True, slots=True)
class Standing:
    """A security as it stands: when confirmed and released (None: not), first and last day (None: open)."""

    kind: str
    confirmed_on: date | None
    released_on: date | None = None
    valid_from: date | None = None
    expires_on: date | None = None


def why_not_eligible(security: Standing, day: date, policy: SecurityPolicy) -> Sentence | None:
    """Why it does not count on `day`; None: it counts. The last day itself still counts."""
    if security.confirmed_on is None or day < security.confirmed_on:
        return _REASONS["not_confirmed"]
    if security.released_on is not None and security.released_on <= day:
        return _with(security.released_on, "released")
    if security.valid_from is not None and day < security.valid_from:
        return _with(security.valid_from, "not_yet_valid")
    if security.expires_on is not None and security.expires_on < day:
        return _with(security.expires_on, "expired")
    return None if security.kind in policy.eligible_kinds else _REASONS["kind_not_counted"]


def _with(day: date, reason: str) -> Sentence:
    found = _REASONS[reason]
    return Sentence(found.code, found.template, {"day": day.isoformat()})


_REASONS: Mapping[str, Sentence] = {
    reason: Sentence(f"security.{reason}", text)
    for reason, text in {
        "not_confirmed": N_("Not confirmed yet."),
        "released": N_("Released on %(day)s."),
        "not_yet_valid": N_("Valid from %(day)s only."),
        "expired": N_("Expired on %(day)s."),
        "kind_not_counted": N_("Policy does not count this kind."),
    }.items()
}
