"""How rows of invoices are judged, as one SELECT with only the comparisons that a mapping needs."""
# ruff: noqa: S608 (the statements are put together from names in this package, never from a file)

from credit_app.domain.sentences import N_
from credit_app.facts.ledger import CLOSED_DAY, COMING_DAY
from credit_app.importers.mapping import Mapping
from credit_app.importers.staging import customer_of
from credit_app.models.customer import plain_registration

FAULTS = {
    "repeated": N_("stands in the file before with other values"),
    "unknown_customer": N_("is no customer; import the customers first"),
    "unknown_branch": N_("is no branch"),
    "registered": N_("is the registration number of another customer"),
    "changed": N_("differs from the books, which are never changed; correct it with a credit note"),
    "otherwise": N_("is in the books with other instalments"),
    "unknown_item": N_("is no invoice of this customer in this currency"),
    "too_old": N_("%(day)s is too long ago for a new document; policy takes those from %(oldest)s on."),
    "too_new": N_("%(day)s lies too far ahead for a document; policy takes those up to %(latest)s."),
    "closed": CLOSED_DAY,
    "coming": COMING_DAY,
}
FIELD = {
    "repeated": "external_id",
    "unknown_customer": "customer_external_id",
    "unknown_branch": "customer_branch_code",
    "registered": "customer_registration_number",
    "otherwise": "external_id",
    "too_old": "document_date",
    "too_new": "document_date",
    "closed": "settled_on",
    "coming": "settled_on",
}
SETTLEMENT = "'settled:' || s.external_id"

_COMPARED = ("kind", "number", "document_date", "due_date", "amount", "currency", "disputed")
# What the books have no word of is not held against a file that says more.
_SAID = ("terms", "reference")
_NUMBER = plain_registration("s.customer_registration_number")

_MAKERS = f"""
    owner AS (
        SELECT DISTINCT ON (s.customer_country, {_NUMBER}) s.customer_country AS country, {_NUMBER} AS plain,
            s.customer_external_id
        FROM import_row s WHERE s.customer_registration_number IS NOT NULL
        ORDER BY s.customer_country, {_NUMBER}, line
    ),
"""
_MAKING = f"""
    LEFT JOIN customer o ON o.country = s.customer_country
        AND {plain_registration("o.registration_number")} = {_NUMBER}
    LEFT JOIN owner w ON w.country = s.customer_country AND w.plain = {_NUMBER}
    LEFT JOIN branch b ON b.code = s.customer_branch_code
"""


def judging(mapping: Mapping, *, parts: bool, known_parts: bool) -> str:
    """The SELECT for `import_judged`: line, row, verdict, field, customer_id, branch_id.

    `parts`: the file has instalments; `known_parts`: the books have some of this source.
    """
    makes, settles = mapping.creates_customers, "settled_on" in mapping.fields
    columns = {
        "registered": "c.id IS NULL AND (o.id IS NOT NULL OR w.customer_external_id <> s.customer_external_id)",
        "unknown_branch": "c.id IS NULL AND s.customer_branch_code IS NOT NULL AND b.id IS NULL",
        "branch_id": "b.id",
    }
    found = {name: value if makes else ("NULL::bigint" if name == "branch_id" else "false") for name, value in
        columns.items()}  # fmt: skip
    found |= {
        "different": _different(settles),
        "otherwise": _otherwise(parts, known_parts),
        # A receipt would be made, unless what credit notes and receipts brought has paid the item already.
        "settles": "s.settled_on IS NOT NULL AND r.id IS NULL AND (i.id IS NULL OR bal.open_amount > 0)"
        if settles
        else "false",
    }
    known = ", ".join(f"{value} AS {name}" for name, value in found.items())
    paid = f"""
        LEFT JOIN item_balance bal ON bal.item_id = i.id
        LEFT JOIN receipt r ON r.source = :source AND r.external_id = {SETTLEMENT}
    """
    field = " ".join(f"WHEN '{verdict}' THEN '{name}'" for verdict, name in FIELD.items())
    return f"""
        WITH {_MAKERS if makes else ""} known AS (
            SELECT s.line, s.row, s.document_date, c.id AS customer_id, i.id AS item_id,
                p.line IS NOT NULL AS repeats, p.same,
                {"s.settled_on" if settles else "NULL::date"} AS settled_on, {known}
            FROM import_row s
            LEFT JOIN import_repeat p ON p.line = s.line
            LEFT JOIN customer c ON {customer_of(mapping)}
            LEFT JOIN receivable_item i ON i.source = :source AND i.external_id = s.external_id
            {_MAKING if makes else ""} {paid if settles else ""}
        ),
        judged AS (
            SELECT line, row, customer_id, branch_id, different, CASE
                WHEN repeats THEN CASE WHEN same THEN 'same' ELSE 'repeated' END
                WHEN different IS NOT NULL THEN 'changed'
                WHEN otherwise THEN 'otherwise'
                {"" if makes else "WHEN customer_id IS NULL THEN 'unknown_customer'"}
                WHEN unknown_branch THEN 'unknown_branch'
                WHEN registered THEN 'registered'
                WHEN item_id IS NULL AND document_date < CAST(:oldest AS date) THEN 'too_old'
                WHEN item_id IS NULL AND document_date > CAST(:latest AS date) THEN 'too_new'
                {"WHEN settles AND settled_on < CAST(:first AS date) THEN 'closed'" if settles else ""}
                {"WHEN settles AND settled_on > :today THEN 'coming'" if settles else ""}
                WHEN item_id IS NULL THEN 'new'
                WHEN settles THEN 'settled'
                ELSE 'same'
            END AS verdict FROM known
        )
        SELECT line, row, customer_id, branch_id, verdict,
            CASE verdict WHEN 'changed' THEN different {field} END AS field
        FROM judged
    """


