"""The blacklist: with whom no credit is agreed on a day, by customer, registration number or name."""

from datetime import date

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, joinedload

from credit_app.models import BlacklistEntry, Customer
from credit_app.models.customer import plain_registration

_PLAIN: ColumnElement[str] = literal_column(plain_registration("blacklist_entry.registration_number"))


def in_force(day: date) -> ColumnElement[bool]:
    """The condition that an entry holds on `day`, both days included; a lifted one holds no more from then on."""
    return and_(
        BlacklistEntry.valid_from <= day,
        or_(BlacklistEntry.valid_to.is_(None), BlacklistEntry.valid_to >= day),
        BlacklistEntry.lifted_at.is_(None),
    )


def blacklisted(
    session: Session,
    day: date,
    *,
    customer: Customer | None = None,
    name: str = "",
    registration_number: str | None = None,
    country: str | None = None,
) -> BlacklistEntry | None:
    """The oldest entry that holds on `day` for this customer, or for a company known only as it was typed.

    A registration number fits whatever its spaces, signs and letters' case, in the same country or where the entry
    names none. A name fits whatever its case and blanks, unless both sides have a registration number that differs.
    """
    if customer is not None:
        name, country = customer.name, customer.country
        registration_number = customer.registration_number
    fits = list(_fitting(name, registration_number, country))
    if customer is not None:
        fits.append(BlacklistEntry.customer_id == customer.id)
    if not fits:
        return None
    query = select(BlacklistEntry).where(in_force(day), or_(*fits)).options(joinedload(BlacklistEntry.adder))
    return session.scalars(query.order_by(BlacklistEntry.valid_from, BlacklistEntry.id).limit(1)).first()


def _fitting(name: str, registration_number: str | None, country: str | None) -> list[ColumnElement[bool]]:
    plain = func.upper(func.regexp_replace(registration_number or "", "[^[:alnum:]]", "", "g"))
    same_country = or_(BlacklistEntry.country.is_(None), BlacklistEntry.country == (country or "").upper())
    has_number = any(sign.isalnum() for sign in registration_number or "")
    fits = [and_(plain == _PLAIN, same_country)] if has_number else []
    spoken = " ".join(name.lower().split())
    if spoken:
        another = (
            and_(BlacklistEntry.registration_number.is_not(None), plain != _PLAIN) if has_number else None
        )
        by_name = func.lower(BlacklistEntry.name) == spoken
        fits.append(by_name if another is None else and_(by_name, ~func.coalesce(another, False)))
    return fits
