"""The import of one file, from its bytes to rows in the books and a report."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.i18n import _
from credit_app.importers import bank_statements, customers, invoices, receipts, ubl
from credit_app.importers.errors import FileRefused, MappingRefused
from credit_app.importers.mapping import Mapping, Source, load_mapping
from credit_app.importers.reading import Table, at_hand, open_table
from credit_app.importers.report import MOST_PROBLEMS, ImportReport, Problem
from credit_app.importers.rows import RowReader, Values
from credit_app.importers.staging import copying, make_stage
from credit_app.models import IMPORT_KINDS, IMPORT_MODES, Currency, ImportBatch, ImportProblem

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]  # rows read, about how many there are
Readings = Iterable[
    tuple[int, list[Values], list[Problem]]
]  # number in the file, the values or what is wrong
_KINDS: dict[str, ModuleType] = {"customers": customers, "invoices": invoices, "receipts": receipts}
# Files that declare their own meaning: read(session, path, report, progress) stages, judges and counts,
# write_rows(session, batch_id) writes what is new and says how much; NAME stands in the mapping's place.
DECLARED: dict[str, ModuleType] = {"bank_statement": bank_statements}
_EVERY = 1000


def import_file(
    session: Session,
    kind: str,
    filename: str,
    file: Path | BinaryIO,
    mapping_name: str = "",
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
    `dry_run` only reports. Kinds in DECLARED need no mapping. The caller commits. FileRefused or MappingRefused:
    nothing was written, not even a batch.
    """
    if kind not in IMPORT_KINDS or mode not in IMPORT_MODES:
        raise FileRefused(_("There is no such kind or mode of import."))
    mapping = _mapping(kind, mapping_name, folders)
    if mapping is not None and kind not in (mapping.kind, "ubl"):
        raise MappingRefused(_("The mapping %(name)s is for %(kind)s.", name=mapping.name, kind=mapping.kind))
    report = ImportReport(
        kind, _safe(filename), mapping.name if mapping else DECLARED[kind].NAME, mode, dry_run
    )
    with session.begin_nested():  # a file that breaks half-way leaves the caller's transaction usable
        tell = progress or _no_progress
        _import(session, mapping, file, report, actor_id=actor_id, progress=tell, now=now)
    log.info("import %s %s: %s rows, %s new", kind, report.batch_id, report.rows_total, report.rows_new)
    return report


def _no_progress(_done: int, _about: int) -> None:
    pass


def _import(
    session: Session,
    mapping: Mapping | None,
    file: Path | BinaryIO,
    report: ImportReport,
    *,
    actor_id: int | None,
    progress: Progress,
    now: datetime | None,
) -> None:
    started = now or datetime.now(UTC)
    # Two imports at once could both find a row missing.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('credit_desk.import'))"))
    if mapping is None:
        with at_hand(file) as (path, report.sha256):
            DECLARED[report.kind].read(session, path, report, progress)
        if report.rows_bad and report.mode == "all_or_nothing":
            report.status = "refused"
    else:
        _read(session, mapping, file, report, progress)
        judge(session, mapping, report)
    batch = keep(session, report, actor_id, started)
    if report.status == "done" and not report.dry_run:
        write(session, mapping, report, batch)
    batch.finished_at = now or datetime.now(UTC)
    session.flush()


def _mapping(kind: str, name: str, folders: Iterable[Path]) -> Mapping | None:
    """The mapping that a kind of file needs; None for files that declare their own meaning."""
    if kind in DECLARED:
        return None
    return ubl.MAPPING if kind == "ubl" else load_mapping(name, folders)


def _read(
    session: Session, mapping: Mapping, file: Path | BinaryIO, report: ImportReport, progress: Progress
) -> None:
    currencies = known_currencies(session)
    with ubl.open_documents(file) if report.kind == "ubl" else open_table(file, mapping) as table:
        report.sha256, report.encoding, report.delimiter = table.sha256, table.encoding, table.delimiter
        reader = RowReader(mapping, table, currencies)
        readings = ubl.readings(session, table, reader) if report.kind == "ubl" else _readings(reader, table)
        stage(session, mapping.kind, readings, report, progress, table.about)
    if report.rows_total == 0:
        raise FileRefused(_("The file has a heading but no rows."))


def known_currencies(session: Session) -> frozenset[str]:
    """The codes in use here."""
    return frozenset(session.scalars(select(Currency.code)))


def _readings(reader: RowReader, table: Table) -> Iterator[tuple[int, list[Values], list[Problem]]]:
    for number, cells in table.rows:
        yield number, *reader.read(number, cells)


