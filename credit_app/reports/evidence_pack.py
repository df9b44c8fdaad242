"""The evidence pack of a legal case: a ZIP with cover, papers, tables, and a manifest of every file's SHA-256.

00-cover.pdf        parties, claim, interest, limitation, the index of the papers, and what is missing
01-statement.pdf    the statement of account
items/<number>.xml  each claimed item as UBL 2.1
contacts.csv        what was tried and said
documents/…         the papers, named by piece, row and file name
manifest.json       of which case, when, and size and SHA-256 of each file above
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from flask_babel import force_locale
from sqlalchemy.orm import Session

from credit_app.domain.money import format_amount
from credit_app.facts.evidence import Evidence, evidence_of
from credit_app.facts.interest_statement import fee_sentences
from credit_app.facts.interest_words import formula, percent_word, rate_word
from credit_app.facts.legal_words import EVIDENCE_WORDS, GROUND_WORDS, MISSING_WORDS, WHY_NOT_WORDS, word
from credit_app.facts.statement import statement_of
from credit_app.forms.uploads import safe_name
from credit_app.i18n import _, written_day
from credit_app.models import CustomerDocument, Person, the_company
from credit_app.models.legal import LegalCase, LegalEvent
from credit_app.reports.customer_archive import cell
from credit_app.reports.pdf import Column, Document, Section, pdf_of
from credit_app.reports.statement import statement_document
from credit_app.reports.ubl import ubl_of

FORMAT = 1
OWN = "Credit Desk"  # who made a pack that no person asked for
PERIOD = timedelta(days=365)  # of the movements that the statement shows
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as a file to be filed, and the codes of what is missing in it."""

    filename: str
    content_type: str
    content: bytes
    sha256: str
    missing: Sequence[str]


