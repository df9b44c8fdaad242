"""Judges and writes rows of receipts; one that names an invoice pays it as far as it is open."""
# ruff: noqa: S608 (the statements are put together from names in this package, never from a file)

from sqlalchemy.orm import Session

from credit_app.i18n import _l
from credit_app.importers.fields import FIELDS
from credit_app.importers.mapping import Mapping
from credit_app.importers.staging import judge, run, same_row

FAULTS = {
    "repeated": _l("stands in the file before with other values"),
    "unknown_customer": _l("is no customer; import the customers first"),
    "unknown_item": _l("is no invoice of this customer in this currency"),
    "changed": _l("differs from the books, which are never changed"),
}

_COMPARED = ("received_on", "amount", "currency", "reference")
_DIFFERENT = " ".join(
    f"WHEN r.{name} IS DISTINCT FROM {'coalesce(s.reference, $$$$)' if name == 'reference' else f's.{name}'}"
    f" THEN '{name}'"
    for name in _COMPARED
)

_JUDGE = f"""
    WITH first AS (SELECT DISTINCT ON (external_id) * FROM import_row ORDER BY external_id, row),
    known AS (
        SELECT s.row, c.id AS customer_id, i.id AS item_id, r.id AS receipt_id, f.row AS first_row,
            {{same}} AS repeats, s.item_external_id IS NOT NULL AND i.id IS NULL AS unknown_item,
            CASE WHEN r.id IS NOT NULL THEN CASE
                WHEN r.customer_id IS DISTINCT FROM c.id THEN 'customer_external_id' {_DIFFERENT}
            END END AS different
        FROM import_row s JOIN first f USING (external_id)
        LEFT JOIN customer c ON c.external_id = s.customer_external_id
        LEFT JOIN receivable_item i ON i.source = :source AND i.external_id = s.item_external_id
            AND i.customer_id = c.id AND i.currency = s.currency AND i.kind <> 'credit_note'
        LEFT JOIN receipt r ON r.source = :source AND r.external_id = s.external_id
    ),
    judged AS (
        SELECT row, customer_id, item_id, different, CASE
            WHEN first_row < row THEN CASE WHEN repeats THEN 'same' ELSE 'repeated' END
            WHEN different IS NOT NULL THEN 'changed'
            WHEN customer_id IS NULL THEN 'unknown_customer'
            WHEN unknown_item THEN 'unknown_item'
            WHEN receipt_id IS NULL THEN 'new'
            ELSE 'same'
        END AS verdict FROM known
    )
    SELECT *, CASE verdict WHEN 'repeated' THEN 'external_id' WHEN 'changed' THEN different
        WHEN 'unknown_customer' THEN 'customer_external_id' WHEN 'unknown_item' THEN 'item_external_id'
    END AS field FROM judged
"""

# Receipts of one invoice pay it in the order of the file, each at most what those before left open.
_ALLOCATE = """
    WITH wanted AS (
        SELECT r.id AS receipt_id, j.item_id, r.received_on, r.amount,
            i.amount - coalesce((SELECT sum(a.amount) FROM allocation a WHERE a.item_id = i.id), 0)
                - coalesce(sum(r.amount) OVER (PARTITION BY j.item_id ORDER BY j.row
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS still_open
        FROM import_row s JOIN import_judged j USING (row)
        JOIN receipt r ON r.source = :source AND r.external_id = s.external_id
        JOIN receivable_item i ON i.id = j.item_id
        WHERE j.verdict = 'new'
    )
    INSERT INTO allocation (receipt_id, item_id, amount, allocated_on)
    SELECT receipt_id, item_id, least(amount, still_open), received_on FROM wanted
    WHERE still_open > 0 ORDER BY receipt_id
"""


def judge_rows(session: Session, mapping: Mapping) -> None:
    """Gives every row its verdict: new, same or one of FAULTS."""
    judge(session, _JUDGE.format(same=same_row(FIELDS["receipts"])), source=mapping.source)


def write_rows(session: Session, mapping: Mapping, batch_id: int) -> dict[str, int]:
    """Writes the new receipts and their allocations; how many of each."""
    receipts = run(
        session,
        "INSERT INTO receipt"
        " (source, external_id, customer_id, received_on, amount, currency, reference, batch_id)"
        " SELECT :source, s.external_id, j.customer_id, s.received_on, s.amount, s.currency,"
        " coalesce(s.reference, ''), :batch FROM import_row s JOIN import_judged j USING (row)"
        " WHERE j.verdict = 'new' ORDER BY row",
        source=mapping.source,
        batch=batch_id,
    )
    return {"receipts": receipts, "allocations": run(session, _ALLOCATE, source=mapping.source)}
