"""A statement of account as JSON that is kept, and the statement that it was taken from."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from credit_app.domain.plain import to_json
from credit_app.facts.statement import Account, Movement, Statement
from credit_app.models import OpenItem, UnallocatedReceipt


def frozen(statement: Statement) -> dict[str, Any]:
    """The whole statement as JSON; amounts and dates as text."""
    return cast(dict[str, Any], to_json(statement))


def thawed(kept: Mapping[str, Any]) -> Statement:
    """The statement that was kept."""
    return Statement(
        customer_id=kept["customer_id"],
        begins=date.fromisoformat(kept["begins"]),
        as_of=date.fromisoformat(kept["as_of"]),
        accounts=[_account(one) for one in kept["accounts"]],
        bucket_ends=kept["bucket_ends"],
        pay_to=[(code, account) for code, account in kept.get("pay_to", ())],
    )


def _account(kept: Mapping[str, Any]) -> Account:
    return Account(
        currency=kept["currency"],
        opening=Decimal(kept["opening"]),
        movements=[Movement(**_read(one)) for one in kept["movements"]],
        closing=Decimal(kept["closing"]),
        items=[OpenItem(**_read(one)) for one in kept["items"]],
        receipts=[UnallocatedReceipt(**_read(one)) for one in kept["receipts"]],
        buckets=[Decimal(one) for one in kept["buckets"]],
        written_off=Decimal(kept.get("written_off", 0)),
    )


DATES = ("on_date", "document_date", "due_date", "received_on")
AMOUNTS = ("amount", "balance", "open_amount")


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in DATES:
        return date.fromisoformat(value)
    return Decimal(value) if name in AMOUNTS else value
