"""Dunning letters: which debts a letter names, what of each it claims, and whether it may go out at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import (
    Values,
    decimal_of,
    list_of,
    table_of,
    to_text,
    to_whole,
    value_of,
    whole_of,
)
from credit_app.domain.sentences import N_

REMINDER = "reminder"  # before the due date; it demands nothing
# From the mildest to the harshest; the demands are stages of collection too.
DEMANDS = ("friendly_notice", "letter_1", "letter_2", "final_demand", "lawyer_letter")
LEVELS = (REMINDER, *DEMANDS)
CHANNELS = ("email", "letter", "sms")
LETTER_LANGUAGES = ("en", "zh_Hans_CN")
# proposed: waits for release · released: the worker sends it · queued: in the outbox · to_print: on paper, to be posted
# held: no mail or SMS server is set · excluded: taken out with a reason · failed: did not arrive
STATUSES = (
    "proposed",
    "released",
    "queued",
    "to_print",
    "sent",
    "held",
    "delivered",
    "failed",
    "excluded",
)
UNSENT = ("proposed", "released")
GONE_OUT = ("queued", "to_print", "sent", "held", "delivered", "failed")
PROOF_KINDS = ("delivered", "failed")
ZERO = Decimal(0)
LONGEST_WAIT = 365


@dataclass(frozen=True, slots=True)
class DueItem:
    """A debt as a letter names it; amounts in `currency`, the fee in a currency of its own.

    `disputed` and `promised` are live parts of what is open,
    `demanded` are the levels at which it was demanded before; `days_overdue` is below 0 before the due date.
    """

    item_id: int
    number: str
    document_date: date
    due_date: date
    days_overdue: int
    currency: str
    open_amount: Decimal
    disputed: Decimal = ZERO
    promised: Decimal = ZERO
    interest: Decimal = ZERO
    fee: Decimal = ZERO
    fee_currency: str = ""
    demanded: frozenset[str] = frozenset()

    @property
    def claimed(self) -> Decimal:
        """What of the principal is asked for: what is open less what is disputed or promised; never below zero."""
        return max(self.open_amount - self.disputed - self.promised, ZERO)


@dataclass(frozen=True, slots=True)
class Total:
    """What a letter asks for in one currency. `credit` is money and credit notes that pay nothing yet."""

    currency: str
    claimed: Decimal
    interest: Decimal
    fee: Decimal
    credit: Decimal

    @property
    def to_pay(self) -> Decimal:
        """Claim, interest and fees less what is there already; never below zero."""
        return max(self.claimed + self.interest + self.fee - self.credit, ZERO)


def newly_demanded(items: Iterable[DueItem], level: str, reached_by: date) -> frozenset[int]:
    """Ids of the items that reach `level` now: due by `reached_by`, with something to claim, and demanded neither at
    this level nor at a harsher one. None of them: no letter goes out."""
    this_or_harsher = set(LEVELS[LEVELS.index(level) :])
    return frozenset(
        item.item_id
        for item in items
        if item.claimed > 0 and item.due_date <= reached_by and not item.demanded & this_or_harsher
    )


def totals(items: Iterable[DueItem], credits: Mapping[str, Decimal]) -> tuple[Total, ...]:
    """The sums of a letter, a currency each; nothing is converted. A credit counts in its own currency only."""
    sums: dict[str, list[Decimal]] = {}
    for item in items:
        if item.claimed > 0:
            one = sums.setdefault(item.currency, [ZERO, ZERO, ZERO])
            one[0] += item.claimed
            one[1] += item.interest
            if item.fee:
                sums.setdefault(item.fee_currency, [ZERO, ZERO, ZERO])[2] += item.fee
    return tuple(
        Total(code, claimed, interest, fee, max(credits.get(code, ZERO), ZERO))
        for code, (claimed, interest, fee) in sorted(sums.items())
    )


def asks_for_something(sums: Sequence[Total]) -> bool:
    """Whether anything is left to pay after what the customer has with us."""
    return any(total.to_pay > 0 for total in sums)


def language_of(country: str | None) -> str:
    """The language of letters to a country."""
    return "zh_Hans_CN" if country == "CN" else "en"


@dataclass(frozen=True, slots=True)
class DunningPolicy:
    """How letters go out.

    `ways`: level -> channels in order of preference, the first by which the customer can be reached is taken.
    `pay_within`: level -> days to pay. `review`: levels that wait for release. `remind_from`: total in base currency
    from which a reminder before due is sent. `restarting`: countries whose law restarts limitation with a demand.
    `with_interest`: levels that claim late interest and fees. `sender`, `accounts`: our address and bank accounts.
    """

    ways: Mapping[str, tuple[str, ...]]
    pay_within: Mapping[str, int]
    review: frozenset[str]
    remind_before: int
    remind_from: Decimal
    restarting: frozenset[str]
    with_interest: frozenset[str]
    sender: tuple[str, ...]
    accounts: Mapping[str, str]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        pay_within = table_of(values, "dunning.pay_within_days", to_whole)
        if set(pay_within) != set(DEMANDS) or not all(1 <= n <= LONGEST_WAIT for n in pay_within.values()):
            raise InvalidPolicy(
                key="dunning.pay_within_days", problem=N_("not a number of days for every level")
            )
        remind_before = whole_of(values, "dunning.remind_before_days")
        if not 0 <= remind_before <= LONGEST_WAIT:
            raise InvalidPolicy(
                key="dunning.remind_before_days", problem=N_("not a number of days up to a year")
            )
        restarting = frozenset(list_of(values, "dunning.demand_restarts_limitation", to_text))
        if not all(len(one) == 2 and one.isascii() and one.isalpha() and one.isupper() for one in restarting):
            raise InvalidPolicy(
                key="dunning.demand_restarts_limitation", problem=N_("not a list of countries of two letters")
            )
        return cls(
            _ways(values),
            pay_within,
            _levels(values, "dunning.review_levels"),
            remind_before,
            decimal_of(values, "dunning.remind_from_amount"),
            restarting,
            _levels(values, "dunning.interest_levels"),
            list_of(values, "dunning.sender", to_text),
            table_of(values, "dunning.bank_accounts", to_text),
        )

    def channel(self, level: str, *, email: bool, phone: bool) -> str | None:
        """The first way by which this customer can be reached; a letter always can. None: no way of the policy can."""
        can = {"email": email, "sms": phone, "letter": True}
        return next((way for way in self.ways[level] if can[way]), None)

    def pay_to(self, currencies: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """(currency, our account for it), as far as policy names one; `*` stands for every other currency."""
        found = ((code, self.accounts.get(code) or self.accounts.get("*", "")) for code in currencies)
        return tuple((code, account) for code, account in found if account)


def _levels(values: Values, key: str) -> frozenset[str]:
    found = frozenset(list_of(values, key, to_text))
    if not found <= set(DEMANDS):
        raise InvalidPolicy(key=key, problem=N_("not a list of levels of letters"))
    return found


def _ways(values: Values) -> dict[str, tuple[str, ...]]:
    key = "dunning.channels"
    given = value_of(values, key)
    if not isinstance(given, Mapping) or set(given) != set(LEVELS):
        raise InvalidPolicy(key=key, problem=N_("not a list of channels for every level"))
    return {level: _channels(key, level, listed) for level, listed in given.items()}


def _channels(key: str, level: str, listed: Any) -> tuple[str, ...]:
    known = isinstance(listed, Sequence) and not isinstance(listed, str) and bool(listed)
    if not known or not set(listed) <= set(CHANNELS):
        raise InvalidPolicy(key=key, problem=N_("not a list of channels for every level"))
    if level in DEMANDS and listed[-1] != "letter":
        # Whoever has neither address nor telephone is still written to: on paper.
        raise InvalidPolicy(key=key, problem=N_("without the letter as the last way of a demand"))
    return tuple(listed)
