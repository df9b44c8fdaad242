"""The policy of the order check: what each rule does, and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from credit_app.domain.collection import STAGES
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import (
    Values,
    decimal_of,
    list_of,
    table_of,
    text_of,
    to_text,
    whole_of,
)
from credit_app.domain.sentences import N_

HOLD, WARN, OFF = "hold", "warn", "off"
# In the order in which they are looked at; the group's limit before the company's own.
RULES = (
    "closed",
    "blacklisted",
    "in_default",
    "customer_hold",
    "no_limit",
    "limit_expired",
    "limit_ends",
    "over_group_limit",
    "over_limit",
    "within_tolerance",
    "oldest_overdue",
    "overdue_amount",
    "overdue_ratio",
    "collection_stage",
    "term_too_long",
    "payment_method",
    "file_incomplete",
    "file_stale",
    "warning_line",
    "overdue_watch",
    "review_overdue",
    "disputed",
    "broken_promise",
    "security_ends",
    "unusual_order",
    "copied",
    "split",
)
_KEY = "order_check."
MOST_ORDERS = 200  # that are looked up for what is usual
_NOT_NEGATIVE = (
    "tolerance", "overdue_days", "overdue_amount", "overdue_ratio", "smallest_overdue", "watch_days", "watch_ratio",
    "disputed_ratio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """What each rule does (hold, warn, off), and from which figures on; amounts in base currency.

    From `watch_days` and `watch_ratio` on overdue debts are said, above `overdue_days` and the other figures of what is
    overdue they hold. Promises that were broken within `broken_within_days` count. `usual_orders` are the last ones
    whose average is usual, where there are `usual_least`.

    `tolerance` and `overdue_ratio` are shares, `methods` are payment methods from the riskiest to the safest,
    `limit_ends_days` the days before the last day of a limit from which on orders say so.
    """

    does: Mapping[str, str]
    tolerance: Decimal
    overdue_days: int
    overdue_amount: Decimal
    overdue_ratio: Decimal
    smallest_overdue: Decimal
    stage: str
    methods: tuple[str, ...]
    prepaid_methods: frozenset[str]
    prepaid_rules: frozenset[str]
    never_released: frozenset[str]
    split_days: int
    limit_ends_days: int
    watch_days: int
    watch_ratio: Decimal
    disputed_ratio: Decimal
    broken_promises: int
    broken_within_days: int
    usual_factor: Decimal
    usual_orders: int
    usual_least: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        does = table_of(values, _KEY + "rules", to_text)
        if set(does) != set(RULES) or not set(does.values()) <= {HOLD, WARN, OFF}:
            raise InvalidPolicy(
                key=_KEY + "rules", problem=N_("not hold, warn or off for each rule of the order check")
            )
        found = cls(
            does,
            decimal_of(values, _KEY + "tolerance"),
            whole_of(values, _KEY + "overdue_days"),
            decimal_of(values, _KEY + "overdue_amount"),
            decimal_of(values, _KEY + "overdue_ratio"),
            decimal_of(values, _KEY + "smallest_overdue"),
            text_of(values, _KEY + "stage"),
            list_of(values, _KEY + "method_order", to_text),
            frozenset(list_of(values, _KEY + "prepaid_methods", to_text)),
            _rules(values, "prepaid_rules"),
            _rules(values, "never_released"),
            whole_of(values, _KEY + "split_days"),
            whole_of(values, _KEY + "limit_ends_days"),
            whole_of(values, _KEY + "watch_days"),
            decimal_of(values, _KEY + "watch_ratio"),
            decimal_of(values, _KEY + "disputed_ratio"),
            whole_of(values, _KEY + "broken_promises"),
            whole_of(values, "promise.broken_within_days"),
            decimal_of(values, _KEY + "usual_factor"),
            whole_of(values, _KEY + "usual_orders"),
            whole_of(values, _KEY + "usual_least"),
        )
        for key in _NOT_NEGATIVE:
            if getattr(found, key) < 0:
                raise InvalidPolicy(key=_KEY + key, problem=N_("below zero"))
        if found.tolerance > 1:
            raise InvalidPolicy(key=_KEY + "tolerance", problem=N_("more than the limit itself"))
        if found.stage not in STAGES:
            raise InvalidPolicy(key=_KEY + "stage", problem=N_("not a stage of collection"))
        for key in ("split_days", "limit_ends_days"):
            if not 0 <= getattr(found, key) <= 366:
                raise InvalidPolicy(key=_KEY + key, problem=N_("not days from 0 to 366"))
        if found.usual_factor < 1:
            raise InvalidPolicy(key=_KEY + "usual_factor", problem=N_("less than once the usual amount"))
        if not 1 <= found.usual_least <= found.usual_orders <= MOST_ORDERS:
            raise InvalidPolicy(
                key=_KEY + "usual_orders",
                problem=N_("not a number of orders up to %(most)s, with fewer of them enough to compare"),
                most=MOST_ORDERS,
            )
        if found.broken_promises < 1:
            raise InvalidPolicy(key=_KEY + "broken_promises", problem=N_("below one"))
        return found

    def is_prepaid(self, method: str) -> bool:
        """Whether an order paid so leaves nothing to be owed."""
        return method in self.prepaid_methods

    def as_safe(self, method: str, granted: str) -> bool:
        """Whether a payment method is the granted one or a safer one; one that policy does not name is not."""
        if method == granted:
            return True
        known = self.methods
        return method in known and granted in known and known.index(method) > known.index(granted)


def _rules(values: Values, key: str) -> frozenset[str]:
    found = frozenset(list_of(values, _KEY + key, to_text))
    if not found <= set(RULES):
        raise InvalidPolicy(key=_KEY + key, problem=N_("naming a rule that the order check does not have"))
    return found
