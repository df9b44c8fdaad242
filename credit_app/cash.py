"""What the worker does with new bank entries: match them as sets, and open a case for each that a person must see."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts.cash_booking import Looked, match_next
from credit_app.facts.matching import Names
from credit_app.models import BankEntry, the_company
from workflows import SYSTEM, Engine, clock

CASES_A_TIME = 50
PROCESS = "cash_application"


def match_batch(session: Session, names: Names) -> Looked:
    """Look at the next new entries; the caller commits. Nothing looked at: none is left for this worker."""
    return match_next(session, _today(session), clock.now(), names)


def anything_new(session: Session) -> bool:
    """Whether an entry is there that nothing has looked at."""
    query = select(BankEntry.id).where(BankEntry.status == "waiting", BankEntry.rule == "").limit(1)
    return session.scalar(query) is not None


def open_cases(session: Session, engine: Engine, most: int = CASES_A_TIME) -> int:
    """Start a case for the next entries that wait for a person; the caller commits. Returns how many.

    Entries that another worker holds are left to it.
    """
    query = (
        select(BankEntry)
        .where(BankEntry.status == "waiting", BankEntry.rule != "")
        .order_by(BankEntry.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    entries = session.scalars(query).all()
    for entry in entries:
        entry.status = "matching"
        session.flush()
        rest = engine.start(
            session, PROCESS, entry.id, {"entry_id": entry.id}, SYSTEM, "job:open_matching_cases"
        )
        entry.instance_id = rest.instance_id
    session.flush()
    return len(entries)


def _today(session: Session) -> date:
    return day_in_zone(clock.now(), the_company(session).time_zone)
