"""Old debts found at take-over: what kind of debtor each is likely to be, and the facts that say so."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, to_text, whole_of
from credit_app.domain.sentences import N_

LEGACY_CLASSES = ("cannot_pay", "will_not_pay", "protected", "heavy_old_arrears", "highly_mobile")
# Class -> what collection watches about such a customer.
CLASS_TAGS = {"protected": "protected", "heavy_old_arrears": "heavy_arrears", "highly_mobile": "mobile"}
# The facts that a suggestion may rest on.
LEGACY_LEADS = (
    "enterprise_kind",
    "unreached",
    "no_contact",
    "said_will_not_pay",
    "pays_newer",
    "said_cannot_pay",
    "in_default",
    "poor_grade",
    "old_arrears",
)
POOR_RISKS = ("high", "none")


@dataclass(frozen=True, slots=True)
class LegacyFacts:
    """What is known of a debtor. `last_paid_days` days since its last receipt, `unreached` attempts to reach it since
    somebody was reached, `reason_code` the last one that a contact gave, `risk` that of its grade; None: not known."""

    oldest_days: int
    amount: Decimal
    enterprise_kind: str | None
    status: str
    risk: str | None
    last_paid_days: int | None
    unreached: int
    has_contact: bool
    reason_code: str | None


@dataclass(frozen=True, slots=True)
class LegacyPolicy:
    """From how many days past due a debt is old; kinds of enterprise that are protected; attempts without reaching
    anybody that make a debtor highly mobile; days within which a payment says that it could pay."""

    age_days: int
    protected_kinds: tuple[str, ...]
    unreached: int
    paying_days: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        figures = [
            whole_of(values, f"legacy.{name}") for name in ("age_days", "unreached_attempts", "paying_days")
        ]
        if min(figures) < 1:
            raise InvalidPolicy(key="legacy.age_days", problem=N_("not a number of days above zero"))
        kinds = list_of(values, "legacy.protected_kinds", to_text)
        return cls(figures[0], kinds, figures[1], figures[2])


def classify(facts: LegacyFacts, policy: LegacyPolicy) -> tuple[str, tuple[str, ...]]:
    """The class that is suggested, and which of the facts led to it (of LEGACY_LEADS).

    What nobody can change comes first: whom the state protects; whom nobody finds; then who does not want to, who is
    not able to; what is left are old arrears.
    """
    rules = (
        ("protected", {"enterprise_kind": facts.enterprise_kind in policy.protected_kinds}),
        (
            "highly_mobile",
            {"unreached": facts.unreached >= policy.unreached, "no_contact": not facts.has_contact},
        ),
        (
            "will_not_pay",
            {
                "said_will_not_pay": facts.reason_code == "will_not_pay",
                "pays_newer": facts.last_paid_days is not None
                and facts.last_paid_days <= policy.paying_days
                and facts.risk not in POOR_RISKS,
            },
        ),
        (
            "cannot_pay",
            {
                "said_cannot_pay": facts.reason_code == "cannot_pay",
                "in_default": facts.status in ("in_default", "blacklisted"),
                "poor_grade": facts.risk in POOR_RISKS,
            },
        ),
    )
    for name, signs in rules:
        met = tuple(sign for sign, holds in signs.items() if holds)
        if met:
            return name, met
    return "heavy_old_arrears", ("old_arrears",)
