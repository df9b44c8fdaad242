"""Takes bank statements: those that add up and say nothing else than what is known, entry by entry, once."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.sentences import N_, Sentence
from credit_app.i18n import _l
from credit_app.importers.camt053 import Statement, read_statements
from credit_app.importers.camt053_entry import Entry
from credit_app.importers.report import ImportReport, Problem, sentence
from credit_app.importers.staging import run
from credit_app.models import currency_codes, the_company
from workflows import clock

NAME = "camt.053"
TITLE = _l("ISO 20022 camt.053, versions 001.02 and 001.08")
_ENTRY = {
    "line": "integer",
    "reference": "text",
    "booked_on": "date",
    "value_on": "date",
    "amount": "numeric(18,2)",
    "currency": "text",
    "payer": "text",
    "payer_account": "text",
    "remittance": "text",
    "end_to_end_id": "text",
    "is_return": "boolean",
    "return_reason": "text",
    "bank_code": "text",
}
_HEAD = {
    "line": "integer",
    "account": "text",
    "statement_id": "text",
    "currency": "text",
    "from_on": "date",
    "to_on": "date",
    "opening": "numeric(18,2)",
    "closing": "numeric(18,2)",
    "content_sha256": "text",
    "entries": "integer",
}
_EVERY = 1000

FAULTS = {
    "other_content": N_("is a number of this account that is known with another content"),
    "entry_changed": N_("holds the entry %(reference)s, which is known with another amount or date"),
}


def read(session: Session, path: Path, report: ImportReport, progress: Callable[[int, int], None]) -> None:
    """Stages and judges the file; fills in the counts of entries and the problems. Raises FileRefused."""
    _make_stage(session)
    good, bad = _stage(session, path, report, progress)
    _keep_heads(session, good)
    _drop(session, [statement.number for statement in bad])
    refused = _judge(session)
    for statement in bad:
        report.add([statement.problem] if statement.problem else [])
    by_number = {statement.number: statement for statement in good}
    for number, problem in refused.items():
        report.add([Problem(by_number[number].line, "Stmt", by_number[number].statement_id, problem)])
        bad.append(by_number[number])
    report.problems.sort(key=lambda problem: problem.row)
    _count(session, report, bad)


def write_rows(session: Session, batch_id: int) -> dict[str, int]:
    """Writes the new statements and entries; how many of each."""
    statements = run(session, _INSERT_STATEMENTS, batch=batch_id)
    return {"bank_statement": statements, "bank_entry": run(session, _INSERT_ENTRIES)}


# --- reading ------------------------------------------------------------------------------------------------------


def _make_stage(session: Session) -> None:
    session.execute(text("DROP TABLE IF EXISTS pg_temp.bank_row, pg_temp.bank_head"))
    for name, columns in (("bank_row", _ENTRY), ("bank_head", _HEAD)):
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        key = "id integer GENERATED ALWAYS AS IDENTITY, " if name == "bank_row" else ""
        session.execute(text(f"CREATE TEMPORARY TABLE {name} ({key}stmt integer, {declared}) ON COMMIT DROP"))


def _stage(
    session: Session, path: Path, report: ImportReport, progress: Callable[[int, int], None]
) -> tuple[list[Statement], list[Statement]]:
    """Copies every entry; (statements that fit together, those that do not)."""
    currencies, today = frozenset(currency_codes(session)), _today(session)
    good: list[Statement] = []
    bad: list[Statement] = []
    size = max(path.stat().st_size, 1)

    def tell(read_so_far: int) -> None:
        if report.rows_total % _EVERY == 0:
            progress(
                report.rows_total, max(report.rows_total, report.rows_total * size // max(read_so_far, 1))
            )

    driver: Any = session.connection().connection.driver_connection
    names = sql.SQL(", ").join(map(sql.Identifier, ["stmt", *_ENTRY]))
    statement_of = sql.SQL("COPY bank_row ({}) FROM STDIN").format(names)
    with path.open("rb") as file, driver.cursor() as cursor, cursor.copy(statement_of) as copy:
        for statement, entry in read_statements(file, currencies, today, tell):
            if entry is None:
                (bad if statement.problem else good).append(statement)
            else:
                copy.write_row([statement.number, *_values(entry)])
                report.rows_total += 1
    progress(report.rows_total, report.rows_total)
    return good, bad


def _values(entry: Entry) -> list[Any]:
    return [getattr(entry, name) for name in _ENTRY]


def _today(session: Session) -> date:
    return day_in_zone(clock.now(), the_company(session).time_zone)


def _keep_heads(session: Session, statements: list[Statement]) -> None:
    columns = ", ".join(["stmt", *_HEAD])
    places = ", ".join([":number", *(f":{name}" for name in _HEAD)])
    rows = [
        {"number": statement.number} | {name: getattr(statement, name) for name in _HEAD}
        for statement in statements
    ]
    if rows:
        session.execute(text(f"INSERT INTO bank_head ({columns}) VALUES ({places})"), rows)  # noqa: S608
    # Of two entries with one reference in one statement both were counted in its balance: they are two.
    session.execute(text(_NUMBER_REPEATED))
    session.execute(text("ANALYZE bank_row; ANALYZE bank_head"))


def _drop(session: Session, numbers: list[int]) -> None:
    for name in ("bank_row", "bank_head"):
        session.execute(text(f"DELETE FROM {name} WHERE stmt = ANY(:numbers)"), {"numbers": numbers})  # noqa: S608


# --- judging ------------------------------------------------------------------------------------------------------

_NUMBER_REPEATED = """
    UPDATE bank_row r SET reference = r.reference || '#' || n.place FROM (
        SELECT id, row_number() OVER (PARTITION BY stmt, reference ORDER BY id) AS place FROM bank_row
    ) n WHERE n.id = r.id AND n.place > 1
