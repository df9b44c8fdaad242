"""Takes rows of JSON or documents of UBL through the judging of file imports: stage, judge, write, all or nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.api.clock import now, today
from credit_app.api.inputs import Inputs, cells_of
from credit_app.api.problems import ApiProblem, rows_refused
from credit_app.facts.api_tokens import Caller
from credit_app.facts.ledger import first_open_day
from credit_app.importers import judging
from credit_app.importers.fields import Field, Format
from credit_app.importers.importing import TURN
from credit_app.importers.judging import Reading
from credit_app.importers.mapping import Mapping, Source
from credit_app.importers.opening import document_days
from credit_app.importers.reading import Table
from credit_app.importers.report import ImportReport, Problem
from credit_app.importers.rows import RowReader
from credit_app.importers.staging import Days

LONGEST_WAIT = "5s"
_RESULTS = {"settled": "changed"}


def reader_of(
    caller: Caller, kind: str, inputs: Inputs, given: set[str] | None = None, own: bool = False
) -> RowReader:
    """Checks rows whose cells are the plain fields of `inputs`, in their order; of customers only those `given`.

    With `own` the fields are those of `inputs` alone, else those of the file import of this kind.
    """
    names = plain_names(inputs)
    mapping = Mapping(
        name="api",
        title="",
        kind=kind,
        source=caller.source,
        form=Format(),
        fields={name: Source(column=name) for name in names if given is None or name in given},
    )
    fields: dict[str, Field] | None = {name: inputs[name].field for name in names} if own else None
    table = Table(names, iter(()), "", "json", "", 0)
    return RowReader(mapping, table, caller.currencies, fields)


def plain_names(inputs: Inputs) -> list[str]:
    """The fields that hold one value."""
    return [name for name, one in inputs.items() if one.rows is None]


def read_row(reader: RowReader, number: int, row: dict[str, Any], inputs: Inputs) -> Reading:
    """The row's values, or what is wrong with it."""
    cells, problems = cells_of(number, row, inputs)
    if problems:
        return number, [], problems
    plain = [cell for cell, one in zip(cells, inputs.values(), strict=True) if one.rows is None]
    values, problems, _bad = reader.read([(number, plain)])
    return number, values, problems


def same_fields(rows: Sequence[dict[str, Any]]) -> set[str]:
    """The fields that every row has. Raises ApiProblem: whether a row keeps or empties what it lacks is not said."""
    given = set(rows[0])
    for number, row in enumerate(rows, 1):
        if set(row) != given:
            name = sorted(set(row) ^ given)[0][:60]
            raise ApiProblem(
                422,
                f"Row {number} and row 1 do not have the same fields (“{name}”): leave a field out of every row to"
                " keep what is there, or give null to empty it.",
            )
    return given


def take_lock(session: Session) -> None:
    """Imports take turns; a request waits five seconds for a file that is being imported, then it is told to."""
    session.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": LONGEST_WAIT})
    session.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))


def take(
    session: Session,
    token: Caller,
    kind: str,
    reader: RowReader,
    readings: Sequence[Reading],
    rows: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Writes all rows or none; the answer with what became of each. `rows` is what was sent. Raises ApiProblem."""
    take_lock(session)
    report = ImportReport(
        kind, f"POST /api/v1/{kind}", f"api {token.name}"[:100], "all_or_nothing", dry_run=False
    )
    mapping = reader.mapping
    documents = document_days(session, mapping.source, today())
    days = Days(today(), first_open_day(session, today()), *documents)
    judging.stage(session, mapping, judging.in_chunks(readings), report)
    judging.judge(session, mapping, report, days)
    results = _results(session, readings)
    for result, row in zip(results, rows, strict=False):
        result["external_ids"] = result["external_ids"] or [str(row.get("external_id") or "")[:100]]
    if report.status == "refused":
        raise refused(results, report.problems)
    if report.rows_new or report.rows_changed:
        batch = judging.new_batch(report, None, now())
        judging.keep(session, batch, report)
        judging.write(session, mapping, report, batch, days)
        batch.finished_at = now()
        session.flush()
    return outcome(results)


def refused(results: list[dict[str, Any]], problems: Sequence[Problem]) -> ApiProblem:
    """The answer for rows of which at least one cannot be taken."""
    reasons: dict[int, Problem] = {}
    for problem in problems:
        reasons.setdefault(problem.row, problem)
    for result in results:
        found = reasons.get(result["row"])
        result["result"] = "refused" if found else "not written"
        if found:
            result["reason"] = f"{found.column} {found.reason}".strip()
    return rows_refused(problems, results)


def outcome(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts and rows of an answer."""
    words = [result["result"] for result in results]
    return {word: words.count(word) for word in ("new", "changed", "same")} | {"rows": results}


def _results(session: Session, readings: Sequence[Reading]) -> list[dict[str, Any]]:
    verdicts: dict[int, list[str]] = {}
    for row, verdict in session.execute(text("SELECT row, verdict FROM import_judged ORDER BY line")):
        verdicts.setdefault(row, []).append(verdict)
    results = []
    for number, rows, _problems in readings:
        words = [_RESULTS.get(verdict, verdict) for verdict in verdicts.get(number, [])]
        result = next((word for word in words if word != "same"), "same")
        ids = [str(values["external_id"]) for values in rows]
        results.append({"row": number, "result": result, "external_ids": ids})
    return results
