"""UBL 2.1 invoices and credit notes as rows: from one XML file or a ZIP of many, judged like those of any file."""
# ruff: noqa: S608 (put together from constants of this package; values are bound)

import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.payment_terms import MOST_INSTALMENTS, Instalment
from credit_app.domain.sentences import N_, Sentence
from credit_app.importers import invoice_rules
from credit_app.importers.checks import Values
from credit_app.importers.errors import BadValue, FileRefused
from credit_app.importers.fields import Field, Format, converter
from credit_app.importers.mapping import Mapping, Source
from credit_app.importers.reading import Table, at_hand
from credit_app.importers.report import Problem, sentence
from credit_app.importers.rows import RowReader
from credit_app.importers.ubl_reading import LARGEST_DOCUMENT, Document, read_document
from credit_app.models.customer import plain_registration

MOST_DOCUMENTS = 10_000
LARGEST_UNPACKED = 500 * 1024 * 1024
LARGEST_RATIO = 200

_PARTY, _TERMS = "cac:AccountingCustomerParty", "cac:PaymentTerms"
# Field -> element that fills it, in the order of a row's cells.
_ELEMENTS = {
    "external_id": "cbc:ID",
    "customer_external_id": _PARTY,
    "kind": "InvoiceTypeCode",
    "document_date": "cbc:IssueDate",
    "due_date": "cbc:DueDate",
    "amount": "cbc:PayableAmount",
    "currency": "@currencyID",
    "terms": _TERMS,
    "reference": "cac:OrderReference",
}
MAPPING = Mapping(
    name="ubl",
    title="UBL 2.1",
    kind="invoices",
    source="ubl",
    form=Format(negative_is_credit_note=True),
    finds_customers=True,
    fields={name: Source(column=element) for name, element in _ELEMENTS.items()}
    | {"number": Source(column="cbc:ID")},
)

_PLAIN = plain_registration("registration_number")
_NAMED = text(f"""
    SELECT id, external_id, number, external_id AS name FROM customer WHERE external_id = ANY(:names)
    UNION ALL SELECT id, external_id, number, number FROM customer WHERE number = ANY(:names)
    UNION ALL SELECT id, external_id, number, country || ' ' || {_PLAIN} FROM customer
        WHERE country = ANY(:countries) AND {_PLAIN} = ANY(:numbers)
""")

Reading = tuple[int, list[Values], list[Problem]]


@dataclass(frozen=True, slots=True)
class Party:
    """The customer that a document names: its key, and a text that is never empty."""

    id: int
    external_id: str


@contextmanager
def open_documents(file: Path | BinaryIO) -> Iterator[Table]:
    """A file with one document, or a ZIP with many, as a table whose rows are [name, bytes]. Raises FileRefused."""
    heading = list(_ELEMENTS.values())
    with at_hand(file) as (path, sha256), path.open("rb") as copy:
        zipped = copy.read(4) == b"PK\x03\x04"
        copy.seek(0)
        if zipped:
            with _archive(copy) as parts:
                yield Table(heading, _unpacked(*parts), sha256, "zip", "", len(parts[1]))
        else:
            data = copy.read(LARGEST_DOCUMENT + 1)
            yield Table(heading, iter([(1, ["", data])]), sha256, "xml", "", 1)


@contextmanager
def _archive(file: Any) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            unpacked = sum(part.file_size for part in parts)
            packed = max(1, sum(part.compress_size for part in parts))
            bomb = unpacked > 10 << 20 and unpacked / packed > LARGEST_RATIO
            if len(parts) > MOST_DOCUMENTS or unpacked > LARGEST_UNPACKED or bomb:
                raise FileRefused(
                    N_("The archive would unpack into too much data; send fewer documents at a time.")
                )
            if not parts:
                raise FileRefused(N_("The archive holds no documents."))
            yield archive, parts
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise FileRefused(N_("The archive is damaged, cut off or encrypted; pack it again.")) from error


