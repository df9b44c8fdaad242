"""What came of contacts as it stands now: what we write is sent only once the outbox has sent it."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.models import CollectionContact
from workflows.tables import Outbox

SENT = "sent"
# State of a row of the outbox that has not left -> how the contact reads.
NOT_LEFT = ("queued", "held", "failed")


def outcomes_of(session: Session, contacts: Iterable[CollectionContact]) -> dict[int, str]:
    """The outcome of each of these contacts by id: one of CONTACT_OUTCOMES, `queued` or `held`."""
    rows = list(contacts)
    keys = [row.outbox_key for row in rows if row.outcome == SENT and row.outbox_key is not None]
    states: dict[str, str] = {}
    if keys:
        query = select(Outbox.key, Outbox.state).where(Outbox.key.in_(keys), Outbox.state.in_(NOT_LEFT))
        states = {row[0]: row[1] for row in session.execute(query)}
    return {row.id: states.get(row.outbox_key or "", row.outcome) for row in rows}
