"""Judges and writes rows of customers: found by external id, or by registration number while they have none.

Only what the mapping fills is compared and changed.
"""
# ruff: noqa: S608 (the statements are put together from names in this package, never from a file)

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.sentences import N_
from credit_app.importers.fields import CUSTOMER
from credit_app.importers.mapping import Mapping
from credit_app.importers.staging import Days, find_repeats, judge, run
from credit_app.models.customer import plain_registration
from credit_app.models.numbers import take_numbers

FAULTS = {
    "repeated": N_("stands in the file before with other values"),
    "registered": N_("is the registration number of another customer"),
    "unknown_branch": N_("is no branch"),
}

_NUMBER = plain_registration("s.registration_number")
_JUDGE = f"""
    WITH owner AS (
        SELECT DISTINCT ON (s.country, {_NUMBER}) s.country, {_NUMBER} AS plain, s.external_id
        FROM import_row s WHERE s.registration_number IS NOT NULL
            AND NOT EXISTS (SELECT FROM import_repeat p WHERE p.line = s.line)
        ORDER BY s.country, {_NUMBER}, line
    ),
    judged AS (
        SELECT s.line, s.row, coalesce(c.id, o.id) AS customer_id, b.id AS branch_id,
            CASE
                WHEN p.line IS NOT NULL THEN CASE WHEN p.same THEN 'same' ELSE 'repeated' END
                WHEN s.branch_code IS NOT NULL AND b.id IS NULL THEN 'unknown_branch'
                WHEN w.external_id <> s.external_id OR o.id <> c.id
                    OR (c.id IS NULL AND o.external_id <> s.external_id) THEN 'registered'
                WHEN coalesce(c.id, o.id) IS NULL THEN 'new'
                WHEN c.id IS NULL OR {{changed}} THEN 'changed'
                ELSE 'same'
            END AS verdict
        FROM import_row s LEFT JOIN import_repeat p ON p.line = s.line
        LEFT JOIN customer c ON c.external_id = s.external_id
        LEFT JOIN customer o ON o.country = s.country
            AND {plain_registration("o.registration_number")} = {_NUMBER}
        LEFT JOIN owner w ON w.country = s.country AND w.plain = {_NUMBER}
        LEFT JOIN branch b ON b.code = s.branch_code
    )
    SELECT *, CASE verdict WHEN 'repeated' THEN 'external_id' WHEN 'registered' THEN 'registration_number'
        WHEN 'unknown_branch' THEN 'branch_code' END AS field FROM judged
"""


def _filled(mapping: Mapping) -> dict[str, str]:
    """Column of `customer` -> value, for what the mapping fills."""
    names = {name: f"s.{name}" for name in CUSTOMER if name in mapping.fields and name != "branch_code"}
    return names | ({"branch_id": "j.branch_id"} if "branch_code" in mapping.fields else {})


def judge_rows(session: Session, mapping: Mapping, _days: Days) -> None:
    """Gives every row of `import_row` its verdict: new, changed, same or one of FAULTS."""
    filled = {name: "b.id" if name == "branch_id" else value for name, value in _filled(mapping).items()}
    changed = " OR ".join(f"c.{name} IS DISTINCT FROM {value}" for name, value in filled.items())
    find_repeats(session, mapping)
    judge(session, _JUDGE.format(changed=changed))


def write_rows(session: Session, mapping: Mapping, _batch_id: int, _days: Days) -> dict[str, int]:
    """Writes the new and the changed customers; how many of each."""
    filled = _filled(mapping)
    sets = ", ".join(f"{name} = {value}" for name, value in filled.items())
    changed = run(
        session,
        f"UPDATE customer c SET external_id = s.external_id, {sets}, version = c.version + 1"
        " FROM import_row s JOIN import_judged j USING (line)"
        " WHERE j.verdict = 'changed' AND c.id = j.customer_id",
    )
    made = write_new(
        session,
        ["external_id", *filled],
        f"SELECT s.line, s.external_id, {', '.join(filled.values())}"
        " FROM import_row s JOIN import_judged j USING (line) WHERE j.verdict = 'new'",
    )
    return {"customers": made, "customers_changed": changed}


def write_new(session: Session, names: list[str], select: str) -> int:
    """Inserts customers with running numbers in the order of `select` (line, then the named columns)."""
    count = session.scalar(text(f"SELECT count(*) FROM ({select}) AS fresh")) or 0
    if not count:
        return 0
    before = take_numbers(session, "C", 0, count).start - 1
    return run(
        session,
        f"INSERT INTO customer (number, is_new, {', '.join(names)})"
        " SELECT 'C-' || lpad((:before + row_number() OVER (ORDER BY line))::text, 6, '0'), true,"
        f" {', '.join(names)}"
        f" FROM ({select}) AS fresh (line, {', '.join(names)}) ORDER BY line",
        before=before,
    )
