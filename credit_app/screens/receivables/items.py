"""One item with every entry that ever changed what is open of it; corrections, marks, credit notes set off."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.marks import standing
from credit_app.facts import dispute_flags, dispute_marks, ledger_allocations, ledger_items
from credit_app.facts.limitation import limitation_of
from credit_app.forms.receivables import AdjustForm, AllocateForm, EndMarkForm, MarkForm
from credit_app.i18n import _
from credit_app.models import ItemBalance, ItemMark, ReceivableItem
from credit_app.reports.ubl import ubl_of
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import today
from credit_app.screens.exporting import attached
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.receivables import blueprint
from credit_app.screens.receivables.posting import beside, done
from credit_app.screens.receivables.receipts import chosen, debts, typed_parts
from credit_app.screens.receivables.words import REASONS
from workflows import NotFound

_ENTRIES = text("""
    SELECT e.on_date, e.entry, e.amount, sum(e.amount) OVER (ORDER BY e.on_date, e.part, e.entry_id) AS open,
        e.note, e.receipt_id, p.name AS by, e.made_at FROM (
        SELECT document_date AS on_date, kind AS entry, amount, id AS entry_id, 1 AS part, '' AS note,
            CAST(NULL AS bigint) AS receipt_id, made_by AS by, created_at AS made_at
        FROM receivable_item WHERE id = :id
        UNION ALL SELECT adjusted_on, 'adjustment', amount, id, 2, note, NULL, made_by, created_at
        FROM adjustment WHERE item_id = :id
        UNION ALL SELECT a.allocated_on, CASE WHEN a.amount < 0 THEN 'reversal' WHEN a.receipt_id IS NULL
                THEN 'credit_note' ELSE 'receipt' END, -a.amount, a.id, 3, coalesce(r.reference, i.number, ''),
            a.receipt_id, a.made_by, a.created_at
        FROM allocation a LEFT JOIN receipt r ON r.id = a.receipt_id
            LEFT JOIN receivable_item i
                ON i.id = CASE WHEN a.credit_item_id = :id THEN a.item_id ELSE a.credit_item_id END
        WHERE a.item_id = :id OR a.credit_item_id = :id
    ) e LEFT JOIN person p ON p.id = e.by ORDER BY e.on_date, e.part, e.entry_id
