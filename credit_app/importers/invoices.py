"""Judges and writes rows of invoices and credit notes, with the receipts that settled them.

Where the mapping allows, their customers are made too. What is in the books is never changed: a row that says
otherwise is refused.
"""
# ruff: noqa: S608 (the statements are put together from names in this package, never from a file)

from sqlalchemy.orm import Session

from credit_app.i18n import _l
from credit_app.importers.customers import write_new
from credit_app.importers.fields import CUSTOMER, FIELDS
from credit_app.importers.mapping import Mapping
from credit_app.importers.staging import judge, run, same_row
from credit_app.models.customer import plain_registration

FAULTS = {
    "repeated": _l("stands in the file before with other values"),
    "unknown_customer": _l("is no customer; import the customers first"),
    "unknown_branch": _l("is no branch"),
    "registered": _l("is the registration number of another customer"),
    "changed": _l("differs from the books, which are never changed; correct it with a credit note"),
}

_COMPARED = ("kind", "number", "document_date", "due_date", "amount", "currency", "disputed")
_DIFFERENT = " ".join(
    f"WHEN i.{name} <> s.{name} THEN '{name}'" for name in (*_COMPARED, "terms", "reference")
)  # terms and reference only where the row has some: most files have none
# The same invoice is in the books whole and comes in parts, or the other way round, or in more or fewer parts.
_OTHERWISE_PARTED = """
    EXISTS (SELECT FROM receivable_item x WHERE x.source = :source
        AND x.external_id = ANY(CASE WHEN s.instalment IS NULL THEN ARRAY[s.external_id || '#1']
            ELSE ARRAY[s.whole_id, s.whole_id || '#1', s.whole_id || '#' || (s.parts + 1)] END)
        AND CASE WHEN s.instalment IS NULL THEN x.instalment = 1
            WHEN x.external_id = s.whole_id THEN x.instalment IS NULL
            WHEN x.external_id = s.whole_id || '#1' THEN i.id IS NULL AND x.instalment = 1
            ELSE x.instalment = s.parts + 1 END)
"""
_NUMBER = plain_registration("s.customer_registration_number")
_SETTLEMENT = "'settled:' || s.external_id"
# One that was made for the row a moment ago has no number among the verdicts.
_CUSTOMER = "coalesce(j.customer_id, (SELECT id FROM customer WHERE external_id = s.customer_external_id))"

_JUDGE = f"""
    WITH first AS (SELECT DISTINCT ON (external_id) * FROM import_row ORDER BY external_id, row),
    maker AS (
        SELECT DISTINCT ON (customer_external_id) row, customer_external_id FROM import_row
        ORDER BY customer_external_id, row
    ),
    owner AS (
        SELECT DISTINCT ON (s.customer_country, {_NUMBER}) s.customer_country AS country, {_NUMBER} AS plain,
            s.customer_external_id
        FROM import_row s WHERE s.customer_registration_number IS NOT NULL
        ORDER BY s.customer_country, {_NUMBER}, row
    ),
    parted AS (
        SELECT whole_id, min(parts) AS fewest, max(parts) AS most FROM import_row WHERE instalment = 1 GROUP BY 1
    ),
    known AS (
        SELECT s.row, coalesce(k.id, c.id) AS customer_id, i.id AS item_id, b.id AS branch_id, m.row = s.row AS makes,
            f.row AS first_row, {{same}} AS repeats,
            p.whole_id IS NOT NULL AND (s.parts IS NULL OR p.fewest <> p.most) AS parted_twice,
            CASE WHEN i.id IS NOT NULL THEN CASE
                WHEN i.customer_id IS DISTINCT FROM coalesce(k.id, c.id) THEN 'customer_external_id' {_DIFFERENT}
                WHEN r.id IS NOT NULL AND r.received_on IS DISTINCT FROM s.settled_on THEN 'settled_on'
                WHEN s.instalment IS NOT NULL AND {_OTHERWISE_PARTED} THEN 'terms'
            END WHEN {_OTHERWISE_PARTED} THEN 'terms' END AS different,
            CASE WHEN s.settled_on IS NOT NULL AND r.id IS NULL THEN s.amount - coalesce(
                (SELECT sum(a.amount) FROM allocation a WHERE a.item_id = i.id), 0)
            ELSE 0 END AS to_settle,
            c.id IS NULL AND k.id IS NULL
                AND (o.id IS NOT NULL OR w.customer_external_id <> s.customer_external_id) AS registered,
            c.id IS NULL AND s.customer_branch_code IS NOT NULL AND b.id IS NULL AS unknown_branch
        FROM import_row s JOIN first f USING (external_id)
        JOIN maker m ON m.customer_external_id = s.customer_external_id
        LEFT JOIN customer c ON c.external_id = s.customer_external_id
        LEFT JOIN customer k ON k.id = s.customer_id
        LEFT JOIN parted p ON p.whole_id = coalesce(s.whole_id, s.external_id)
        LEFT JOIN receivable_item i ON i.source = :source AND i.external_id = s.external_id
        LEFT JOIN receipt r ON r.source = :source AND r.external_id = {_SETTLEMENT}
        LEFT JOIN customer o ON o.country = s.customer_country
            AND {plain_registration("o.registration_number")} = {_NUMBER}
        LEFT JOIN owner w ON w.country = s.customer_country AND w.plain = {_NUMBER}
        LEFT JOIN branch b ON b.code = s.customer_branch_code
    ),
    judged AS (
        SELECT row, customer_id, item_id, branch_id, to_settle, different, CASE
            WHEN first_row < row THEN CASE WHEN repeats THEN 'same' ELSE 'repeated' END
            WHEN parted_twice THEN 'repeated'
            WHEN different IS NOT NULL THEN 'changed'
            WHEN customer_id IS NULL AND NOT :creates THEN 'unknown_customer'
            WHEN unknown_branch THEN 'unknown_branch'
            WHEN registered THEN 'registered'
            WHEN item_id IS NULL THEN 'new'
            WHEN to_settle > 0 THEN 'settled'
            ELSE 'same'
        END AS verdict FROM known
    )
    SELECT *, CASE verdict WHEN 'repeated' THEN 'external_id' WHEN 'changed' THEN different
        WHEN 'unknown_customer' THEN 'customer_external_id' WHEN 'unknown_branch' THEN 'customer_branch_code'
        WHEN 'registered' THEN 'customer_registration_number' END AS field FROM judged
"""


