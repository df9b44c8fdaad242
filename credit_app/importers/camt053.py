"""Reads bank statements of ISO 20022, camt.053.001.02 and 001.08, entry by entry."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from credit_app.domain.money import minor_units
from credit_app.domain.sentences import N_, Sentence
from credit_app.importers import camt053_entry
from credit_app.importers.camt053_entry import Entry
from credit_app.importers.camt053_values import account_of, amount_of, day_of, text_of
from credit_app.importers.errors import BadValue, FileRefused
from credit_app.importers.report import Problem, sentence
from credit_app.importers.xml_reading import Element, OpenXml, open_xml

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
ROOTS = {f"{{{_NAMESPACE}{version}}}Document": version for version in ("camt.053.001.02", "camt.053.001.08")}


@dataclass(slots=True)
class Statement:
    """One statement when all of its entries have been read. Raised problems are kept in `problem`: then it is not to
    be used. `number` counts the statements of the file from 1, `entries` its booked entries."""

    number: int
    line: int
    account: str = ""
    statement_id: str = ""
    currency: str = ""
    from_on: date | None = None
    to_on: date | None = None
    opening: Decimal = Decimal(0)
    closing: Decimal = Decimal(0)
    entries: int = 0
    problem: Problem | None = None
    content_sha256: str = ""


@dataclass(slots=True)
class _Running:
    """What is added up while the entries of a statement pass by."""

    statement: Statement
    total: Decimal = Decimal(0)
    currencies: set[str] = field(default_factory=set)
    uneven: bool = False  # an entry has decimals that its currency has not
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def take(self, entry: Entry) -> None:
        self.statement.entries += 1
        self.total += entry.amount
        self.currencies.add(entry.currency)
        self.uneven = self.uneven or entry.amount != round(entry.amount, minor_units(entry.currency))
        self.digest.update(entry.said.encode())

    def refuse(self, line: int, column: str, value: str, reason: Sentence) -> None:
        """The first problem is the one that is told."""
        if self.statement.problem is None:
            self.statement.problem = Problem(line, column, value, reason)


def read_statements(
    file: BinaryIO,
    currencies: frozenset[str],
    today: date,
    read_so_far: Callable[[int], None] = lambda _done: None,
) -> Iterator[tuple[Statement, Entry | None]]:
    """Each booked entry with its statement, and each statement once more, without an entry, when it is complete.

    `currencies` are those known here; an entry booked after `today` is refused. Only what was refused as a whole
    raises (FileRefused); a statement that does not fit together ends with a `problem`.
    """
    document = open_xml(file, ROOTS)
    found = 0
    for statement, entry in _read(document, currencies, today):
        found += entry is None
        yield statement, entry
        read_so_far(document.done)
    if not found:
        raise FileRefused(N_("The file holds no bank statement."))


def _read(
    document: OpenXml, currencies: frozenset[str], today: date
) -> Iterator[tuple[Statement, Entry | None]]:
    running, number = None, 0
    details: list[camt053_entry.Detail] = []
    for part in document.parts("TxDtls", "Ntry", "Stmt"):
        name = part.tag.rpartition("}")[2]
        if running is None:
            number += 1
            running = _Running(Statement(number, part.sourceline or 0))
        if name == "TxDtls":
            details.append(camt053_entry.read_detail(part))
        elif name == "Ntry":
            yield from ((running.statement, entry) for entry in _entries(part, details, running, today))
            details = []
        else:
            _finish(part, running, currencies)
            yield running.statement, None
            running = None


def _entries(
    part: Element, details: list[camt053_entry.Detail], running: _Running, today: date
) -> list[Entry]:
    """The booked entries of one <Ntry>; a problem is kept at the statement."""
    try:
        entries = camt053_entry.read_entries(part, details)
    except BadValue as error:
        running.statement.entries += 1
        running.refuse(part.sourceline or 0, "Ntry", camt053_entry.named(part), error.sentence)
        return []
    for entry in entries:
        running.take(entry)
        if entry.booked_on > today:
            day = entry.booked_on.isoformat()
            coming = sentence(N_("is booked on %(day)s, which has not come yet"), day=day)
            running.refuse(entry.line, "BookgDt", entry.reference, coming)
    return entries


def _finish(part: Element, running: _Running, currencies: frozenset[str]) -> None:
    """Fills in the statement's own values and checks that it adds up."""
    statement = running.statement
    try:
        _read_head(part, statement)
        _check(statement, running, currencies)
    except BadValue as error:
        running.refuse(statement.line, "Stmt", statement.statement_id, error.sentence)
    running.digest.update(
        f"{statement.opening}|{statement.closing}|{statement.from_on}|{statement.to_on}".encode()
    )
    statement.content_sha256 = running.digest.hexdigest()


def _read_head(part: Element, statement: Statement) -> None:
    """Raises BadValue."""
    statement.statement_id = text_of(part, "Id")
    if not statement.statement_id or len(statement.statement_id) > 60:
        raise BadValue(N_("has no number (Id) of up to 60 characters"))
    statement.account = account_of(part, "Acct/Id")
    if not statement.account:
        raise BadValue(N_("names no account (Acct)"))
    opening, closing = _balance(part, "OPBD", "PRCD"), _balance(part, "CLBD")
    statement.opening, statement.closing = opening[0], closing[0]
    statement.currency = text_of(part, "Acct/Ccy") or closing[1]
    if {opening[1], closing[1]} != {statement.currency}:
        raise BadValue(N_("names more than one currency for the account"))
    statement.to_on = day_of(part, "FrToDt/ToDtTm") or closing[2]
    statement.from_on = day_of(part, "FrToDt/FrDtTm") or min(opening[2], closing[2])
    if statement.to_on < statement.from_on:
        raise BadValue(N_("ends on %(to)s, before it begins"), to=statement.to_on.isoformat())


def _balance(part: Element, *codes: str) -> tuple[Decimal, str, date]:
    """(signed amount, currency, day) of the first balance with one of these codes. Raises BadValue."""
    for code in codes:
        for balance in part.iterchildren(f"{part.tag.rpartition('}')[0]}}}Bal"):
            if text_of(balance, "Tp/CdOrPrtry/Cd") == code:
                amount, currency = amount_of(balance, "Amt", "CdtDbtInd")
                day = day_of(balance, "Dt/Dt", "Dt/DtTm")
                if day is None:
                    raise BadValue(N_("has a balance %(code)s without a date"), code=code)
                return amount, currency, day
    raise BadValue(N_("has no balance %(codes)s"), codes=" / ".join(codes))


def _check(statement: Statement, running: _Running, currencies: frozenset[str]) -> None:
    """Raises BadValue unless opening + entries = closing, all in one known currency with its decimals."""
    if statement.currency not in currencies:
        raise BadValue(N_("is in %(code)s, which is no currency in use here"), code=statement.currency)
    if wrong := running.currencies - {statement.currency}:
        raise BadValue(
            N_("has entries in %(found)s, but the account is in %(code)s"),
            found=", ".join(sorted(wrong)),
            code=statement.currency,
        )
    places = minor_units(statement.currency)
    if running.uneven or any(
        amount != round(amount, places) for amount in (statement.opening, statement.closing)
    ):
        raise BadValue(N_("has decimals, which its currency has not"))
    total = statement.opening + running.total
    if total != statement.closing and statement.problem is None:
        raise BadValue(
            N_(
                "opens with %(opening)s, its entries come to %(sum)s, together %(total)s; "
                "but it closes with %(closing)s"
            ),
            opening=statement.opening,
            sum=running.total,
            total=total,
            closing=statement.closing,
        )
