"""What a row must be as a whole, once every cell of it could be read; an invoice in instalments becomes several."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from credit_app.domain.errors import DomainError
from credit_app.domain.money import minor_units
from credit_app.domain.payment_terms import Instalment, UnknownTerms, instalments
from credit_app.domain.sentences import N_
from credit_app.models.ledger import INSTALMENT_MARK

Values = dict[str, Any]
Says = Any  # says(field, value, template, **values): a problem of the row
Check = Callable[[Values, Says], list[Values]]

LONGEST_IN_PARTS = 97  # what instalments add, "#60", has room behind it


def _registration(values: Values, says: Says, prefix: str = "") -> None:
    if values.get(f"{prefix}registration_number") and not values.get(f"{prefix}country"):
        says(f"{prefix}country", "", N_("is empty, but a registration number belongs to a country"))


def _decimals(values: Values, says: Says) -> None:
    amount: Decimal = values["amount"]
    if minor_units(values["currency"]) == 0 and amount != amount.to_integral_value():
        says("amount", amount, N_("has decimals, which its currency has not"))


def check_nothing(values: Values, _says: Says) -> list[Values]:
    """Its cells are all that such a row is judged by."""
    return [values]


def check_customer(values: Values, says: Says) -> list[Values]:
    """A registration number comes with its country."""
    _registration(values, says)
    return [values]


def check_receipt(values: Values, says: Says) -> list[Values]:
    """Money came in: the amount is above zero."""
    if values["amount"] < 0:
        says("amount", values["amount"], N_("is negative"))
    else:
        _decimals(values, says)
    return [values]


def check_invoice(values: Values, says: Says) -> list[Values]:
    """Kind, sign, days and terms fit together. With instalments a row for each part, `X#1`, `X#2` …"""
    external_id: str = values["external_id"]
    values["base_external_id"], values["instalment"], values["parts"] = external_id, None, None
    values["number"] = values.get("number") or external_id[:60]
    values["disputed"] = bool(values.get("disputed"))
    kind = values["kind"] = values.get("kind") or "invoice"
    if values["amount"] < 0:
        if kind in ("interest", "cost"):
            says("amount", values["amount"], N_("is negative"))
        kind = values["kind"] = "credit_note"
        values["amount"] = -values["amount"]
    _decimals(values, says)
    _registration(values, says, "customer_")
    if kind == "credit_note":
        if values.get("settled_on"):
            says("settled_on", values["settled_on"], N_("is given, but a credit note is not paid"))
    elif values.get("item_external_id"):
        says(
            "item_external_id", values["item_external_id"],
            N_("is given, but only a credit note names the invoice that it corrects"),
        )  # fmt: skip
    if not values.get("terms"):
        values["terms"] = ""
        _due_date(values, says)
        return [values]
    return [] if says.problems else _by_terms(values, says)


def _due_date(values: Values, says: Says) -> None:
    due, document = values.get("due_date"), values["document_date"]
    if due is None:
        says("due_date", "", N_("is empty, and no terms say when it is due"))
    elif due < document:
        says("due_date", due, N_("is before the document date %(day)s"), day=document.isoformat())


def _by_terms(values: Values, says: Says) -> list[Values]:
    """The row with its due date by the terms, or a row for each instalment."""
    terms, due = values["terms"], values.get("due_date")
    amount, units = values["amount"], minor_units(values["currency"])
    try:
        parts = instalments(terms, values["document_date"], amount, units)
    except DomainError as error:
        if due is None or not isinstance(error, UnknownTerms):
            says("terms", terms, error.sentence)
        else:  # the words of another system, beside its own due date
            _due_date(values, says)
        return [values]
    last: date = parts[-1].due_date
    if len(parts) > 1:
        if due is not None:
            says("due_date", due, N_("is given, but the terms have a due date for each instalment"))
        return in_parts(values, parts, says)
    if due is not None and due != last:
        says("due_date", due, N_("is not the day that the terms give, %(day)s"), day=last.isoformat())
    values["due_date"] = last
    return [values]


def in_parts(values: Values, parts: Sequence[Instalment], says: Says) -> list[Values]:
    """An invoice X as its instalments X#1, X#2 …, wherever they were said; with problems the lines do not count."""
    external_id = values["external_id"]
    if values["kind"] == "credit_note":
        says("terms", values["terms"], N_("has instalments, but a credit note is not paid"))
    if len(external_id) > LONGEST_IN_PARTS:
        says(
            "external_id", external_id, N_("is longer than %(longest)s characters"), longest=LONGEST_IN_PARTS
        )
    return [
        values
        | {
            "external_id": f"{external_id}{INSTALMENT_MARK}{number}",
            "instalment": number,
            "parts": len(parts),
            "due_date": part.due_date,
            "amount": part.amount,
        }
        for number, part in enumerate(parts, 1)
    ]


CHECKS: dict[str, Check] = {"customers": check_customer, "invoices": check_invoice, "receipts": check_receipt}
