"""How old debts are: buckets by days past the due date, or since the document, and what policy does about each."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, text_of, to_whole, value_of
from credit_app.domain.sentences import N_

BASES = ("due", "document")
MEASURES = ("none", "remind", "call", "letter", "hold_and_visit", "final_demand", "legal")


@dataclass(frozen=True, slots=True)
class AgeingPolicy:
    """`ends` is the last day of each bucket, 0 the last one that is not due; older items stand in one more.

    `measures` says up to which day what is done, the last one without an end.
    """

    ends: tuple[int, ...]
    basis: str
    measures: tuple[tuple[int | None, str], ...]

    @classmethod
    def from_policy(cls, values: Values) -> "AgeingPolicy":
        """The policy in force. Raises InvalidPolicy."""
        ends = list_of(values, "ageing.bucket_ends", to_whole)
        if not ends or list(ends) != sorted(set(ends)):
            raise InvalidPolicy(key="ageing.bucket_ends", problem=N_("not a list of rising days"))
        basis = text_of(values, "ageing.basis")
        if basis not in BASES:
            raise InvalidPolicy(key="ageing.basis", problem=N_("neither due nor document"))
        return cls(ends, basis, _measures(values))

    @property
    def buckets(self) -> int:
        """How many there are."""
        return len(self.ends) + 1

    def bucket(self, document_date: date, due_date: date, as_of: date) -> int:
        """The bucket of an item, 0 first."""
        since = due_date if self.basis == "due" else document_date
        return bucket_of((as_of - since).days, self.ends)

    def bounds(self, bucket: int) -> tuple[int | None, int | None]:
        """First and last day of a bucket; None where it is open."""
        first = None if bucket == 0 else self.ends[bucket - 1] + 1
        return first, None if bucket == len(self.ends) else self.ends[bucket]

    def measure(self, bucket: int) -> str:
        """What is done with the items of a bucket: the measure of its last day."""
        last = self.bounds(bucket)[1]
        for end, measure in self.measures:
            if end is None or (last is not None and last <= end):
                return measure
        raise AssertionError("the last measure has no end")


def _measures(values: Values) -> tuple[tuple[int | None, str], ...]:
    key = "ageing.measures"

    def read(key: str, row: Any) -> tuple[int | None, str]:
        if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 2 or row[1] not in MEASURES:
            raise InvalidPolicy(
                key=key, problem=N_("no pair of a day and a known measure: “%(value)s”"), value=row
            )
        return (None if row[0] is None else to_whole(key, row[0])), row[1]

    found = list_of(values, key, read)
    days = [end for end, _measure in found[:-1] if end is not None]
    if not found or found[-1][0] is not None or len(days) != len(found) - 1 or days != sorted(set(days)):
        raise InvalidPolicy(key=key, problem=N_("not a list with rising days and an open last row"))
    return found


def bucket_of(days: int, ends: Sequence[int]) -> int:
    """The bucket of an age in days, 0 first."""
    return bisect_left(ends, days)


@dataclass(frozen=True, slots=True)
class WeightPolicy:
    """From which amount, in base currency, an item is large; and what share of all debt key customers owe together."""

    large_item: int
    key_customers: int

    @classmethod
    def from_policy(cls, values: Values) -> "WeightPolicy":
        """The policy in force. Raises InvalidPolicy."""
        return cls(
            to_whole("ledger.large_item", value_of(values, "ledger.large_item")),
            to_whole("ledger.key_customers", value_of(values, "ledger.key_customers")),
        )
