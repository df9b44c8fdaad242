"""Finding applications by what people type: the start of a number, the starts of words of a name. All by index."""

import re
from datetime import date

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select
from sqlalchemy.orm import Session

from credit_app.domain.numbers import APPLICATION_PREFIXES
from credit_app.models import CreditApplication, Customer

MOST = 500
YEARS_BACK = 3
WORD = re.compile(r"[^\W_]+")
# As the GIN indexes have them.
CUSTOMER_WORDS: ColumnElement[str] = literal_column("to_tsvector('simple', customer.name)")
NEW_CUSTOMER_WORDS: ColumnElement[str] = literal_column(
    "to_tsvector('simple', credit_application.new_customer ->> 'name')"
)


def application_ids(session: Session, words: str, day: date) -> list[int]:
    """Ids of the newest applications, at most MOST, whose number, customer number or customer's name fits.

    `17` finds number 17 of this year and the years before; names are found by the starts of their words.
    """
    found: set[int] = set(session.scalars(newest(by_number(words, day))))
    query = prefix_query(words)
    if query is not None:
        wanted = or_(CUSTOMER_WORDS.op("@@")(query), Customer.number == words.upper())
        customers = list(session.scalars(select(Customer.id).where(wanted).limit(MOST)))
        found |= set(session.scalars(newest(CreditApplication.customer_id.in_(customers))))
        new = CreditApplication.new_customer.is_not(None) & NEW_CUSTOMER_WORDS.op("@@")(query)
        found |= set(session.scalars(newest(new)))
    return sorted(found, reverse=True)[:MOST]


def newest(condition: ColumnElement[bool]) -> Select[int]:
    """The query for the newest applications under a condition."""
    return select(CreditApplication.id).where(condition).order_by(CreditApplication.id.desc()).limit(MOST)


def by_number(words: str, day: date) -> ColumnElement[bool]:
    """The condition for a number typed whole, by its start, or as the bare running number."""
    typed = words.strip().upper()
    if typed.isascii() and typed.isdigit() and len(typed) <= 5:
        years = range(day.year - YEARS_BACK, day.year + 1)
        return CreditApplication.number.in_(
            [f"{prefix}-{year}-{int(typed):05d}" for prefix in APPLICATION_PREFIXES for year in years]
        )
    return CreditApplication.number.startswith(typed, autoescape=True)


def prefix_query(words: str) -> ColumnElement[str] | None:
    """The text search for names with words that start like these; None when there is no word."""
    parts = WORD.findall(words)
    if not parts:
        return None
    return func.to_tsquery(literal_column("'simple'"), " & ".join(f"'{part}':*" for part in parts))
