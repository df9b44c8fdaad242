"""Lists as somebody wants to see them again: the filters of an address under a name, each person's own."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from credit_app.i18n import _
from credit_app.models import SavedFilter
from workflows import Conflict

MOST = 50
LONGEST = 1000


def saved(session: Session, person_id: int, area: str) -> list[SavedFilter]:
    """A person's saved filters of one list, by name."""
    query = select(SavedFilter).where(SavedFilter.person_id == person_id, SavedFilter.area == area)
    return list(session.scalars(query.order_by(func.lower(SavedFilter.name), SavedFilter.id)))


def save(session: Session, person_id: int, area: str, name: str, query: str) -> None:
    """Keep a filter; the same name again replaces it. Raises Conflict when there are too many."""
    if len(saved(session, person_id, area)) >= MOST:
        raise Conflict(_("You have %(most)s saved filters for this list; delete one first.", most=MOST))
    row = insert(SavedFilter).values(person_id=person_id, area=area, name=name, query=query)
    session.execute(
        row.on_conflict_do_update(constraint="uq_saved_filter", set_={"query": row.excluded.query})
    )


def cleaned(query: str, names: Iterable[str]) -> str:
    """The query string with nothing but the parameters that the list knows."""
    known = set(names)
    pairs = [
        (name, value) for name, value in parse_qsl(query.lstrip("?")[:LONGEST]) if name in known and value
    ]
    return urlencode(pairs)