def _safe(filename: str) -> str:
    """The last part of a file name, without control characters."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[:255] or "file"


def stage(
    session: Session,
    kind: str,
    readings: Readings,
    report: ImportReport,
    progress: Progress = _no_progress,
    about: int = 0,
) -> None:
    """Copies every row that can be read into the stage; the others go into the report."""
    names = make_stage(session, kind)
    with copying(session, names) as copy:
        for number, rows, problems in readings:
            report.rows_total += 1
            if problems:
                report.rows_bad += 1
                report.add(problems)
            for values in rows:
                report.staged += 1
                copy.write_row([report.staged, number, *(values.get(name) for name in names)])
            if report.rows_total % _EVERY == 0:
                progress(report.rows_total, max(about, report.rows_total))
    progress(report.rows_total, report.rows_total)


_COUNTS = "SELECT verdict, count(*) AS rows FROM import_judged GROUP BY verdict"
# Of an invoice in parts the verdict that matters most counts, a fault before all others.
_COUNTS_OF_LINES = """
    SELECT verdict, count(*) AS rows FROM (
        SELECT DISTINCT ON (line) verdict FROM import_judged JOIN import_row USING (row)
        ORDER BY line, (verdict = ANY(:faults)) DESC, row
    ) whole GROUP BY verdict
"""


def judge(session: Session, mapping: Mapping, report: ImportReport) -> None:
    """Compares the staged rows with each other and with the books; the report then says if they may be written."""
    judges = _KINDS[mapping.kind]
    judges.judge_rows(session, mapping)
    in_parts = report.staged > report.rows_total - report.rows_bad
    verdicts = session.execute(
        text(_COUNTS_OF_LINES if in_parts else _COUNTS), {"faults": list(judges.FAULTS)} if in_parts else {}
    )
    counts: dict[str, int] = {row.verdict: row.rows for row in verdicts}
    report.rows_new = counts.get("new", 0)
    report.rows_same = counts.get("same", 0)
    report.rows_changed = counts.get("settled", 0)
    if "changed" not in judges.FAULTS:
        report.rows_changed += counts.get("changed", 0)
    faults = [verdict for verdict in counts if verdict in judges.FAULTS]
    report.rows_bad += sum(counts[verdict] for verdict in faults)
    if faults:
        report.add(_faults(session, mapping, faults))
        report.problems.sort(key=lambda problem: problem.row)
    if report.rows_bad and report.mode == "all_or_nothing":
        report.status = "refused"


def write(session: Session, mapping: Mapping | None, report: ImportReport, batch: ImportBatch) -> None:
    """Writes what was judged new or changed."""
    if mapping is None:
        report.made = DECLARED[report.kind].write_rows(session, batch.id)
    else:
        report.made = _KINDS[mapping.kind].write_rows(session, mapping, batch.id)
    batch.made = report.made


def _faults(session: Session, mapping: Mapping, verdicts: list[str]) -> list[Problem]:
    found = session.execute(
        text(
            "SELECT DISTINCT ON (line) line, j.verdict, j.field, to_jsonb(s) ->> j.field AS value"
            " FROM import_row s JOIN import_judged j USING (row)"
            " WHERE j.verdict = ANY(:verdicts) ORDER BY line, row LIMIT :most"
        ),
        {"verdicts": verdicts, "most": MOST_PROBLEMS},
    )
    sentences = _KINDS[mapping.kind].FAULTS
    return [
        Problem(
            row.line,
            mapping.fields.get(row.field, Source()).label or row.field,
            row.value or "",
            str(sentences[row.verdict]),
        )
        for row in found
    ]


def keep(session: Session, report: ImportReport, actor_id: int | None, started: datetime) -> ImportBatch:
    """The batch row with the problems found so far."""
    batch = ImportBatch(
        kind=report.kind,
        filename=report.filename,
        sha256=report.sha256,
        mapping=report.mapping,
        mode=report.mode,
        dry_run=report.dry_run,
        status=report.status,
        rows_total=report.rows_total,
        rows_new=report.rows_new,
        rows_changed=report.rows_changed,
        rows_same=report.rows_same,
        rows_bad=report.rows_bad,
        started_by=actor_id,
        started_at=started,
    )
    session.add(batch)
    session.flush()
    session.add_all(
        ImportProblem(batch_id=batch.id, row=p.row, column=p.column, value=p.value, reason=p.reason)
        for p in report.problems
    )
    session.flush()
    report.batch_id = batch.id
    return batch
