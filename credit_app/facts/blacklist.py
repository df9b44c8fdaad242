"""The blacklist: with whom no credit is agreed on a day, by customer, registration number or name."""

from datetime import date

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.similar_names import DuplicatePolicy, likeness
from credit_app.i18n import _, written_day
from credit_app.models import BlacklistEntry, Customer, policy_values
from credit_app.models.customer import plain_registration

_PLAIN: ColumnElement[str] = literal_column(plain_registration("blacklist_entry.registration_number"))


# `blacklisted` of a customer as a condition in SQL, for statements that read much else: the customer is `c`, the day
# :as_of. A test keeps both alike.
BARRED = f"""
    EXISTS (SELECT FROM blacklist_entry b WHERE b.valid_from <= :as_of AND coalesce(b.valid_to, :as_of) >= :as_of
        AND b.lifted_at IS NULL AND (
            b.customer_id = c.id
            OR ({plain_registration("b.registration_number")} = {plain_registration("c.registration_number")}
                AND {plain_registration("c.registration_number")} <> ''
                AND coalesce(b.country, c.country, '') = coalesce(c.country, ''))
            OR (lower(b.name) = lower(btrim(regexp_replace(c.name, '[[:space:]]+', ' ', 'g')))
                AND NOT coalesce({plain_registration("b.registration_number")} <>
                    nullif({plain_registration("c.registration_number")}, ''), false))))
"""


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


def resembling(session: Session, day: date, customer: Customer) -> list[BlacklistEntry]:
    """The entries in force whose name is like the customer's without barring it: to be told from it by a person."""
    likest = DuplicatePolicy.from_policy(policy_values(session, day)).likeness
    barring = blacklisted(session, day, customer=customer)
    rows = session.scalars(
        select(BlacklistEntry)
        .where(in_force(day), BlacklistEntry.name.is_not(None))
        .order_by(BlacklistEntry.valid_from, BlacklistEntry.id)
    )
    return [row for row in rows if row is not barring and likeness(customer.name, row.name or "") >= likest]


def look_alikes(session: Session, day: date, customer: Customer | None) -> list[dict[str, str]]:
    """`resembling` as points for a page: what is to be looked at, and that it is about the blacklist."""
    text = _(
        "The name is like “%(name)s”, on the blacklist since %(since)s: make sure that it is another company."
    )
    return [
        {
            "text": text % {"name": entry.name, "since": written_day(entry.valid_from)},
            "rule": _("blacklist"),
        }
        for entry in (resembling(session, day, customer) if customer is not None else [])
    ]


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
