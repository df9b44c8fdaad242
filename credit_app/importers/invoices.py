"""Judges and writes rows of invoices and credit notes, with the receipts that settled them.

Where the mapping allows, their customers are made too. What is in the books is never changed: a row that says
otherwise is refused.
"""
# ruff: noqa: S608 (the statements are put together from names in this package, never from a file)

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.importers import invoice_rules
from credit_app.importers.customers import write_new
from credit_app.importers.fields import CUSTOMER
from credit_app.importers.mapping import Mapping
from credit_app.importers.settling import SINCE, pay
from credit_app.importers.staging import Days, customer_of, find_repeats, judge, run

FAULTS = invoice_rules.FAULTS


def judge_rows(session: Session, mapping: Mapping, days: Days) -> None:
    """Gives every row its verdict: new, settled (known, now paid), same or one of FAULTS."""
    find_repeats(session, mapping, "base_external_id")
    parts = session.scalar(text("SELECT EXISTS (SELECT FROM import_row WHERE instalment IS NOT NULL)"))
    known_parts = session.scalar(
        text("SELECT EXISTS (SELECT FROM receivable_item WHERE source = :source AND instalment = 1)"),
        {"source": mapping.source},
    )
    values = {"source": mapping.source, "today": days.today, "first": days.first}
    values |= {"oldest": days.oldest, "latest": days.latest}
    select = invoice_rules.judging(mapping, parts=bool(parts), known_parts=bool(known_parts))
    judge(session, select, **{name: value for name, value in values.items() if f":{name}" in select})
    faults = {"faults": list(FAULTS)}
    if parts:
        session.execute(text(invoice_rules.WHOLE_ROW), faults)
    if "item_external_id" in mapping.fields:
        session.execute(text(invoice_rules.UNKNOWN_ITEM), faults | {"source": mapping.source})


def write_rows(session: Session, mapping: Mapping, batch_id: int, days: Days) -> dict[str, int]:
    """Writes customers, items, receipts and allocations of rows judged new or settled; how many of each."""
    given = {"source": mapping.source, "batch": batch_id}
    made = {"customers": _write_customers(session, mapping) if mapping.creates_customers else 0}
    whose, joined = "j.customer_id", ""
    if made["customers"]:  # those were not there when the rows were judged
        whose, joined = "c.id", f"JOIN customer c ON {customer_of(mapping)}"
    made["items"] = run(
        session,
        "INSERT INTO receivable_item"
        " (source, external_id, customer_id, kind, number, document_date, due_date, amount, currency,"
        " disputed, terms, instalment, reference, batch_id)"
        f" SELECT :source, s.external_id, {whose}, s.kind, s.number, s.document_date, s.due_date, s.amount,"
        " s.currency, s.disputed, s.terms, s.instalment, coalesce(s.reference, ''), :batch"
        " FROM import_row s JOIN import_judged j USING (line)"
        f" {joined} WHERE j.verdict = 'new' ORDER BY line",
        **given,
    )
    made["receipts"] = made["allocations"] = 0
    if "item_external_id" in mapping.fields:
        made["allocations"] = pay(session, "credit_item_id", _CREDIT_NOTES, mapping.source, days.today)
    if "settled_on" in mapping.fields:
        made["receipts"] = run(session, _RECEIPTS, **given)
        if made["receipts"]:
            made["allocations"] += run(session, _ALLOCATIONS, **given, today=days.today)
    run(
        session,
        "UPDATE customer SET is_new = false, version = version + 1 WHERE is_new AND id IN"
        " (SELECT customer_id FROM receivable_item WHERE source = :source AND batch_id = :batch)",
        **given,
    )
    return made


_CREDIT_NOTES = """
    SELECT s.line, i.id AS payer_id, i.customer_id, i.currency, i.amount, i.document_date AS on_date,
        s.item_external_id AS target
    FROM import_row s JOIN import_judged j USING (line)
    JOIN receivable_item i ON i.source = :source AND i.external_id = s.external_id
    WHERE j.verdict = 'new' AND s.item_external_id IS NOT NULL
"""

# What settled an item is what credit notes left open of it.
_RECEIPTS = f"""
    INSERT INTO receipt (source, external_id, customer_id, received_on, amount, currency, batch_id)
    SELECT :source, {invoice_rules.SETTLEMENT}, i.customer_id, s.settled_on, b.open_amount, i.currency, :batch
    FROM import_row s JOIN import_judged j USING (line)
    JOIN receivable_item i ON i.source = :source AND i.external_id = s.external_id
    JOIN item_balance b ON b.item_id = i.id
    WHERE j.verdict IN ('new', 'settled') AND s.settled_on IS NOT NULL AND b.open_amount > 0 ORDER BY line
"""
_ALLOCATIONS = f"""
    INSERT INTO allocation (receipt_id, item_id, amount, allocated_on)
    SELECT r.id, b.item_id, r.amount, greatest(r.received_on, b.document_date, {SINCE})
    FROM import_row s JOIN import_judged j USING (line)
    JOIN receivable_item i ON i.source = :source AND i.external_id = s.external_id
    JOIN item_balance b ON b.item_id = i.id
    JOIN receipt r ON r.source = :source AND r.external_id = {invoice_rules.SETTLEMENT} AND r.batch_id = :batch
    WHERE j.verdict IN ('new', 'settled') AND greatest(r.received_on, b.document_date, {SINCE}) <= :today
    ORDER BY line
"""


def _write_customers(session: Session, mapping: Mapping) -> int:
    """The first row that is taken names a new customer; later ones only refer to it."""
    names = [n for n in CUSTOMER if n != "branch_code" and f"customer_{n}" in mapping.fields]
    columns = ", ".join(["s.customer_external_id", *(f"s.customer_{name}" for name in names), "j.branch_id"])
    return write_new(
        session,
        ["external_id", *names, "branch_id"],
        f"SELECT DISTINCT ON (s.customer_external_id) s.line, {columns} FROM import_row s"
        " JOIN import_judged j USING (line) WHERE j.verdict = 'new' AND j.customer_id IS NULL"
        " ORDER BY s.customer_external_id, s.line",
    )