def pack_of(session: Session, case: LegalCase, day: date, instant: datetime, by: str) -> Pack:
    """The pack of a case as of `day`, in the language of the debtor's country; `by` made it."""
    evidence = evidence_of(session, case, day)
    language = "zh_Hans_CN" if case.country == "CN" else "en"
    with force_locale(language):
        files = list(_files(session, case, evidence, instant, language))
    manifest = {
        "format": FORMAT,
        "case": case.number,
        "customer": case.customer.number,
        "claimed": {"amount": format(case.amount or 0, "f"), "currency": case.currency},
        "as_of": day.isoformat(),
        "made_at": instant.isoformat(),
        "made_by": by,
        "missing": list(evidence.missing),
        "files": [
            {"file": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files
        ],
    }
    files.append(("manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n"))
    content = _zipped(files, instant)
    return Pack(
        f"{case.number}-evidence-{day.isoformat()}.zip",
        "application/zip",
        content,
        hashlib.sha256(content).hexdigest(),
        evidence.missing,
    )


def file_pack(
    session: Session, case: LegalCase, day: date, instant: datetime, person_id: int | None
) -> CustomerDocument:
    """Make the pack and file it in the customer's file; the case names the newest. The caller commits."""
    person = session.get(Person, person_id) if person_id is not None else None
    pack = pack_of(session, case, day, instant, person.name if person is not None else OWN)
    row = CustomerDocument(
        customer_id=case.customer_id, kind="other", filename=pack.filename, content_type=pack.content_type,
        size=len(pack.content), sha256=pack.sha256, content=pack.content, uploaded_by=person_id, uploaded_at=instant,
    )  # fmt: skip
    session.add(row)
    session.flush()
    case.pack_id, case.pack_missing = row.id, list(pack.missing)
    session.add(
        LegalEvent(
            case_id=case.id,
            kind="evidence",
            happened_on=day,
            document_id=row.id,
            made_by=person_id,
            created_at=instant,
        )
    )
    session.flush()
    return row


def _zipped(files: Iterable[tuple[str, bytes]], instant: datetime) -> bytes:
    """The same files and instant give the same bytes."""
    buffer, stamp = io.BytesIO(), instant.timetuple()[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _files(
    session: Session, case: LegalCase, evidence: Evidence, instant: datetime, language: str
) -> Iterable[tuple[str, bytes]]:
    company, day = the_company(session).name, evidence.as_of
    yield "00-cover.pdf", pdf_of(_cover(company, case, evidence, language), instant)
    statement = statement_of(session, case.customer_id, day, day - PERIOD)
    document = statement_document(company, case.customer, statement, language)
    yield "01-statement.pdf", pdf_of(document, instant)
    for one in evidence.claimed:
        yield f"items/{one.item.id}-{_PLAIN.sub('_', one.item.number)}.xml", ubl_of(session, one.item)
    heads = ("made_at", "channel", "direction", "outcome", "reached", "note")
    rows = [[getattr(row, name) for name in heads] for row in evidence.contacts]
    yield "contacts.csv", _csv(heads, rows)
    for paper in evidence.papers:
        row = paper.document
        yield f"documents/{paper.piece}-{row.id}-{safe_name(row.filename)}", row.content


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow(heads)
    writer.writerows([cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


def _cover(company: str, case: LegalCase, evidence: Evidence, language: str) -> Document:
    lang, region = ("zh", "CN") if language.startswith("zh") else ("en", "GB")
    code, customer = case.currency or "", case.customer
    interest = sum((one.interest.amount for one in evidence.claimed if one.interest), Decimal(0))
    place = ", ".join(part for part in (customer.address, customer.city, customer.country) if part)
    parties = [
        (_("Claimant"), company),
        (_("Debtor"), f"{customer.name} ({customer.number})"),
        (_("Registration number"), customer.registration_number),
        (_("Address"), place or None),
        (_("Amount claimed"), _money(case.amount or 0, code)),
        (_("Late interest"), _money(interest, code)),
        (_("Legal case"), case.number),
    ]
    return Document(
        title=_("Evidence in the case against %(name)s", name=customer.name),
        author=company,
        lead=company,
        foot=_("%(number)s, as of %(day)s", number=case.number, day=written_day(evidence.as_of)),
        sections=[
            Section(_("Parties and claim"), pairs=parties),
            _claim(evidence, code),
            *_interest(evidence, code),
            _limitation(evidence),
            _index(evidence),
            Section(
                _("Missing"),
                [word(MISSING_WORDS, one) for one in evidence.missing] or [_("Nothing is missing.")],
            ),
        ],
        lang=lang,
        region=region,
    )


def _claim(evidence: Evidence, code: str) -> Section:
    head = [
        Column(_("Number"), wide=True), Column(_("Document date")), Column(_("Due")),
        Column(_("Amount claimed"), number=True), Column(_("Late interest"), number=True),
    ]  # fmt: skip
    rows = [
        [
            one.item.number, written_day(one.item.document_date), written_day(one.item.due_date),
            _money(one.amount, code), _money(one.interest.amount, code) if one.interest else None,
        ]
        for one in evidence.claimed
    ]  # fmt: skip
    return Section(_("Claim and interest"), head=head, rows=rows)


def _interest(evidence: Evidence, code: str) -> Iterable[Section]:
    """How the interest comes about, for whoever has to follow the sum: every span of days with its rate and why."""
    found = [(one.item.number, one.interest) for one in evidence.claimed if one.interest]
    if not found:
        return
    head = [
        Column(_("Number")), Column(_("From")), Column(_("To")), Column(_("Open"), number=True),
        Column(_("Rate"), wide=True), Column(_("Late interest"), number=True),
    ]  # fmt: skip
    rows: list[list[str | None]] = []
    for number, interest in found:
        for place, part in enumerate(interest.segments):
            rate = f"{percent_word(part.rate)} ({rate_word(part.why)})"
            rows.append(
                [
                    "" if place else number, written_day(part.from_on), written_day(part.to_on),
                    format_amount(part.open_amount), rate, format_amount(part.amount.quantize(Decimal("0.01"))),
                ]
            )  # fmt: skip
    lines = [
        formula(),
        _("What was claimed by an item of its own, and what was waived, is left out."),
        *fee_sentences([interest for _number, interest in found]),
    ]
    yield Section(_("Interest by days in %(currency)s", currency=code), lines, head=head, rows=rows)


def _limitation(evidence: Evidence) -> Section:
    head = [
        Column(_("Number"), wide=True),
        Column(_("Day")),
        Column(_("Event"), wide=True),
        Column(_("Runs to")),
    ]
    rows: list[list[str | None]] = []
    for one in evidence.claimed:
        chain = one.limitation.chain
        rows.append(
            [one.item.number, written_day(chain.begins_on), _("begins"), written_day(chain.first_end)]
        )
        for link in chain.links:
            ground = word(GROUND_WORDS, link.event.ground)
            said = f"{ground} ({word(WHY_NOT_WORDS, link.why_not)})" if link.why_not else ground
            rows.append(["", written_day(link.event.on), said, written_day(link.ends_on)])
    return Section(_("Limitation"), head=head, rows=rows)


def _index(evidence: Evidence) -> Section:
    head = [Column(_("Piece")), Column(_("Document"), wide=True), Column("SHA-256")]
    rows = [
        [word(EVIDENCE_WORDS, paper.piece), paper.document.filename, f"{paper.document.sha256[:16]}…"]
        for paper in evidence.papers
    ]
    lines = [] if rows else [_("No papers are filed.")]
    return Section(_("Papers"), lines, head=head if rows else [], rows=rows)


def _money(amount: Any, code: str) -> str:
    return f"{code} {format_amount(amount)}"
