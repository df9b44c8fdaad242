"""Running numbers such as CA-2026-00017, per kind and year."""

from sqlalchemy import CheckConstraint, Sequence, String, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from credit_app.models.base import Model


class NumberCounter(Model):
    """The last number given out for a kind in a year (0: kinds that do not start anew each year)."""

    __tablename__ = "number_counter"
    __table_args__ = (CheckConstraint("last >= 0", name="last_not_negative"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def take_numbers(session: Session, kind: str, year: int, count: int = 1) -> range:
    """Reserves the next `count` numbers; the row lock holds others back until this transaction ends."""
    row = insert(NumberCounter).values(kind=kind, year=year, last=count)
    last = session.execute(
        row.on_conflict_do_update(
            index_elements=["kind", "year"], set_={"last": NumberCounter.last + row.excluded.last}
        ).returning(NumberCounter.last)
    ).scalar_one()
    return range(last - count + 1, last + 1)


# What the number of an application begins with, by its kind.
PREFIXES = {"limit": "CA", "review": "LR", "temporary": "TL"}
# What the number of a case about a customer begins with, by the kind of its subject.
CASE_PREFIXES = {
    "collection": "COL",
    "promise": "PTP",
    "payment_plan": "PLN",
    "payment_extension": "EXT",
    "dispute": "DSP",
    "site_visit": "VST",
    "agency_placement": "AGY",
    "customer_hold": "HLD",
    "legal_action": "LEG",
    "write_off": "WOF",
    "dunning": "DUN",
    "contract": "CTR",
    "contract_review": "CRV",
    "contract_renewal": "RNW",
    "order_release": "REL",
}


def next_application_number(session: Session, year: int, kind: str = "limit") -> str:
    """'CA-2026-00017': unique; a number taken by a transaction that failed is given out again."""
    prefix = PREFIXES[kind]
    return f"{prefix}-{year}-{take_numbers(session, prefix, year)[0]:05d}"


# Sequences, not counters: a counter is locked until its transaction ends, and workers open cases side by side.
CASE_NUMBERS = {kind: Sequence(f"number_of_{kind}", metadata=Model.metadata) for kind in CASE_PREFIXES}


def next_case_number(session: Session, kind: str, year: int) -> str:
    """'COL-2026-00017': unique, never given out again, and rising over the years."""
    return next_case_numbers(session, kind, year, 1)[0]


def next_case_numbers(session: Session, kind: str, year: int, count: int) -> list[str]:
    """The next `count` of them, in one statement."""
    fresh = select(CASE_NUMBERS[kind].next_value()).select_from(func.generate_series(1, count))
    return [f"{CASE_PREFIXES[kind]}-{year}-{number:05d}" for number in session.scalars(fresh)]


def next_customer_number(session: Session) -> str:
    """'C-000123'."""
    return customer_numbers(session, 1)[0]


def next_party_number(session: Session) -> str:
    """'P-000123'."""
    return f"P-{take_numbers(session, 'P', 0)[0]:06d}"


def customer_numbers(session: Session, count: int) -> list[str]:
    """`count` new customer numbers, for bulk work."""
    return [f"C-{number:06d}" for number in take_numbers(session, "C", 0, count)] if count else []