def _different(settles: bool) -> str:
    """The first field in which the books say something else."""
    cases = "".join(f" WHEN i.{name} <> s.{name} THEN '{name}'" for name in _COMPARED)
    cases += "".join(
        f" WHEN i.{name} <> '' AND s.{name} <> '' AND i.{name} <> s.{name} THEN '{name}'" for name in _SAID
    )
    if settles:
        cases += " WHEN r.id IS NOT NULL AND r.received_on IS DISTINCT FROM s.settled_on THEN 'settled_on'"
    return f"""CASE WHEN i.id IS NOT NULL THEN CASE
        WHEN i.customer_id IS DISTINCT FROM c.id THEN 'customer_external_id' {cases} END END"""


def _otherwise(parts: bool, known_parts: bool) -> str:
    """Whether the invoice is in the books whole and now comes in parts, the other way round, or in more or fewer."""
    tests = ["i.id IS NOT NULL AND i.instalment IS DISTINCT FROM s.instalment"]
    if parts:
        tests.append(
            "s.instalment IS NOT NULL AND EXISTS (SELECT FROM receivable_item q WHERE q.source = :source"
            " AND q.external_id = s.base_external_id AND q.instalment IS NULL)"
        )
        tests.append(
            "s.instalment IS NOT NULL AND EXISTS (SELECT FROM receivable_item q WHERE q.source = :source"
            " AND q.external_id = s.base_external_id || '#' || (s.parts + 1) AND q.instalment = s.parts + 1)"
        )
        tests.append(
            "s.instalment > 1 AND i.id IS NULL AND EXISTS (SELECT FROM receivable_item q WHERE q.source = :source"
            " AND q.external_id = s.base_external_id || '#1' AND q.instalment = 1)"
        )
    if known_parts:
        tests.append(
            "s.instalment IS NULL AND s.external_id IN (SELECT left(q.external_id, -2) FROM receivable_item q"
            " WHERE q.source = :source AND q.instalment = 1)"
        )
    return " OR ".join(f"({test})" for test in tests)


# A credit note names an invoice of its customer in its currency, in the books or in the file.
UNKNOWN_ITEM = """
    UPDATE import_judged j SET verdict = 'unknown_item', field = 'item_external_id' FROM import_row s
    WHERE s.line = j.line AND j.verdict = 'new' AND s.item_external_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM receivable_item i WHERE i.source = :source AND i.customer_id = j.customer_id
                AND i.currency = s.currency AND i.kind <> 'credit_note'
                AND i.external_id IN (s.item_external_id, s.item_external_id || '#1')
        )
        AND NOT EXISTS (
            SELECT FROM import_row t JOIN import_judged k ON k.line = t.line
            WHERE t.base_external_id = s.item_external_id AND t.customer_external_id = s.customer_external_id
                AND t.currency = s.currency AND t.kind <> 'credit_note' AND k.verdict <> ALL(:faults)
        )
"""
# An invoice in instalments is taken whole or not at all.
WHOLE_ROW = """
    UPDATE import_judged j SET verdict = w.verdict, field = w.field FROM (
        SELECT DISTINCT ON (row) row, verdict, field FROM import_judged WHERE verdict = ANY(:faults) ORDER BY row, line
    ) w WHERE w.row = j.row AND j.verdict <> ALL(:faults)
"""
