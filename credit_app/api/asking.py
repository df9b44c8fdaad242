"""What is asked by GET: customers, their open items and statement, documents; a page at a time, by key."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy import ARRAY, BigInteger, any_, literal, select
from sqlalchemy.orm import Session, joinedload

from credit_app.api.clock import now, today
from credit_app.api.outputs import AGEING, CUSTOMER, OPEN_ITEMS, STATEMENT, shaped
from credit_app.api.problems import ApiProblem
from credit_app.facts.account_entries import account_entries, balances, day_before
from credit_app.facts.ageing import ageing
from credit_app.facts.api_tokens import Caller
from credit_app.facts.customer_access import log_access, was_read
from credit_app.facts.customer_items import open_items_page
from credit_app.i18n import said
from credit_app.importers.fields import FIRST_DAY, LAST_DAY
from credit_app.models import Customer, ReceivableItem
from credit_app.models.ledger import INSTALMENT_MARK

USUAL, MOST = 100, 1000
ONE_LISTING = timedelta(days=1)  # how long the pages of a listing are one reading of it
AGEING_BY = ("total", "customer", "currency", "rating")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def customer_named(session: Session, key: str) -> Customer:
    """The customer with this external id, else with this number of ours. Raises ApiProblem 404."""
    query = select(Customer).options(joinedload(Customer.branch))
    for column in (Customer.external_id, Customer.number):
        found: Customer | None = session.scalars(query.where(column == key)).unique().one_or_none()
        if found is not None:
            return found
    raise ApiProblem(404, "There is no customer with this external id or number.")


def read(session: Session, token: Caller, customer_id: int, area: str, *, further_page: bool = False) -> None:
    """Note in the customer's file that the system of this token was handed a part of it. The caller commits.

    A further page of a listing stands in the line of the pages before it, when that is not older than a day.
    """
    if further_page and was_read(session, customer_id, area, token.id, now() - ONE_LISTING):
        return
    log_access(session, customer_id, None, "export", area, now(), token_id=token.id)


def customer_answer(session: Session, token: Caller, key: str) -> dict[str, Any]:
    """Master data of a customer."""
    customer = customer_named(session, key)
    read(session, token, customer.id, "master")
    values = {name: getattr(customer, name) for name in CUSTOMER if name != "branch_code"}
    return shaped(values | {"branch_code": customer.branch.code if customer.branch else None}, CUSTOMER)


def open_items_answer(session: Session, token: Caller, key: str) -> dict[str, Any]:
    """A page of what the customer owed at the end of a day."""
    known_parameters("as_of", "after", "limit")
    customer, as_of, most = customer_named(session, key), day_asked("as_of", today()), limit_asked()
    after = key_asked(date, int)
    found = open_items_page(session, customer.id, as_of, after, most + 1)
    shown = found[:most]
    names = {
        row.id: row
        for row in session.execute(
            select(ReceivableItem.id, ReceivableItem.source, ReceivableItem.external_id).where(
                ReceivableItem.id.in_([item.item_id for item in shown])
            )
        )
    }
    items = [
        asdict(item) | {"source": names[item.item_id].source, "external_id": names[item.item_id].external_id}
        for item in shown
    ]
    read(session, token, customer.id, "account", further_page=after is not None)
    last = shown[-1] if len(found) > most else None
    following = key_of(last.due_date, last.item_id) if last else None
    return shaped(
        {"customer": customer.number, "as_of": as_of, "items": items, "next": following}, OPEN_ITEMS
    )


def statement_answer(session: Session, token: Caller, key: str) -> dict[str, Any]:
    """A page of the customer's account between two days, with the balances of the whole span."""
    known_parameters("from", "to", "after", "limit")
    customer, most = customer_named(session, key), limit_asked()
    last = day_asked("to", today())
    first = day_asked("from", max(last - timedelta(days=90), FIRST_DAY))
    if first > last:
        raise ApiProblem(
            422, f"The parameter from, {first}, is after to, {last}; give the earlier day first."
        )
    after = key_asked(date, int, int)
    found = account_entries(session, customer.id, first, last, after, most + 1)
    shown = found[:most]
    opening, closing = (
        balances(session, customer.id, day_before(first)),
        balances(session, customer.id, last),
    )
    codes = sorted({*opening, *closing, *(entry.currency for entry in shown)})
    read(session, token, customer.id, "account", further_page=after is not None)
    end = shown[-1] if len(found) > most else None
    values = {
        "customer": customer.number,
        "from": first,
        "to": last,
        "balances": [
            {"currency": code, "opening": _amount(opening, code), "closing": _amount(closing, code)}
            for code in codes
        ],
        "entries": [asdict(entry) | {"on": entry.on_date} for entry in shown],
        "next": key_of(end.on_date, end.place, end.entry_id) if end else None,
    }
    return shaped(values, STATEMENT)


