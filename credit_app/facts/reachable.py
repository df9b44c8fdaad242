"""The people at a customer whom a message can reach, of one customer or of many at once."""

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from credit_app.models import Contact
from credit_app.models.once import once


@once
def reachable(session: Session, customer_id: int) -> list[Contact]:
    """The customer's contacts with an e-mail address or a telephone number, those of accounts first."""
    return reachable_of(session, [customer_id])[customer_id]


def reachable_of(session: Session, customer_ids: Iterable[int]) -> dict[int, list[Contact]]:
    """The same of several customers, by id."""
    found: dict[int, list[Contact]] = {number: [] for number in customer_ids}
    query = select(Contact).where(
        Contact.customer_id.in_(list(found)), or_(Contact.email != "", Contact.phone != "")
    )
    for one in session.scalars(query.order_by(Contact.id)):
        found[one.customer_id].append(one)
    for several in found.values():
        several.sort(key=lambda one: "account" not in one.role.lower())
    return found


def addressees(session: Session, customer_id: int) -> list[Contact]:
    """Those with an e-mail address."""
    return [one for one in reachable(session, customer_id) if one.email]
