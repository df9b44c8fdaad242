"""The import of one file, from its bytes to rows in the books and a report."""

import logging
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Values
from datetime import datetime, time
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.domain.sentences import N_, Sentence
from credit_app.facts.ledger import first_open_day
from credit_app.importers import customers, invoices, receipts
from credit_app.importers.errors import FileRefused, MappingRefused
from credit_app.importers.mapping import Mapping, Source, load_mapping
from credit_app.importers.reading import Table, open_table
from credit_app.importers.report import MOST_PROBLEMS, ImportReport, Problem
from credit_app.importers.rows import RowReader
from credit_app.importers.staging import Days, copying, make_stage
from credit_app.models import IMPORT_MODES, Company, Currency, ImportBatch, ImportProblem
from workflows import clock

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]  # rows read, about how many there are
KINDS: dict[str, ModuleType] = {"customers": customers, "invoices": invoices, "receipts": receipts}
CHUNK = 1000
# Two imports at once could both find a row missing: they take turns.
TURN = "hashtext('credit_desk.import')"


def import_file(
    session: Session,
    kind: str,
    filename: str,
    file: Path | BinaryIO,
    mapping_name: str,
    *,
    mode: str = "all_or_nothing",
    dry_run: bool = False,
    actor_id: int | None = None,
    progress: Progress | None = None,
    folders: Iterable[Path] = (),
    now: datetime | None = None,
) -> ImportReport:
    """Reads the file and writes what is new in it, with an ImportBatch that keeps counts and problems.

    `mode` 'all_or_nothing' writes nothing when one row is bad, 'skip_bad_rows' writes the others;
    `dry_run` only reports. The caller commits. FileRefused or MappingRefused: nothing was written,
    not even a batch.
    """
    if kind not in KINDS or mode not in IMPORT_MODES:
        raise FileRefused(N_("There is no such kind or mode of import."))
    mapping = wanted_mapping(kind, mapping_name, folders)
    batch = ImportBatch(
        kind=kind, filename=safe(filename), sha256="", mapping=mapping.name, mode=mode, dry_run=dry_run,
        status="done", started_by=actor_id, started_at=now or clock.now(),
    )  # fmt: skip
    return import_batch(session, batch, mapping, file, progress or _no_progress, now or clock.now())


def wanted_mapping(kind: str, name: str, folders: Iterable[Path] = ()) -> Mapping:
    """The mapping of that name, which must be for that kind of file. Raises MappingRefused."""
    mapping = load_mapping(name, folders)
    if mapping.kind != kind:
        raise MappingRefused(
            N_("The mapping %(name)s is for %(kind)s."), name=mapping.name, kind=mapping.kind
        )
    return mapping


def import_batch(
    session: Session,
    batch: ImportBatch,
    mapping: Mapping,
    file: Path | BinaryIO,
    progress: Progress,
    now: datetime,
) -> ImportReport:
    """Reads the file of a batch, new or waiting, and brings the batch to its end. As `import_file` in the rest."""
    report = ImportReport(batch.kind, batch.filename, mapping.name, batch.mode, batch.dry_run)
    with session.begin_nested():  # a file that breaks half-way leaves the caller's transaction usable
        session.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
        with open_table(file, mapping) as table:
            report.sha256, report.encoding, report.delimiter = table.sha256, table.encoding, table.delimiter
            _stage(session, mapping, table, report, progress)
        days = _days(session, mapping, now)
        _judge(session, mapping, report, days)
        if report.rows_bad and report.mode == "all_or_nothing":
            report.status = "refused"
        _keep(session, batch, report)
        if report.status == "done" and not report.dry_run:
            batch.made = report.made = KINDS[mapping.kind].write_rows(session, mapping, batch.id, days)
        batch.finished_at = max(now, clock.now())
        session.flush()
    log.info("import %s %s: %s rows, %s new", batch.kind, batch.id, report.rows_total, report.rows_new)
    return report


def _no_progress(_done: int, _about: int) -> None:
    pass


def safe(filename: str) -> str:
    """The last part of a file name, without control characters."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[:255] or "file"


def _days(session: Session, mapping: Mapping, now: datetime) -> Days:
    """Today in the company's zone, and the first open day: none on the day on which a source's history comes in.

    That is the first day on which this kind of file brings receipts of the source.
    """
    company = session.get(Company, 1)
    zone = ZoneInfo(company.time_zone if company else "UTC")
    today = now.astimezone(zone).date()
    brought = session.scalar(
        text(
            "SELECT EXISTS (SELECT FROM receipt r JOIN import_batch b ON b.id = r.batch_id"
            " WHERE r.source = :source AND b.kind = :kind AND b.started_at < :midnight)"
        ),
        {
            "source": mapping.source,
            "kind": mapping.kind,
            "midnight": datetime.combine(today, time(), tzinfo=zone),
        },
    )
    return Days(today, first_open_day(session, today) if brought else None)


def _stage(
    session: Session, mapping: Mapping, table: Table, report: ImportReport, progress: Progress
) -> None:
    """Copies every row that can be read into the stage; the others go into the report."""
    reader = RowReader(mapping, table, frozenset(session.scalars(select(Currency.code))))
    make_stage(session, mapping.kind)
    with copying(session, mapping) as write:
        while rows := list(islice(table.rows, CHUNK)):
            report.rows_total += len(rows)
            values, problems, bad = reader.read(rows)
            report.rows_bad += bad
            report.add(problems)
            write(values)
            progress(report.rows_total, max(table.about, report.rows_total))
    progress(report.rows_total, report.rows_total)
    if report.rows_total == 0:
        raise FileRefused(N_("The file has a heading but no rows."))


_VERDICTS = """
    SELECT verdict, count(*) AS rows FROM (
        SELECT DISTINCT ON (row) verdict FROM import_judged
        ORDER BY row, array_position(ARRAY['new', 'settled', 'changed', 'same'], verdict)
    ) each GROUP BY verdict
"""


def _judge(session: Session, mapping: Mapping, report: ImportReport, days: Days) -> None:
    """Compares the staged rows with each other and with the books."""
    judges = KINDS[mapping.kind]
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
            _fault(KINDS[mapping.kind].FAULTS[row.verdict], row.value, days),
        )
        for row in found
    ]


def _fault(template: str, value: str, days: Days) -> Sentence:
    """The sentence of a verdict; only those about days have places for values."""
    values = {"day": value, "today": days.today.isoformat(), "first": str(days.first)}
    return Sentence("import.fault", template, values if "%(" in template else {})


def plain_values(values: Values[str, object]) -> dict[str, int | str]:
    """The values of a sentence as JSON keeps them."""
    return {name: value if isinstance(value, int | str) else str(value) for name, value in values.items()}


def _keep(session: Session, batch: ImportBatch, report: ImportReport) -> None:
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