def _unpacked(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> Iterator[tuple[int, list[Any]]]:
    left = LARGEST_UNPACKED
    for number, part in enumerate(parts, 1):
        with archive.open(part) as opened:  # what it declares as its size need not be true
            data = opened.read(LARGEST_DOCUMENT + 1)
        left -= len(data)
        if left < 0:
            raise FileRefused(
                N_("The archive would unpack into too much data; send fewer documents at a time.")
            )
        yield number, [part.filename.rpartition("/")[2], data]


def readings(session: Session, table: Table, reader: RowReader) -> list[Reading]:
    """Every document as the values of its rows, or what is wrong with it; a single one is refused as a whole.

    All are read before the first is staged: customers cannot be looked up while rows are being copied.
    """
    found: list[tuple[int, Document | Problem]] = []
    for number, (name, data) in table.rows:
        try:
            found.append((number, read_document(data)))
        except FileRefused as refused:
            if table.encoding == "xml":
                raise
            found.append(
                (number, Problem(number, name, "", Sentence("import.file", refused.template, refused.values)))
            )
    parties = customers_of(
        session, [document for _number, document in found if isinstance(document, Document)]
    )
    return [
        (number, [], [document])
        if isinstance(document, Problem)
        else (number, *_row(reader, number, document, parties))
        for number, document in found
    ]


def mapping_of(source: str) -> Mapping:
    """The mapping for documents that another system sends."""
    return replace(MAPPING, source=source)


def customers_of(session: Session, documents: Sequence[Document]) -> dict[str, set[Party]]:
    """What may name a customer -> the customers so named: external id, our number, or 'country number' registered."""
    names = list({name for document in documents for name in document.parties})
    countries = list({document.country.upper() for document in documents})
    found: dict[str, set[Party]] = {}
    asked = {"names": names, "countries": countries, "numbers": [_plain(name) for name in names]}
    for row in session.execute(_NAMED, asked):
        found.setdefault(row.name, set()).add(Party(row.id, row.external_id or row.number))
    return found


def _plain(name: str) -> str:
    """As `plain_registration` in SQL."""
    return "".join(letter for letter in name if letter.isalnum()).upper()


def _row(
    reader: RowReader, number: int, document: Document, parties: dict[str, set[Party]]
) -> tuple[list[Values], list[Problem]]:
    party, problem = _party(number, document, parties)
    if problem:
        return [], [problem]
    if document.kind == "credit_note" and document.amount.startswith("-"):
        return [], [Problem(number, _ELEMENTS["amount"], document.amount, sentence(N_("is negative")))]
    try:
        parts = _instalments(document)
    except BadValue as error:
        return [], [Problem(number, _TERMS, "", error.sentence)]
    due = parts[0].due_date if parts else document.due_date
    cells = [
        document.number,
        party.external_id,
        document.kind,
        document.issued_on,
        due,
        document.amount,
        document.currency,
        "" if parts else document.terms[:60],
        document.reference[:200],
    ]
    rows, problems, _bad = reader.read([(number, cells)])
    for values in rows:
        values["customer_id"] = party.id
    return reader.in_parts(number, rows[0], parts) if rows and parts else (rows, problems)


def _party(number: int, document: Document, parties: dict[str, set[Party]]) -> tuple[Party, Problem | None]:
    """The one customer that the document names; more than one, or none, is a problem."""
    named: dict[int, Party] = {}
    for name in document.parties:
        for key in (name, f"{document.country.upper()} {_plain(name)}"):
            named |= {party.id: party for party in parties.get(key, ())}
    if len(named) == 1:
        return next(iter(named.values())), None
    names = ", ".join(one.external_id for one in named.values())
    reason = (
        sentence(N_("names several customers, %(names)s"), names=names)
        if named
        else sentence(invoice_rules.FAULTS["unknown_customer"])
    )
    return Party(0, ""), Problem(number, _PARTY, ", ".join(document.parties), reason)


def _instalments(document: Document) -> list[Instalment]:
    """The parts of a document with several due dates; they come to the whole. Raises BadValue."""
    if not document.parts:
        return []
    if len(document.parts) > MOST_INSTALMENTS:
        raise BadValue(N_("has more than %(most)s instalments"), most=MOST_INSTALMENTS)
    day = converter(Field("date"), Format(), frozenset())
    amount = converter(Field("amount"), Format(), frozenset())
    parts = [Instalment(day(due), amount(part)) for due, part in document.parts]
    whole = amount(document.amount) or Decimal(0)
    total = sum((part.amount for part in parts), Decimal(0))
    issued = day(document.issued_on)
    if issued and any(part.due_date < issued for part in parts):
        raise BadValue(N_("has an instalment due before the document date %(day)s"), day=document.issued_on)
    if total != whole:
        raise BadValue(
            N_("has instalments of %(total)s, which is not the PayableAmount %(whole)s"),
            total=total,
            whole=whole,
        )
    return sorted(parts, key=lambda part: part.due_date)
