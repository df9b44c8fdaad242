"""Pays items with the receipts or credit notes of a file that name them: the oldest part first, while it is open."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.payment_terms import MOST_INSTALMENTS
from credit_app.importers.staging import run

# An entry dated before a later one may overdraw an item that was opened again in between.
SINCE = "CASE WHEN b.reopened THEN b.last_on END"

# Payers and what they pay are laid along the same line of money; where two stretches overlap, that much is paid.
_PAY = """
    WITH target AS (SELECT DISTINCT target, customer_id, currency FROM import_payer),
    named AS (
        SELECT t.target, i.id, t.customer_id, t.currency FROM target t
        JOIN receivable_item i ON i.source = :source AND i.external_id = t.target
        UNION ALL
        SELECT t.target, i.id, t.customer_id, t.currency FROM target t
        JOIN receivable_item one ON one.source = :source AND one.external_id = t.target || '#1' AND one.instalment = 1
        CROSS JOIN generate_series(1, :parts) n
        JOIN receivable_item i ON i.source = :source AND i.external_id = t.target || '#' || n AND i.instalment = n
    ),
    owed AS (
        SELECT n.target, b.item_id, b.open_amount AS amount, greatest(b.document_date, {since}) AS on_date,
            sum(b.open_amount) OVER (PARTITION BY n.target ORDER BY b.due_date, b.item_id) - b.open_amount AS begins
        FROM named n JOIN item_balance b ON b.item_id = n.id
        WHERE b.open_amount > 0 AND b.kind <> 'credit_note' AND b.customer_id = n.customer_id
            AND b.currency = n.currency
    ),
    payer AS (
        SELECT *, sum(amount) OVER (PARTITION BY target ORDER BY line) - amount AS begins FROM import_payer
    )
    INSERT INTO allocation ({column}, item_id, amount, allocated_on)
    SELECT p.payer_id, o.item_id,
        least(p.begins + p.amount, o.begins + o.amount) - greatest(p.begins, o.begins), greatest(p.on_date, o.on_date)
    FROM payer p JOIN owed o USING (target)
    WHERE least(p.begins + p.amount, o.begins + o.amount) > greatest(p.begins, o.begins)
        AND greatest(p.on_date, o.on_date) <= :today
    ORDER BY p.line, o.begins
"""


def pay(session: Session, column: str, payers: str, source: str, today: date, **values: object) -> int:
    """Allocates what the SELECT `payers` gives; how many allocations.

    It has line, payer_id (the allocation's `column`), customer_id, currency, amount, on_date and target, the
    external id of an item or of an invoice in instalments. Money that a document of a later day would take stays free.
    """
    given = {"source": source} | values
    session.execute(text(f"CREATE TEMPORARY TABLE import_payer ON COMMIT DROP AS {payers}"), given)
    session.execute(text("ANALYZE import_payer"))
    statement = _PAY.format(since=SINCE, column=column)
    return run(session, statement, source=source, parts=MOST_INSTALMENTS, today=today)
