"""A bank statement of the last days: matched by itself, by suggestion, not at all, and payments that went back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import cash, resources
from credit_app.facts.matching import Names
from credit_app.models import BankEntry, BankStatement, Customer, ItemBalance, PayerAccount, ReceivableItem
from credit_app.processes import registry_of
from workflows import Engine, clock

ACCOUNT, CURRENCY = "DE75512108001245126199", "EUR"
OPENING = Decimal("184250.40")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, so many days ago."""

    days_ago: int
    amount: Decimal
    payer: str
    text: str
    payer_account: str = ""
    end_to_end_id: str = ""
    is_return: bool = False
    return_reason: str = ""
    bank_code: str = "PMNT/RCDT/ESCT"


def add_bank(session: Session, today: date, now: datetime) -> None:
    """Two statements, their entries matched as the worker does it, and a case for each that waits."""
    open_items = _open_invoices(session, today)
    lines = list(_lines(open_items))
    session.add(PayerAccount(account=_account(3), customer_id=open_items[3][0].customer_id))
    opening = OPENING
    for number, days in enumerate(((4, 3), (2, 1)), 1):
        own = [line for line in lines if line.days_ago in days]
        closing = opening + sum((line.amount for line in own), Decimal(0))
        _statement(session, number, own, today, opening, closing)
        opening = closing
    session.flush()
    with clock.at(now):
        names = Names(session)
        while cash.match_batch(session, names).entries:
            session.flush()
        session.expire_all()
        cash.open_cases(session, Engine(registry_of(resources.bpmn())))


def _open_invoices(session: Session, today: date) -> list[tuple[ReceivableItem, Customer, Decimal]]:
    """One open invoice of each of some customers that pay well, in euro, the due ones first."""
    query = (
        select(ReceivableItem, Customer, ItemBalance.open_amount)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .join(Customer, Customer.id == ReceivableItem.customer_id)
        .where(
            ItemBalance.open_amount != 0,
            ItemBalance.kind == "invoice",
            ItemBalance.currency == CURRENCY,
            ItemBalance.document_date < today - timedelta(days=7),
            Customer.status == "active",
        )
        .order_by(ItemBalance.due_date.desc(), ReceivableItem.id)
    )
    found: dict[int, tuple[ReceivableItem, Customer, Decimal]] = {}
    for item, customer, still_open in session.execute(query):
        found.setdefault(customer.id, (item, customer, still_open))
    return list(found.values())[:7]


def _lines(found: list[tuple[ReceivableItem, Customer, Decimal]]) -> Iterator[Line]:
    (first, one, all_of_it), (second, two, of_second), (third, three, of_third) = found[:3]
    (_item, four, part), (fifth, five, of_fifth) = found[3:5]
    yield Line(4, all_of_it, one.name, f"Rechnung {first.number}", _account(0), f"DD-{first.number}")
    yield Line(4, of_second, two.name.upper(), f"Invoice {second.number}, many thanks", _account(1))
    yield Line(3, of_third - Decimal("0.80"), three.name, f"{third.number} less bank charges", _account(2))
    yield Line(3, (part / 2).quantize(Decimal("0.01")), four.name, "Part payment as agreed", _account(3))
    yield Line(3, Decimal("-18.90"), "", "Account fee", bank_code="PMNT/MDOP/CHRG")
    yield Line(
        2, of_fifth + Decimal(250), five.name, f"{fifth.number} and advance for the next order", _account(4)
    )
    yield Line(2, Decimal("1376.55"), "Zahlstelle Nord", "Sammelüberweisung 0815")
    yield Line(2, Decimal("-6420.00"), "Hafenlogistik Kontor GmbH", "Rent of the warehouse")
    yield Line(
        1, -all_of_it, one.name, "Return of a direct debit", _account(0), f"DD-{first.number}", True,
        "MS03 no reason given", "PMNT/IDDT/UPDD",
    )  # fmt: skip
    yield Line(
        1, -of_second, two.name, "Return", "", "", True, "AC04 account closed", "PMNT/RRTN/UPDD",
    )  # fmt: skip
    yield Line(1, Decimal("412.36"), "Finanzkasse Hamburg", "Refund of VAT, last quarter")


def _account(number: int) -> str:
    return f"DE{21 + number}5001051700{number:08}"


def _statement(
    session: Session, number: int, lines: list[Line], today: date, opening: Decimal, closing: Decimal
) -> None:
    days = [today - timedelta(days=line.days_ago) for line in lines]
    statement = BankStatement(
        account=ACCOUNT,
        statement_id=f"{today:%Y}-{number:03}",
        currency=CURRENCY,
        from_on=min(days),
        to_on=max(days),
        opening=opening,
        closing=closing,
        content_sha256=f"{number:064}",
    )
    session.add(statement)
    for place, (line, day) in enumerate(zip(lines, days, strict=True), 1):
        statement.entries.append(
            BankEntry(
                account=ACCOUNT,
                reference=f"{day:%Y%m%d}{number}{place:04}",
                booked_on=day,
                value_on=day,
                amount=line.amount,
                currency=CURRENCY,
                payer=line.payer,
                payer_account=line.payer_account,
                remittance=line.text,
                end_to_end_id=line.end_to_end_id,
                is_return=line.is_return,
                return_reason=line.return_reason,
                bank_code=line.bank_code,
            )
        )
