"""Rows on their way into the books: staged, judged, written, kept as a batch; those of files and of other systems."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Named
from datetime import datetime
from types import ModuleType

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.sentences import Sentence
from credit_app.importers import customers, invoices, receipts
from credit_app.importers.checks import Values
from credit_app.importers.mapping import Mapping, Source
from credit_app.importers.report import MOST_PROBLEMS, ImportReport, Problem
from credit_app.importers.staging import Days, copying, make_stage
from credit_app.models import ImportBatch, ImportProblem

Progress = Callable[[int, int], None]  # rows read, about how many there are
# Of some rows: how many they are, the values of those that can be read (with their `row`), what is wrong, how many are.
Chunk = tuple[int, list[Values], list[Problem], int]
Reading = tuple[int, list[Values], list[Problem]]  # number in the file, the values or what is wrong
_KINDS: dict[str, ModuleType] = {"customers": customers, "invoices": invoices, "receipts": receipts}
CHUNK = 1000


def no_progress(_done: int, _about: int) -> None:
    """For who need not be told."""


def in_chunks(readings: Sequence[Reading]) -> Iterator[Chunk]:
    """Rows that were read one by one."""
    for begin in range(0, len(readings), CHUNK):
        some = readings[begin : begin + CHUNK]
        values = [row | {"row": number} for number, rows, _problems in some for row in rows]
        problems = [problem for _number, _rows, wrong in some for problem in wrong]
        yield len(some), values, problems, sum(bool(wrong) for _number, _rows, wrong in some)


def stage(
    session: Session,
    mapping: Mapping,
    chunks: Iterable[Chunk],
    report: ImportReport,
    progress: Progress = no_progress,
    about: int = 0,
) -> None:
    """Copies every row that can be read into the stage; the others go into the report."""
    make_stage(session, mapping.kind)
    with copying(session, mapping) as write_lines:
        for rows, values, problems, bad in chunks:
            report.rows_total += rows
            report.rows_bad += bad
            report.add(problems)
            write_lines(values)
            progress(report.rows_total, max(about, report.rows_total))
    progress(report.rows_total, report.rows_total)


_VERDICTS = """
    SELECT verdict, count(*) AS rows FROM (
        SELECT DISTINCT ON (row) verdict FROM import_judged
        ORDER BY row, array_position(ARRAY['new', 'settled', 'changed', 'same'], verdict)
    ) each GROUP BY verdict
"""


def judge(session: Session, mapping: Mapping, report: ImportReport, days: Days) -> None:
    """Compares the staged rows with each other and with the books; the report then says if they may be written."""
    judges = _KINDS[mapping.kind]
    judges.judge_rows(session, mapping, days)
    counts: dict[str, int] = {row.verdict: row.rows for row in session.execute(text(_VERDICTS))}
    report.rows_new = counts.get("new", 0)
    report.rows_same = counts.get("same", 0)
    report.rows_changed = counts.get("settled", 0)
    if "changed" not in judges.FAULTS:
        report.rows_changed += counts.get("changed", 0)
    faults = [verdict for verdict in counts if verdict in judges.FAULTS]
    report.rows_bad += sum(counts[verdict] for verdict in faults)
    if faults:
        found = [*report.problems, *_faults(session, mapping, faults, days)]
        report.problems = []
        report.add(sorted(found, key=lambda problem: problem.row))
    settle(report)


def settle(report: ImportReport) -> None:
    """All or nothing: one bad row refuses them all."""
    if report.rows_bad and report.mode == "all_or_nothing":
        report.status = "refused"


def write(session: Session, mapping: Mapping, report: ImportReport, batch: ImportBatch, days: Days) -> None:
    """Writes what was judged new or changed."""
    batch.made = report.made = _KINDS[mapping.kind].write_rows(session, mapping, batch.id, days)


def _faults(session: Session, mapping: Mapping, verdicts: list[str], days: Days) -> list[Problem]:
    found = session.execute(
        text(
            "SELECT DISTINCT ON (j.row) j.row, j.verdict, j.field, to_jsonb(s) ->> j.field AS value"
            " FROM import_row s JOIN import_judged j USING (line)"
            " WHERE j.verdict = ANY(:verdicts) ORDER BY j.row, line LIMIT :most"
        ),
        {"verdicts": verdicts, "most": MOST_PROBLEMS},
    )
    return [
        Problem(
            row.row,
            mapping.fields.get(row.field, Source()).label or row.field,
            row.value or "",
            _fault(_KINDS[mapping.kind].FAULTS[row.verdict], row.value, days),
        )
        for row in found
    ]


def _fault(template: str, value: str, days: Days) -> Sentence:
    """The sentence of a verdict; only those about days have places for values."""
    values = {"day": value, "today": days.today.isoformat()}
    values |= {"first": str(days.first), "oldest": str(days.oldest), "latest": str(days.latest)}
    return Sentence("import.fault", template, values if "%(" in template else {})


def plain_values(values: Named[str, object]) -> dict[str, int | str]:
    """The values of a sentence as JSON keeps them."""
    return {name: value if isinstance(value, int | str) else str(value) for name, value in values.items()}


def keep(session: Session, batch: ImportBatch, report: ImportReport) -> None:
    """Brings the report into the batch, with the problems found."""
    for name in ("sha256", "status", "rows_total", "rows_new", "rows_changed", "rows_same", "rows_bad"):
        setattr(batch, name, getattr(report, name))
    batch.rows_done = report.rows_total
    session.add(batch)
    session.flush()
    session.add_all(
        ImportProblem(
            batch_id=batch.id, row=p.row, column=p.column, value=p.value, reason=p.sentence.template[:500],
            reason_values=plain_values(p.sentence.values),
        )
        for p in report.problems
    )  # fmt: skip
    session.flush()
    report.batch_id = batch.id


def new_batch(report: ImportReport, actor_id: int | None, started: datetime) -> ImportBatch:
    """The batch for a report that is still to be filled; not in the database before `keep`."""
    return ImportBatch(
        kind=report.kind, filename=report.filename, sha256=report.sha256, mapping=report.mapping, mode=report.mode,
        dry_run=report.dry_run, status="done", started_by=actor_id, started_at=started,
    )  # fmt: skip
