"""Receipts: entered by hand, what they pay, taken back or reversed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.errors import DomainError
from credit_app.domain.money import format_amount, minor_units, parse_amount
from credit_app.facts import ledger_allocations, ledger_receipts
from credit_app.forms.receivables import AllocateForm, ReceiptForm, ReverseForm, UndoForm
from credit_app.i18n import _, said, written_day
from credit_app.models import (
    Allocation,
    Customer,
    OpenItem,
    Receipt,
    ReceiptBalance,
    ReceiptReversal,
    currency_codes,
    open_items,
    the_company,
)
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import today
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.receivables import blueprint
from credit_app.screens.receivables.posting import beside, done
from workflows import InvalidAnswer, NotFound, Refused

MOST_PARTS = 500


@blueprint.route("/customers/<number>/receipts/new", methods=["GET", "POST"])
@allowed("receivables.account")
def new_receipt(number: str) -> ResponseReturnValue:
    """Take money that came in, with what it pays, in one transaction."""
    file = opened(number)
    check("receivables.post", file.customer)
    items = debts(file.customer)
    usual = items[0].currency if items else the_company(db.session()).base_currency
    form = ReceiptForm(received_on=today(), currency=usual).offer(currency_codes(db.session()))
    typed = typed_parts()
    if form.validate_on_submit() and new_to_us(form, file.customer):
        with beside(form, "amount", day="received_on"):
            unused(typed, form.how.data)
            return shown(file, entered(form, file, typed), _("The receipt is entered."), "receipt")
    page = render_template(
        "receivables/receipt_new.html", customer=file.customer, form=form, items=items, typed=typed
    )
    return page, 422 if form.errors else 200


def new_to_us(form: ReceiptForm, customer: Customer) -> bool:
    """Whether no such receipt was entered before, or somebody says that this is another one; else it is asked."""
    session, currency = db.session(), form.currency.data
    found = ledger_receipts.same_receipt(
        session, customer.id, form.amount.given, currency, form.received_on.data
    )
    if found is None or form.again.data:
        return True
    sentence = _(
        "A receipt of %(amount)s of %(day)s was entered for this customer before. Tick this if it is another one.",
        amount=format_amount(found.amount, currency),
        day=written_day(found.received_on),
    )
    form.again.errors = [sentence]
    return False


def entered(form: ReceiptForm, file: Opened, typed: Mapping[int, str]) -> Receipt:
    """The receipt of the form with its allocations. Raises Refused."""
    session, day, me = db.session(), form.received_on.data, person().id
    receipt = ledger_receipts.enter_receipt(
        session,
        file.customer.id,
        form.amount.given,
        form.currency.data,
        day,
        today(),
        reference=form.reference.data or "",
        payer=form.payer.data or "",
        made_by=me,
    )
    if form.how.data == "oldest":
        ledger_allocations.allocate_oldest(session, receipt, day, today(), me)
    elif form.how.data == "chosen":
        ledger_allocations.allocate_chosen(
            session, receipt, chosen(typed, receipt.currency), day, today(), me
        )
    return receipt


@blueprint.get("/receipts/<int:receipt_id>")
@allowed("receivables.account")
def receipt(receipt_id: int) -> ResponseReturnValue:
    """Show a receipt, what it pays and what of it is left."""
    found, file = fetch(receipt_id)
    page = receipt_page(found, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.post("/receipts/<int:receipt_id>/allocate")
@allowed("receivables.account")
def allocate(receipt_id: int) -> ResponseReturnValue:
    """Pay items with what is left of the receipt."""
    found, file = fetch(receipt_id)
    check("receivables.post", file.customer)
    form, typed = AllocateForm(), typed_parts()
    if form.validate():
        session, me = db.session(), person().id
        with beside(form, "how"):
            unused(typed, form.how.data)
            if form.how.data == "chosen":
                parts = chosen(typed, found.currency)
                rows = ledger_allocations.allocate_chosen(session, found, parts, form.on.data, today(), me)
            else:
                rows = ledger_allocations.allocate_oldest(session, found, form.on.data, today(), me)
            if not rows:
                raise Refused(_("Nothing is open that it could pay, or nothing is left of it."))
            return shown(file, found, _("The items are paid as far as it goes."), "allocation")
    return receipt_page(found, file, allocate=form, typed=typed), 422


@blueprint.post("/receipts/<int:receipt_id>/allocations/<int:allocation_id>/undo")
@allowed("receivables.account")
def undo(receipt_id: int, allocation_id: int) -> ResponseReturnValue:
    """Take an allocation back: the item is open again, the money is left."""
    found, file = fetch(receipt_id)
    check("receivables.post", file.customer)
    row = db.session.get(Allocation, allocation_id)
    if row is None or row.receipt_id != found.id:
        raise NotFound(_("This allocation does not exist."))
    form = UndoForm()
    if form.validate():
        with beside(form, "on"):
            ledger_allocations.undo_allocation(db.session(), row, form.on.data, today(), person().id)
            return shown(file, found, _("The allocation is taken back."), "allocation_undone")
    return receipt_page(found, file, undo=form), 422


@blueprint.post("/receipts/<int:receipt_id>/reverse")
@allowed("receivables.account")
def reverse(receipt_id: int) -> ResponseReturnValue:
    """Reverse a receipt that bounced or was booked in error: all it paid is open again."""
    found, file = fetch(receipt_id)
    check("receivables.post", file.customer)
    form = ReverseForm().offer()
    if form.validate():
        session, me = db.session(), person().id
        with beside(form, "on"):
            ledger_receipts.reverse_receipt(
                session, found, form.on.data, form.kind.data, form.reason.data, today(), me
            )
            return shown(file, found, _("The receipt is reversed; what it paid is open again."), "reversal")
    return receipt_page(found, file, reverse=form), 422


# --- inside -------------------------------------------------------------------------------------------------------


def fetch(receipt_id: int) -> tuple[Receipt, Opened]:
    """The receipt and the file of its customer. Raises NotFound, ReasonNeeded."""
    query = select(Receipt).where(Receipt.id == receipt_id).options(joinedload(Receipt.customer))
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such receipt, or it is not yours to see."))
    return found, opened(found.customer.number)


def receipt_page(found: Receipt, file: Opened, typed: Mapping[int, str] | None = None, **forms: Any) -> str:
    """The page of a receipt with its forms as they stand."""
    session = db.session()
    query = select(Allocation).where(Allocation.receipt_id == found.id).options(joinedload(Allocation.item))
    rows = session.scalars(query.order_by(Allocation.id)).all()
    undone = {row.reverses_id for row in rows}
    balance = session.get_one(ReceiptBalance, found.id)
    return render_template(
        "receivables/receipt.html",
        customer=file.customer,
        receipt=found,
        left=balance.unallocated,
        rows=rows,
        undone=undone,
        reversal=session.scalar(select(ReceiptReversal).where(ReceiptReversal.receipt_id == found.id)),
        items=[item for item in debts(file.customer) if item.currency == found.currency],
        typed=typed or {},
        allocate=forms.get("allocate") or AllocateForm(formdata=None, on=today()),
        undo=forms.get("undo") or UndoForm(formdata=None, on=today()),
        reverse=forms.get("reverse") or ReverseForm(formdata=None, on=today()).offer(),
        may_post=may(person(), "receivables.post", file.customer),
    )


def shown(file: Opened, found: Receipt, sentence: str, what: str) -> ResponseReturnValue:
    """Say what was done and show the receipt."""
    address = url_for("receivables.receipt", receipt_id=found.id)
    return done(file, address, sentence, {what: [None, f"{found.currency} {found.amount}"]})


def debts(customer: Customer) -> list[OpenItem]:
    """What the customer owes today, the oldest first."""
    return [item for item in open_items(db.session(), [customer.id], today()) if item.open_amount > 0]


def typed_parts() -> dict[int, str]:
    """The amounts typed beside items, by the item's number."""
    found = {}
    for name, value in request.form.items():
        number = name.removeprefix("part-")
        if (
            name.startswith("part-")
            and number.isascii()
            and number.isdigit()
            and len(number) < 19
            and value.strip()
        ):
            found[int(number)] = value.strip()[:60]
    if len(found) > MOST_PARTS:
        raise Refused(_("At most %(most)s items at a time, please.", most=MOST_PARTS))
    return found


def unused(typed: Mapping[int, str], how: str) -> None:
    """Raises InvalidAnswer where amounts are typed beside items that the choice would not pay by."""
    if typed and how != "chosen":
        raise InvalidAnswer("how", _("Amounts are entered beside items: choose to pay these, or empty them."))


def chosen(typed: Mapping[int, str], currency: str) -> dict[int, Decimal]:
    """The amounts beside items. Raises InvalidAnswer for one that cannot be read, or when there is none."""
    if not typed:
        raise InvalidAnswer("how", _("Enter beside at least one item what of it is paid."))
    try:
        return {item: parse_amount(text, minor_units(currency)) for item, text in typed.items()}
    except DomainError as error:
        raise InvalidAnswer("how", said(error.sentence)) from None