"""
# A statement is known by account and number, also when it stands earlier in the file.
_OTHER_CONTENT = """
    SELECT stmt FROM (
        SELECT h.stmt, h.content_sha256, coalesce(s.content_sha256, first_value(h.content_sha256)
            OVER (PARTITION BY h.account, h.statement_id ORDER BY h.stmt)) AS known
        FROM bank_head h
        LEFT JOIN bank_statement s ON s.account = h.account AND s.statement_id = h.statement_id
    ) judged WHERE known <> content_sha256 ORDER BY stmt
"""
# An entry is known by account and reference, from the books or from a statement earlier in the file.
_KNOWN = """
    SELECT r.id, r.stmt, r.reference, coalesce(e.booked_on, r.first_on) AS booked_on,
        coalesce(e.amount, r.first_amount) AS amount, coalesce(e.currency, r.first_currency) AS currency,
        r.booked_on AS own_on, r.amount AS own_amount, r.currency AS own_currency,
        e.id IS NOT NULL OR r.place > 1 AS known
    FROM (
        SELECT r.*, h.account, row_number() OVER w AS place, first_value(r.booked_on) OVER w AS first_on,
            first_value(r.amount) OVER w AS first_amount, first_value(r.currency) OVER w AS first_currency
        FROM bank_row r JOIN bank_head h USING (stmt)
        WINDOW w AS (PARTITION BY h.account, r.reference ORDER BY r.id)
    ) r LEFT JOIN bank_entry e ON e.account = r.account AND e.reference = r.reference
"""
_CHANGED = f"""
    SELECT DISTINCT ON (stmt) stmt, reference FROM ({_KNOWN}) k
    WHERE (booked_on, amount, currency) IS DISTINCT FROM (own_on, own_amount, own_currency) ORDER BY stmt, id
"""  # noqa: S608
_COUNTS = f"SELECT known, count(*) AS rows FROM ({_KNOWN}) k GROUP BY known"  # noqa: S608


def _judge(session: Session) -> dict[int, Sentence]:
    """What is wrong with statements that fit together by themselves: number -> sentence; they leave the stage."""
    wrong = {number: sentence(FAULTS["other_content"]) for number in session.scalars(text(_OTHER_CONTENT))}
    _drop(session, list(wrong))
    changed = {
        row.stmt: sentence(FAULTS["entry_changed"], reference=row.reference)
        for row in session.execute(text(_CHANGED))
    }
    _drop(session, list(changed))
    return wrong | changed


def _count(session: Session, report: ImportReport, bad: list[Statement]) -> None:
    counts = {row.known: row.rows for row in session.execute(text(_COUNTS))}
    report.rows_same, report.rows_new = counts.get(True, 0), counts.get(False, 0)
    report.rows_bad = sum(max(statement.entries, 1) for statement in bad)
    report.rows_total = report.rows_same + report.rows_new + report.rows_bad


# --- writing ------------------------------------------------------------------------------------------------------

_INSERT_STATEMENTS = """
    INSERT INTO bank_statement
        (account, statement_id, currency, from_on, to_on, opening, closing, content_sha256, batch_id)
    SELECT account, statement_id, currency, from_on, to_on, opening, closing, content_sha256, :batch
    FROM bank_head ORDER BY stmt ON CONFLICT (account, statement_id) DO NOTHING
"""
_COLUMNS = ", ".join(name for name in _ENTRY if name != "line")
_INSERT_ENTRIES = f"""
    INSERT INTO bank_entry (statement_id, account, {_COLUMNS})
    SELECT s.id, h.account, {", ".join(f"r.{name}" for name in _ENTRY if name != "line")}
    FROM bank_row r JOIN bank_head h USING (stmt)
    JOIN bank_statement s ON s.account = h.account AND s.statement_id = h.statement_id
    ORDER BY r.id ON CONFLICT (account, reference) DO NOTHING
"""  # noqa: S608
