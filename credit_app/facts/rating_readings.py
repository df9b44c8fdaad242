"""What the indicators of a scorecard read: master data, evidence, legal records and references of a customer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from credit_app.domain.dates import add_months
from credit_app.domain.scorecard import Reading
from credit_app.domain.scorecard_models import LEVELS, OTHER_INDICATORS
from credit_app.domain.sentences import N_, Sentence
from credit_app.models import (
    CreditReport,
    Customer,
    Finding,
    InformationItem,
    Investigation,
    LegalRecord,
    Reference,
)

DAYS_A_YEAR = Decimal("365.25")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Findings and references that still count, the newest first, and the legal records that are known."""

    findings: Sequence[Finding]
    references: Sequence[Reference]
    legal: Sequence[LegalRecord]
    investigated: bool


def evidence_of(session: Session, customer_id: int, today: date, values: Mapping[str, Any]) -> Evidence:
    """Everything on file that is not older than policy's months; legal records whatever their age."""
    since = add_months(today, -int(values["rating.evidence_months"]))
    findings = (
        select(Finding)
        .join(Investigation)
        .where(Investigation.customer_id == customer_id, Finding.found_on >= since, Finding.found_on <= today)
        .order_by(Finding.found_on.desc(), Finding.id.desc())
    )
    references = (
        select(Reference)
        .where(Reference.customer_id == customer_id, Reference.given_on >= since, Reference.given_on <= today)
        .order_by(Reference.given_on.desc(), Reference.id.desc())
    )
    legal = select(LegalRecord).where(LegalRecord.customer_id == customer_id, LegalRecord.opened_on <= today)
    done = exists().where(Investigation.customer_id == customer_id, Investigation.done_at.is_not(None))
    return Evidence(
        list(session.scalars(findings)),
        list(session.scalars(references)),
        list(session.scalars(legal.order_by(LegalRecord.id))),
        bool(session.scalar(select(done))),
    )


def is_open(record: LegalRecord, today: date) -> bool:
    """Whether a case or an entry is still open on that day."""
    return record.closed_on is None or record.closed_on > today


def readings_of(
    session: Session, customer: Customer, evidence: Evidence, today: date, values: Mapping[str, Any]
) -> dict[str, Reading]:
    """Indicator -> reading for all that no statement and no ledger holds."""
    found = dict(_master_data(customer, today, values))
    found |= dict(_findings(evidence, values))
    found |= dict(_references(evidence, values))
    found |= dict(_legal(evidence, today, values))
    found |= dict(_report(session, customer.id, today, values))
    return found | dict(_information(session, customer.id, today))


def _master_data(customer: Customer, today: date, values: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    row = f"customer {customer.id}"
    if customer.founded_on is not None:
        years = (Decimal((today - customer.founded_on).days) / DAYS_A_YEAR).quantize(Decimal("0.1"))
        source = Sentence("rating.from.founded", _FOUNDED, {"day": customer.founded_on.isoformat()})
        yield "years_registered", Reading(years, source, row, customer.founded_on)
    if customer.employees is not None:
        yield "employees", Reading(Decimal(customer.employees), _MASTER_DATA, row)
    level = values["rating.ownership_levels"].get(customer.enterprise_kind)
    if level is not None:
        yield "ownership", Reading(str(level), _MASTER_DATA, row)


def _findings(evidence: Evidence, values: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    """The newest finding of a channel gives its indicator a level."""
    for channel, indicator in values["rating.finding_indicators"].items():
        found = next((one for one in evidence.findings if one.channel == channel), None)
        if found is not None:
            source = Sentence("rating.from.finding", _FINDING, {"source": found.source})
            level = values["rating.experience_levels"][found.assessment]
            yield indicator, Reading(level, source, f"finding {found.id}", found.found_on)


def _references(evidence: Evidence, values: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    """The worst of the references counts: one that warns outweighs others that do not."""
    order = list(LEVELS)
    for kind in ("bank", "trade"):
        rated = [
            (values["rating.experience_levels"][one.assessment], one)
            for one in evidence.references
            if one.kind == kind
        ]
        if rated:
            level, worst = max(rated, key=lambda pair: order.index(pair[0]))
            source = Sentence("rating.from.reference", _REFERENCE, {"name": worst.name, "count": len(rated)})
            yield f"{kind}_references", Reading(level, source, f"reference {worst.id}", worst.given_on)


def _legal(evidence: Evidence, today: date, values: Mapping[str, Any]) -> Iterator[tuple[str, Reading]]:
    """Counts of open cases, of fresh penalties and of list entries; nothing when nobody has looked."""
    if not evidence.investigated and not evidence.legal:
        return
    since = add_months(today, -int(values["rating.penalty_months"]))
    cases = [one for one in evidence.legal if one.kind == "litigation" and is_open(one, today)]
    penalties = [
        one for one in evidence.legal if one.kind == "administrative_penalty" and one.opened_on >= since
    ]
    listed = [one for one in evidence.legal if one.kind == "dishonesty_list" and is_open(one, today)]
    for indicator, rows in (("open_litigation", cases), ("penalties", penalties), ("public_lists", listed)):
        row = ", ".join(f"legal_record {one.id}" for one in rows)
        yield indicator, Reading(Decimal(len(rows)), _LEGAL, row, today)


def _report(
    session: Session, customer_id: int, today: date, values: Mapping[str, Any]
) -> Iterator[tuple[str, Reading]]:
    query = (
        select(CreditReport)
        .where(
            CreditReport.customer_id == customer_id,
            CreditReport.status == "received",
            CreditReport.reported_on <= today,
            func.coalesce(CreditReport.valid_until, today) >= today,
        )
        .order_by(CreditReport.reported_on.desc(), CreditReport.id.desc())
        .limit(1)
    )
    report = session.scalars(query).first()
    if report is None:
        return
    source = Sentence("rating.from.report", _REPORT, {"provider": report.provider})
    grade = report.provider_grade.strip().upper()
    level = values["rating.report_levels"].get(grade)
    missing = None
    if level is None:
        text = N_("The policy has no level for the provider's grade “%(grade)s”.")
        missing = Sentence("rating.report_grade", text, {"grade": report.provider_grade})
    row = f"credit_report {report.id}"
    yield "third_party_report", Reading(level, source, row, report.reported_on, missing)


def _information(session: Session, customer_id: int, today: date) -> Iterator[tuple[str, Reading]]:
    """Information of the file that bears an indicator's name and one of the levels; the newest one counts."""
    query = (
        select(InformationItem)
        .where(
            InformationItem.customer_id == customer_id,
            InformationItem.name.in_(list(OTHER_INDICATORS)),
            func.lower(func.btrim(InformationItem.value)).in_(list(LEVELS)),
            InformationItem.as_of <= today,
            func.coalesce(InformationItem.valid_until, today) >= today,
        )
        .order_by(InformationItem.as_of, InformationItem.id)
    )
    for item in session.scalars(query):
        source = Sentence("rating.from.information", _INFORMATION, {"source": item.source})
        row = f"information_item {item.id}"
        yield item.name, Reading(item.value.strip().lower(), source, row, item.as_of)


_FOUNDED = N_("master data: founded on %(day)s")
_MASTER_DATA = Sentence("rating.from.master_data", N_("master data"))
_FINDING = N_("finding: %(source)s")
_REFERENCE = N_("the worst of %(count)s references: %(name)s")
_LEGAL = Sentence("rating.from.legal", N_("court cases, penalties and lists on file"))
_REPORT = N_("report of %(provider)s")
_INFORMATION = N_("information on file: %(source)s")