def ageing_answer(session: Session) -> dict[str, Any]:
    """A page of everything open at the end of a day by age; customers in the order of their numbers."""
    known_parameters("as_of", "by", "after", "limit")
    by, most, after = request.args.get("by", "total"), limit_asked(), request.args.get("after", "")
    if by not in AGEING_BY:
        raise ApiProblem(422, f"The parameter by has to be one of {', '.join(AGEING_BY)}.")
    found = ageing(session, day_asked("as_of", today()), by)
    names = _numbers(session, [row.key for row in found.rows]) if by == "customer" else {}
    rows = [
        {name: getattr(row, name) for name in ("buckets", "credits", "unallocated", "net")}
        | dict(zip(("key", "external_id"), names.get(row.key, (row.key, None)), strict=True))
        for row in found.rows
    ]
    rows = sorted((row for row in rows if str(row["key"]) > after), key=lambda row: str(row["key"]))
    bounds = [found.policy.bounds(bucket) for bucket in range(found.policy.buckets)]
    values = {
        "as_of": found.as_of,
        "currency": found.currency,
        "basis": found.policy.basis,
        "buckets": [{"from": first, "to": last} for first, last in bounds],
        "rows": rows[:most],
        "missing": [said(error) for error in found.missing],
        "next": str(rows[most - 1]["key"]) if len(rows) > most else None,
    }
    return shaped(values, AGEING)


def _numbers(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """Customer id -> our number and the external id."""
    query = select(Customer.id, Customer.number, Customer.external_id).where(
        Customer.id == any_(literal(list(ids), ARRAY(BigInteger)))
    )
    return {row.id: (row.number, row.external_id) for row in session.execute(query)}


def _amount(found: dict[str, Any], code: str) -> str:
    return f"{found.get(code, 0):.2f}"


def item_named(session: Session, token: Caller, name: str) -> ReceivableItem:
    """The item of the token's source with this external id, or the first part of it. Raises ApiProblem 404."""
    query = select(ReceivableItem).where(
        ReceivableItem.source == token.source,
        ReceivableItem.external_id.in_([name, f"{name}{INSTALMENT_MARK}1"]),
    )
    found = {item.external_id: item for item in session.scalars(query)}
    whole, part = found.get(name), found.get(f"{name}{INSTALMENT_MARK}1")
    if whole is None and part is not None and part.instalment == 1:
        return part
    if whole is None:
        raise ApiProblem(404, "There is no item with this external id from this token's source.")
    return whole


# --- parameters ---------------------------------------------------------------------------------------------------


def known_parameters(*names: str) -> None:
    """Refuse a parameter that means nothing here, or stands twice: a typing error must not change what is asked."""
    for name, values in request.args.lists():
        if name not in names:
            known = ", ".join(names) or "none"
            raise ApiProblem(422, f"“{name[:40]}” is no parameter here; known are {known}.")
        if len(values) > 1:
            raise ApiProblem(422, f"The parameter {name} stands twice; it may stand once.")


def day_asked(name: str, usual: date) -> date:
    """The day under `name`, YYYY-MM-DD."""
    text = request.args.get(name)
    if text is None:
        return usual
    day = _day(text)
    if day is None:
        raise ApiProblem(422, f"The parameter {name} is no date written YYYY-MM-DD between 1970 and 2199.")
    return day


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) and text.isascii() else None
    except ValueError:
        return None
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def limit_asked() -> int:
    """How many rows a page has."""
    text = request.args.get("limit", str(USUAL))
    if not re.fullmatch("[0-9]{1,4}", text, re.ASCII) or not 1 <= int(text) <= MOST:
        raise ApiProblem(422, f"The parameter limit has to be a whole number from 1 to {MOST}.")
    return int(text)


def key_of(*parts: Any) -> str:
    """Where a page ended, as `after` has it."""
    return "_".join(str(part) for part in parts)


def key_asked(*types: type) -> Any:
    """The parts of `after`; None on the first page."""
    text = request.args.get("after")
    if text is None:
        return None
    parts: Sequence[str] = text.split("_")
    read = [
        _day(part) if type_ is date else int(part) if re.fullmatch("[0-9]{1,18}", part, re.ASCII) else None
        for part, type_ in zip(parts, types, strict=False)
    ]
    if len(parts) != len(types) or None in read:
        raise ApiProblem(422, "The parameter after has to be the value of next of the page before.")
    return tuple(read)
