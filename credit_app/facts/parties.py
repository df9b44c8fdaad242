"""Suppliers and partners: recording them, who they may be already, and the customer that is the same company."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from credit_app.domain.similar_names import DuplicatePolicy, likeness, search_word
from credit_app.i18n import _
from credit_app.models import Customer, customer_by_registration, policy_values
from credit_app.models.customer import plain_registration
from credit_app.models.numbers import next_party_number
from credit_app.models.party import Party
from workflows import Conflict, InvalidAnswer, clock

FIELDS = (
    "kind", "name", "registration_number", "country", "city", "address", "contact_name", "email", "phone", "branch_id",
    "status", "note",
)  # fmt: skip
MOST_ALIKE = 5
LOOKED_AT = 500


def record_party(session: Session, values: Mapping[str, Any], made_by: int) -> Party:
    """Open the file of a supplier or partner; `values` by FIELDS. Flushed.

    Raises InvalidAnswer when another party is registered so.
    """
    row = Party(number=next_party_number(session), made_by=made_by, created_at=clock.now(), **_given(values))
    _store(session, row)
    return row


def change_party(session: Session, party: Party, values: Mapping[str, Any], version: int) -> list[str]:
    """Write what is different; returns the names of the fields that changed. Flushed.

    Raises Conflict when somebody else changed it since `version`, InvalidAnswer as `record_party`.
    """
    if version != party.version:
        raise Conflict(_("This company was changed by somebody else since you opened it; nothing was saved."))
    changed = [name for name, value in _given(values).items() if getattr(party, name) != value]
    for name in changed:
        setattr(party, name, values[name])
    _store(session, party)
    return changed


def alike(
    session: Session, name: str, country: str, registration: str, day: date, but: int = 0
) -> list[Party]:
    """The parties that may be meant, the one registered so first, then those with a like name; `but` is left out."""
    registered = registered_so(session, country, registration) if country and registration else None
    found = [registered] if registered is not None and registered.id != but else []
    policy, word = DuplicatePolicy.from_policy(policy_values(session, day)), search_word(name)
    if word:
        like = "%" + word[:6].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = select(Party).where(func.lower(Party.name).like(like), Party.id != but).order_by(Party.id)
        near = [(likeness(name, row.name), row) for row in session.scalars(query.limit(LOOKED_AT))]
        close = [pair for pair in near if pair[0] >= policy.likeness and pair[1] not in found]
        found += [row for _likeness, row in sorted(close, key=lambda pair: (-pair[0], pair[1].id))]
    return found[:MOST_ALIKE]


def registered_so(session: Session, country: str, registration: str) -> Party | None:
    """The party with this number of a commercial register, however it is written."""
    plain = "".join(sign for sign in registration if sign.isalnum()).upper()
    column: ColumnElement[str] = literal_column(plain_registration("party.registration_number"))
    return session.scalar(select(Party).where(Party.country == country, column == plain)) if plain else None


def customer_of(session: Session, party: Party) -> Customer | None:
    """The customer that is the same company by registration number."""
    if not party.country or not party.registration_number:
        return None
    return customer_by_registration(session, party.country, party.registration_number)


def party_of(session: Session, customer: Customer) -> Party | None:
    """The supplier or partner that is the same company by registration number."""
    if not customer.country or not customer.registration_number:
        return None
    return registered_so(session, customer.country, customer.registration_number)


def named(typed: str) -> Any:
    """The condition that a party's name, number or registration number holds the words."""
    like = "%" + typed.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    columns = (Party.name, Party.number, func.coalesce(Party.registration_number, ""))
    return or_(*(func.lower(column).like(like) for column in columns))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in FIELDS}


def _store(session: Session, row: Party) -> None:
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise InvalidAnswer(
            "registration_number", _("Another company has this registration number in this country.")
        ) from error
