"""Write-offs: which grounds there are, what evidence policy asks for each, and who may decide on how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, table_of, to_decimal, to_whole, value_of
from credit_app.domain.sentences import N_, Sentence

GROUNDS = ("insolvency", "enforcement_failed", "untraceable", "age", "small_amount")
LEVELS = ("credit_manager", "finance_director", "cfo")
_FIELDS = {"documents", "days", "most"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a ground asks for: how many documents at least, how many days past due each debt must be, and the most that
    a proposal may come to in base currency (None: any)."""

    documents: int = 0
    days: int = 0
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WriteOffPolicy:
    """The evidence by ground, and up to which total in base currency each level decides, lowest level first."""

    evidence: Mapping[str, Evidence]
    bands: Sequence[tuple[str, Decimal]]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        evidence = value_of(values, "write_off.evidence")
        if not isinstance(evidence, Mapping) or set(evidence) != set(GROUNDS):
            raise InvalidPolicy(key="write_off.evidence", problem=N_("not a row for every ground"))
        bands = table_of(values, "write_off.bands", to_decimal)
        amounts = [bands[level] for level in LEVELS if level in bands]
        if set(bands) != set(LEVELS) or amounts != sorted(amounts) or amounts[0] < 0:
            raise InvalidPolicy(key="write_off.bands", problem=N_("not a rising amount for every level"))
        return cls(
            {ground: _evidence(evidence[ground]) for ground in GROUNDS},
            [(level, bands[level]) for level in LEVELS],
        )

    def level(self, total: Decimal) -> str:
        """Who decides on this total; what is above every band belongs to the highest level."""
        return next((level for level, most in self.bands if total <= most), LEVELS[-1])

    def levels_from(self, level: str) -> Sequence[str]:
        """That level and those above it, which decide when nobody of it may."""
        return LEVELS[LEVELS.index(level) :]

    def lacks(self, ground: str, documents: int, youngest: int, total: Decimal) -> tuple[Sentence, ...]:
        """What a proposal lacks: `documents` handed in, days past due of its youngest debt, total in base currency."""
        needed = self.evidence[ground]
        found = []
        if documents < needed.documents:
            found.append(Sentence("write_off.documents", _DOCUMENTS, {"least": needed.documents}))
        if youngest < needed.days:
            found.append(Sentence("write_off.days", _DAYS, {"days": needed.days}))
        if needed.most is not None and total > needed.most:
            found.append(Sentence("write_off.most", _MOST, {"most": needed.most}))
        return tuple(found)


_DOCUMENTS = N_("This ground needs evidence: choose documents of the customer's file, at least %(least)s.")
_DAYS = N_("This ground holds for debts that are at least %(days)s days past due only.")
_MOST = N_("This ground holds up to a total of %(most)s in base currency only.")


def _evidence(row: Any) -> Evidence:
    key = "write_off.evidence"
    if not isinstance(row, Mapping) or not set(row) <= _FIELDS:
        raise InvalidPolicy(key=key, problem=N_("not a row for every ground"))
    most = to_decimal(key, row["most"]) if row.get("most") is not None else None
    found = Evidence(to_whole(key, row.get("documents", 0)), to_whole(key, row.get("days", 0)), most)
    if found.documents < 0 or found.days < 0 or (most is not None and most < 0):
        raise InvalidPolicy(key=key, problem=N_("below zero"))
    return found
