"""The opening of a source: the day on which its history comes in, and how documents may be dated from then on."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.policy_values import whole_of
from credit_app.facts.ledger import first_open_day
from credit_app.importers.staging import Days
from credit_app.models import Company, policy_values

_RECEIPTS_BEFORE = text("""
    SELECT EXISTS (SELECT FROM receipt r JOIN import_batch b ON b.id = r.batch_id
        WHERE r.source = :source AND b.kind = :kind AND b.started_at < :midnight)
""")
_DOCUMENTS_BEFORE = text("""
    SELECT EXISTS (SELECT FROM import_batch b WHERE b.started_at < :midnight
        AND EXISTS (SELECT FROM receivable_item i WHERE i.batch_id = b.id AND i.source = :source))
""")


def zone_of(session: Session) -> ZoneInfo:
    """The company's time zone."""
    company = session.get(Company, 1)
    return ZoneInfo(company.time_zone if company else "UTC")


def days_of_file(session: Session, source: str, kind: str, now: datetime) -> Days:
    """The days by which a file is judged. Receipts and documents of a source have openings of their own.

    That of receipts is the first day on which this kind of file brings some.
    """
    today = now.astimezone(zone_of(session)).date()
    values = {"source": source, "kind": kind, "midnight": _midnight(session, today)}
    brought = session.scalar(_RECEIPTS_BEFORE, values)
    return Days(
        today, first_open_day(session, today) if brought else None, *document_days(session, source, today)
    )


def document_days(session: Session, source: str, today: date) -> tuple[date | None, date]:
    """From and up to which day a new document of the source may be dated; from any day in its opening.

    A year that was mistyped would age a debt by years, or hide it until then.
    """
    figures = policy_values(session, today)
    latest = today + timedelta(days=whole_of(figures, "ledger.latest_document_days"))
    if not session.scalar(_DOCUMENTS_BEFORE, {"source": source, "midnight": _midnight(session, today)}):
        return None, latest
    return today - timedelta(days=whole_of(figures, "ledger.oldest_document_days")), latest


def _midnight(session: Session, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone_of(session))