""")


@blueprint.get("/items/<int:item_id>")
@allowed("receivables.account")
def item(item_id: int) -> ResponseReturnValue:
    """Show an item with its entries and marks."""
    found, file = fetch(item_id)
    page = item_page(found, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.get("/items/<int:item_id>/ubl.xml")
@allowed("receivables.account")
def item_ubl(item_id: int) -> ResponseReturnValue:
    """Hand out the document as UBL 2.1."""
    found, file = fetch(item_id)
    content, name = ubl_of(db.session(), found), f"item-{found.id}.xml"
    file.log("export", "account")
    db.session.commit()
    return attached(content, "application/xml", name)


@blueprint.post("/items/<int:item_id>/adjust")
@allowed("receivables.account")
def adjust(item_id: int) -> ResponseReturnValue:
    """Correct what the item asks."""
    found, file = fetch(item_id)
    check("receivables.post", file.customer)
    form = AdjustForm(prefix="adjust").offer(reasons())
    if form.validate():
        session, me = db.session(), person().id
        with beside(form, "amount"):
            ledger_items.adjust_item(
                session,
                found,
                form.signed,
                form.on.data,
                form.reason.data,
                form.note.data,
                today(),
                made_by=me,
            )
            return shown(
                file, found, _("The correction is entered."), {"adjustment": [None, str(form.signed)]}
            )
    return item_page(found, file, adjust=form), 422


@blueprint.post("/items/<int:item_id>/mark")
@allowed("receivables.account")
def mark(item_id: int) -> ResponseReturnValue:
    """Mark a part of the item as disputed or promised."""
    found, file = fetch(item_id)
    check("receivables.mark", file.customer)
    form = MarkForm(prefix="mark").offer()
    if form.validate():
        with beside(form, "amount"):
            ledger_items.mark_item(
                db.session(),
                found,
                form.kind.data,
                form.amount.given,
                form.on.data,
                form.reason.data,
                today(),
                due_on=form.due_on.data,
                made_by=person().id,
            )
            return shown(
                file, found, _("The mark is set."), {form.kind.data: [None, str(form.amount.amount)]}
            )
    return item_page(found, file, mark=form), 422


@blueprint.post("/items/<int:item_id>/marks/<int:mark_id>/end")
@allowed("receivables.account")
def end_mark(item_id: int, mark_id: int) -> ResponseReturnValue:
    """End a dispute or a promise."""
    found, file = fetch(item_id)
    check("receivables.mark", file.customer)
    row = db.session.get(ItemMark, mark_id)
    if row is None or row.item_id != found.id:
        raise NotFound(_("This mark does not exist."))
    form = EndMarkForm(prefix="end")
    if form.validate():
        with beside(form, "on"):
            dispute_marks.refuse_if_held(db.session(), row)
            ledger_items.end_mark(db.session(), row, form.on.data, form.reason.data, today(), person().id)
            return shown(file, found, _("The mark has ended."), {row.kind: [str(row.amount), None]})
    return item_page(found, file, end=form), 422


@blueprint.post("/items/<int:item_id>/set-off")
@allowed("receivables.account")
def set_off(item_id: int) -> ResponseReturnValue:
    """Pay other items with a credit note."""
    found, file = fetch(item_id)
    check("receivables.post", file.customer)
    form, typed = AllocateForm(prefix="set"), typed_parts()
    if form.validate():
        with beside(form, "on"):
            parts = chosen(typed, found.currency)
            ledger_allocations.use_credit_note(db.session(), found, parts, form.on.data, today(), person().id)
            return shown(file, found, _("The credit note is set off."), {"set_off": [None, found.number]})
    return item_page(found, file, set_off=form, typed=typed), 422


# --- inside -------------------------------------------------------------------------------------------------------


def fetch(item_id: int) -> tuple[ReceivableItem, Opened]:
    """The item and the file of its customer. Raises NotFound, ReasonNeeded."""
    query = select(ReceivableItem).where(ReceivableItem.id == item_id)
    found = db.session.scalar(query.options(joinedload(ReceivableItem.customer)))
    if found is None:
        raise NotFound(_("There is no such item, or it is not yours to see."))
    return found, opened(found.customer.number)


def item_page(found: ReceivableItem, file: Opened, typed: Any = None, **forms: Any) -> str:
    """The page of an item with its forms as they stand."""
    session = db.session()
    balance = session.get_one(ItemBalance, found.id)
    marks = ledger_items.live_marks(session, [found.id], today())
    others = [one for one in debts(file.customer) if one.currency == found.currency]
    return render_template(
        "receivables/item.html",
        customer=file.customer,
        item=found,
        balance=balance,
        entries=session.execute(_ENTRIES, {"id": found.id}).all(),
        marks=marks,
        standing=standing(balance.open_amount, ((one.id, one.kind, one.amount) for one in marks)),
        limitation=limitation_of(session, [found.id], today()).get(found.id),
        day=today(),
        others=others if found.kind == "credit_note" else [],
        typed=typed or {},
        adjust=forms.get("adjust") or AdjustForm(formdata=None, prefix="adjust", on=today()).offer(reasons()),
        mark=forms.get("mark") or MarkForm(formdata=None, prefix="mark", on=today()).offer(),
        end=forms.get("end") or EndMarkForm(formdata=None, prefix="end", on=today()),
        set_off=forms.get("set_off") or AllocateForm(formdata=None, prefix="set", on=today()),
        may_post=may(person(), "receivables.post", file.customer),
        may_mark=may(person(), "receivables.mark", file.customer),
        flagged=dispute_flags.is_flagged(session, found),
        held={one.id: dispute_marks.of_mark(session, one.id) for one in marks if one.kind == "disputed"},
        today=today(),
    )


def reasons() -> list[tuple[str, str]]:
    """The reasons of a correction, for a select."""
    return [(code, str(word)) for code, word in REASONS.items()]


def shown(file: Opened, found: ReceivableItem, sentence: str, details: dict[str, Any]) -> ResponseReturnValue:
    """Say what was done and show the item."""
    return done(file, url_for("receivables.item", item_id=found.id), sentence, details)