def judge_rows(session: Session, mapping: Mapping) -> None:
    """Gives every row its verdict: new, settled (known, now paid), same or one of FAULTS."""
    judge(
        session,
        _JUDGE.format(same=same_row(FIELDS["invoices"])),
        source=mapping.source,
        creates=mapping.creates_customers,
    )


def write_rows(session: Session, mapping: Mapping, batch_id: int) -> dict[str, int]:
    """Writes customers, items, receipts and allocations of rows judged new or settled; how many of each."""
    given = {"source": mapping.source, "batch": batch_id}
    made = {"customers": _write_customers(session, mapping) if mapping.creates_customers else 0}
    made["items"] = run(
        session,
        "INSERT INTO receivable_item"
        " (source, external_id, customer_id, kind, number, document_date, due_date, amount, currency,"
        " disputed, terms, instalment, reference, batch_id)"
        f" SELECT :source, s.external_id, {_CUSTOMER}, s.kind, s.number, s.document_date, s.due_date, s.amount,"
        " s.currency, s.disputed, coalesce(s.terms, ''), s.instalment, coalesce(s.reference, ''), :batch"
        " FROM import_row s JOIN import_judged j USING (row) WHERE j.verdict = 'new' ORDER BY row",
        **given,
    )
    made["receipts"] = run(
        session,
        "INSERT INTO receipt (source, external_id, customer_id, received_on, amount, currency, batch_id)"
        f" SELECT :source, {_SETTLEMENT}, {_CUSTOMER}, s.settled_on, j.to_settle, s.currency, :batch"
        " FROM import_row s JOIN import_judged j USING (row)"
        " WHERE j.verdict IN ('new', 'settled') AND j.to_settle > 0 ORDER BY row",
        **given,
    )
    made["allocations"] = run(
        session,
        "INSERT INTO allocation (receipt_id, item_id, amount, allocated_on)"
        " SELECT r.id, i.id, r.amount, r.received_on FROM import_row s JOIN import_judged j USING (row)"
        " JOIN receivable_item i ON i.source = :source AND i.external_id = s.external_id"
        f" JOIN receipt r ON r.source = :source AND r.external_id = {_SETTLEMENT} AND r.batch_id = :batch"
        " WHERE j.verdict IN ('new', 'settled') ORDER BY row",
        **given,
    )
    run(
        session,
        "UPDATE customer SET is_new = false, version = version + 1 WHERE is_new AND id IN"
        " (SELECT customer_id FROM receivable_item WHERE source = :source AND batch_id = :batch)",
        **given,
    )
    return made


def _write_customers(session: Session, mapping: Mapping) -> int:
    """The first row that is taken names a new customer; later ones only refer to it."""
    names = [n for n in CUSTOMER if n != "branch_code" and f"customer_{n}" in mapping.fields]
    columns = ", ".join(["s.customer_external_id", *(f"s.customer_{name}" for name in names), "j.branch_id"])
    return write_new(
        session,
        ["external_id", *names, "branch_id"],
        f"SELECT DISTINCT ON (s.customer_external_id) s.row, {columns} FROM import_row s"
        " JOIN import_judged j USING (row) WHERE j.verdict = 'new' AND j.customer_id IS NULL"
        " ORDER BY s.customer_external_id, s.row",
    )
