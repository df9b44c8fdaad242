"""When an invoice is due: days, end of month, or several instalments, in a notation that people and systems write.

`30` or `net 30`: 30 days after the document date · `EOM+15`: 15 days after the end of the document's month ·
`30 EOM`: the end of the month in which 30 days have passed · `40%@30, 60%@90`: instalments, each part with its terms.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import ClassVar

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

LONGEST_DAYS = 3650
MOST_INSTALMENTS = 60
HUNDRED = Decimal(100)

_DAYS = re.compile(r"(?:net\s*)?(\d{1,4})(?:\s*days)?", re.IGNORECASE)
_END_THEN_DAYS = re.compile(r"EOM\s*(?:\+\s*(\d{1,3}))?", re.IGNORECASE)
_DAYS_THEN_END = re.compile(r"(?:net\s*)?(\d{1,4})\s*(?:days\s*)?EOM", re.IGNORECASE)
_PART = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s*%\s*@\s*(.+)")


class UnknownTerms(DomainError):
    """Payment terms that cannot be read."""

    code: ClassVar[str] = "terms.unknown"
    template: ClassVar[str] = N_(
        "“%(terms)s” are no payment terms; write 30, EOM+15, 30 EOM or 40%%@30, 60%%@90."
    )


class SharesNotWhole(DomainError):
    """Instalments that do not come to the whole amount."""

    code: ClassVar[str] = "terms.shares_not_whole"
    template: ClassVar[str] = N_("The instalments of “%(terms)s” come to %(total)s %%, not to 100 %%.")


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of an invoice: its amount (> 0) and the day on which it is due."""

    due_date: date
    amount: Decimal


def due_date(terms: str, document_date: date) -> date:
    """The due date by terms without instalments. Raises UnknownTerms."""
    text = terms.strip()
    if found := _END_THEN_DAYS.fullmatch(text):
        return _end_of_month(document_date) + _days(found[1] or "0", terms)
    if found := _DAYS_THEN_END.fullmatch(text):
        return _end_of_month(document_date + _days(found[1], terms))
    if found := _DAYS.fullmatch(text):
        return document_date + _days(found[1], terms)
    raise UnknownTerms(terms=terms)


def instalments(terms: str, document_date: date, amount: Decimal, minor_units: int = 2) -> list[Instalment]:
    """The parts of an invoice, one without instalments; each rounded down, the last one takes the rest.

    Raises UnknownTerms or SharesNotWhole.
    """
    pieces = [piece.strip() for piece in terms.split(",")]
    if len(pieces) == 1 and "%" not in terms:
        return [Instalment(due_date(terms, document_date), amount)]
    if len(pieces) > MOST_INSTALMENTS:
        raise UnknownTerms(terms=terms)
    parts = [_PART.fullmatch(piece) for piece in pieces]
    shares = [Decimal(part[1]) for part in parts if part]
    if len(shares) != len(pieces):
        raise UnknownTerms(terms=terms)
    if sum(shares) != HUNDRED:
        raise SharesNotWhole(terms=terms, total=sum(shares))
    unit = Decimal(1).scaleb(-minor_units)
    amounts = [(amount * share / HUNDRED).quantize(unit, ROUND_DOWN) for share in shares[:-1]]
    amounts.append(amount - sum(amounts, Decimal(0)))
    if min(amounts) <= 0:
        raise UnknownTerms(terms=terms)
    days = [due_date(part[2], document_date) for part in parts if part]
    return [Instalment(day, part) for day, part in zip(days, amounts, strict=True)]


def _days(number: str, terms: str) -> timedelta:
    days = int(number)
    if days > LONGEST_DAYS:
        raise UnknownTerms(terms=terms)
    return timedelta(days=days)


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
