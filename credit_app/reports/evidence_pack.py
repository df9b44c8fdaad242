"""The evidence pack of a legal case: a ZIP with cover, papers, tables, and a manifest of every file's SHA-256.

00-cover.pdf        parties, claim, interest, limitation, the index of the papers, and what is missing
01-statement.pdf    the statement of account
items/<number>.xml  each claimed item as UBL 2.1
contacts.csv        what was tried and said
interest.csv        the late interest of the claimed items, by days with one rate and one open amount
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
from typing import Any

import orjson
from flask_babel import force_locale
from sqlalchemy.orm import Session

from credit_app.domain.money import format_amount, round_money
from credit_app.facts.evidence import Evidence, evidence_of
from credit_app.facts.interest_statement import AccountInterest, fee_sentences, statement_interest
from credit_app.facts.late_interest import InterestRefused
from credit_app.facts.legal_words import EVIDENCE_WORDS, GROUND_WORDS, MISSING_WORDS, WHY_NOT_WORDS, word
from credit_app.facts.statement import Statement, statement_of
from credit_app.forms.uploads import safe_name
from credit_app.i18n import _, written_day
from credit_app.models import CustomerDocument, MissingRate, Person, the_company
from credit_app.models.legal import LegalCase, LegalEvent
from credit_app.reports.customer_archive import cell
from credit_app.reports.pdf import Column, Document, Section, pdf_of
from credit_app.reports.statement import interest_section, statement_document
from credit_app.reports.ubl import ubl_of

FORMAT = 1
OWN = "Credit Desk"  # who made a pack that no person asked for
INTEREST = ("number", "from", "to", "days", "open", "rate_a_year", "interest")
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
    document = statement_document(
        company, case.customer, statement, language, interest=_on_statement(session, case, statement)
    )
    yield "01-statement.pdf", pdf_of(document, instant)
    for one in evidence.claimed:
        yield f"items/{one.item.id}-{_PLAIN.sub('_', one.item.number)}.xml", ubl_of(session, one.item)
    yield "interest.csv", _csv(INTEREST, _interest_rows(evidence))
    heads = ("made_at", "channel", "direction", "outcome", "reached", "note")
    rows = [
        [row.made_at, row.channel, row.direction, evidence.outcomes[row.id], row.reached, row.note]
        for row in evidence.contacts
    ]
    yield "contacts.csv", _csv(heads, rows)
    for paper in evidence.papers:
        row = paper.document
        yield f"documents/{paper.piece}-{row.id}-{safe_name(row.filename)}", row.content


def _interest_rows(evidence: Evidence) -> Iterable[Sequence[Any]]:
    for one in evidence.claimed:
        for part in one.interest.segments if one.interest is not None else ():
            yield (
                one.item.number, part.from_on, part.to_on, part.days, part.open_amount,
                round_money(part.rate, 4), round_money(part.amount, 4),
            )  # fmt: skip


def _on_statement(session: Session, case: LegalCase, statement: Statement) -> dict[str, AccountInterest]:
    """Late interest as the statement explains it; none where a rate is missing, which the cover says."""
    try:
        return statement_interest(session, statement, case.customer.country)
    except (InterestRefused, MissingRate):
        return {}


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
    interest = _late_interest(evidence, code)
    place = ", ".join(part for part in (customer.address, customer.city, customer.country) if part)
    parties = [
        (_("Claimant"), company),
        (_("Debtor"), f"{customer.name} ({customer.number})"),
        (_("Registration number"), customer.registration_number),
        (_("Address"), place or None),
        (_("Amount claimed"), _money(case.amount or 0, code)),
        (_("Late interest"), _money(interest.total, code) if interest is not None else None),
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
            *([interest_section(interest)] if interest is not None else []),
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


def _late_interest(evidence: Evidence, code: str) -> AccountInterest | None:
    """The late interest of the claimed items that is left to claim; None where a rate is missing."""
    found = [(one.item.number, one.interest) for one in evidence.claimed if one.interest is not None]
    if len(found) < len(evidence.claimed):
        return None
    return AccountInterest(code, found, fee_sentences([interest for _number, interest in found]))


def _claim(evidence: Evidence, code: str) -> Section:
    head = [
        Column(_("Number"), wide=True), Column(_("Document date")), Column(_("Due")),
        Column(_("Amount claimed"), number=True), Column(_("Late interest"), number=True),
        Column(_("Claimed before"), number=True), Column(_("Waived"), number=True),
    ]  # fmt: skip
    rows = [
        [
            one.item.number, written_day(one.item.document_date), written_day(one.item.due_date),
            format_amount(one.amount),
            format_amount(one.interest.amount) if one.interest is not None else None,
            format_amount(one.claimed_before), format_amount(one.waived),
        ]
        for one in evidence.claimed
    ]  # fmt: skip
    said = _("Late interest that was claimed before is owed by items of its own; what was waived is let go.")
    return Section(_("Claim in %(currency)s", currency=code), [said], head=head, rows=rows)


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
