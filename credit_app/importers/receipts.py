"""Judges and writes rows of receipts; one that names an invoice pays it as far as it is open."""
# ruff: noqa: S608 (the statements are put together from names in this package, never from a file)

from sqlalchemy.orm import Session

from credit_app.domain.sentences import N_
from credit_app.facts.ledger import CLOSED_DAY, COMING_DAY
from credit_app.importers.mapping import Mapping
from credit_app.importers.settling import pay
from credit_app.importers.staging import Days, find_repeats, judge, run

FAULTS = {
    "repeated": N_("stands in the file before with other values"),
    "unknown_customer": N_("is no customer; import the customers first"),
    "unknown_item": N_("is no invoice of this customer in this currency"),
    "changed": N_("differs from the books, which are never changed"),
    "closed": CLOSED_DAY,
    "coming": COMING_DAY,
}

_COMPARED = ("received_on", "amount", "currency", "reference")
_DIFFERENT = " ".join(
    f"WHEN r.{name} IS DISTINCT FROM {'coalesce(s.reference, $$$$)' if name == 'reference' else f's.{name}'}"
    f" THEN '{name}'"
    for name in _COMPARED
)
_ITEM = (
    """i.source = :source AND i.customer_id = c.id AND i.currency = s.currency AND i.kind <> 'credit_note'"""
)

_JUDGE = f"""
    WITH known AS (
        SELECT s.line, s.row, c.id AS customer_id, r.id AS receipt_id, p.line IS NOT NULL AS repeats, p.same,
            s.item_external_id IS NOT NULL
                AND NOT EXISTS (SELECT FROM receivable_item i WHERE {_ITEM} AND i.external_id = s.item_external_id)
                AND NOT EXISTS (
                    SELECT FROM receivable_item i
                    WHERE {_ITEM} AND i.external_id = s.item_external_id || '#1' AND i.instalment = 1
                ) AS unknown_item,
            CASE WHEN r.id IS NOT NULL THEN CASE
                WHEN r.customer_id IS DISTINCT FROM c.id THEN 'customer_external_id' {_DIFFERENT}
            END END AS different,
            s.received_on < CAST(:first AS date) AS closed, s.received_on > :today AS coming
        FROM import_row s
        LEFT JOIN import_repeat p ON p.line = s.line
        LEFT JOIN customer c ON c.external_id = s.customer_external_id
        LEFT JOIN receipt r ON r.source = :source AND r.external_id = s.external_id
    ),
    judged AS (
        SELECT line, row, customer_id, different, CASE
            WHEN repeats THEN CASE WHEN same THEN 'same' ELSE 'repeated' END
            WHEN different IS NOT NULL THEN 'changed'
            WHEN customer_id IS NULL THEN 'unknown_customer'
            WHEN unknown_item THEN 'unknown_item'
            WHEN receipt_id IS NOT NULL THEN 'same'
            WHEN closed THEN 'closed'
            WHEN coming THEN 'coming'
            ELSE 'new'
        END AS verdict FROM known
    )
    SELECT *, CASE verdict WHEN 'repeated' THEN 'external_id' WHEN 'changed' THEN different
        WHEN 'unknown_customer' THEN 'customer_external_id' WHEN 'unknown_item' THEN 'item_external_id'
        WHEN 'closed' THEN 'received_on' WHEN 'coming' THEN 'received_on'
    END AS field FROM judged
"""

_PAYERS = """
    SELECT s.line, r.id AS payer_id, r.customer_id, r.currency, r.amount, r.received_on AS on_date,
        s.item_external_id AS target
    FROM import_row s JOIN import_judged j USING (line)
    JOIN receipt r ON r.source = :source AND r.external_id = s.external_id
    WHERE j.verdict = 'new' AND s.item_external_id IS NOT NULL
"""


def judge_rows(session: Session, mapping: Mapping, days: Days) -> None:
    """Gives every row its verdict: new, same or one of FAULTS."""
    find_repeats(session, mapping)
    judge(session, _JUDGE, source=mapping.source, first=days.first, today=days.today)


def write_rows(session: Session, mapping: Mapping, batch_id: int, days: Days) -> dict[str, int]:
    """Writes the new receipts and their allocations; how many of each."""
    receipts = run(
        session,
        "INSERT INTO receipt"
        " (source, external_id, customer_id, received_on, amount, currency, reference, batch_id)"
        " SELECT :source, s.external_id, j.customer_id, s.received_on, s.amount, s.currency,"
        " coalesce(s.reference, ''), :batch FROM import_row s JOIN import_judged j USING (line)"
        " WHERE j.verdict = 'new' ORDER BY line",
        source=mapping.source,
        batch=batch_id,
    )
    paid = 0
    if "item_external_id" in mapping.fields:
        paid = pay(session, "receipt_id", _PAYERS, mapping.source, days.today)
    return {"receipts": receipts, "allocations": paid}
