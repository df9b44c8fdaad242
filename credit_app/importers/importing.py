"""The import of one file, from its bytes to rows in the books and a report."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.sentences import N_
from credit_app.importers import bank_statements, ubl
from credit_app.importers.errors import FileRefused, MappingRefused
from credit_app.importers.judging import (
    Chunk,
    Progress,
    in_chunks,
    judge,
    keep,
    new_batch,
    no_progress,
    settle,
    stage,
    write,
)
from credit_app.importers.mapping import Mapping, load_mapping
from credit_app.importers.opening import days_of_file
from credit_app.importers.reading import Table, at_hand, open_table
from credit_app.importers.report import ImportReport
from credit_app.importers.rows import RowReader
from credit_app.models import IMPORT_KINDS, IMPORT_MODES, ImportBatch, currency_codes
from workflows import clock

log = logging.getLogger(__name__)

# Files that declare their own meaning: read(session, path, report, progress) stages, judges and counts,
# write_rows(session, batch_id) writes what is new and says how much; NAME stands in the mapping's place.
DECLARED: dict[str, ModuleType] = {"bank_statement": bank_statements}
CHUNK = 1000  # rows that are read together
# Two imports at once could both find a row missing: they take turns.
TURN = "hashtext('credit_desk.import')"


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
    `dry_run` only reports. Kinds in DECLARED and UBL need no mapping. The caller commits. FileRefused or
    MappingRefused: nothing was written, not even a batch.
    """
    if kind not in IMPORT_KINDS or mode not in IMPORT_MODES:
        raise FileRefused(N_("There is no such kind or mode of import."))
    mapping = wanted_mapping(kind, mapping_name, folders)
    started = now or clock.now()
    report = ImportReport(kind, safe(filename), name_of(kind, mapping), mode, dry_run)
    return import_batch(
        session, new_batch(report, actor_id, started), mapping, file, progress or no_progress, started
    )


def wanted_mapping(kind: str, name: str, folders: Iterable[Path] = ()) -> Mapping | None:
    """The mapping that a kind of file needs; None for files that declare their own meaning. Raises MappingRefused."""
    if kind in DECLARED:
        return None
    if kind == ubl.MAPPING.name:
        return ubl.MAPPING
    mapping = load_mapping(name, folders)
    if mapping.kind != kind:
        raise MappingRefused(
            N_("The mapping %(name)s is for %(kind)s."), name=mapping.name, kind=mapping.kind
        )
    return mapping


def name_of(kind: str, mapping: Mapping | None) -> str:
    """What stands in a batch as its mapping."""
    return mapping.name if mapping else str(DECLARED[kind].NAME)


def import_batch(
    session: Session,
    batch: ImportBatch,
    mapping: Mapping | None,
    file: Path | BinaryIO,
    progress: Progress,
    now: datetime,
) -> ImportReport:
    """Reads the file of a batch, new or waiting, and brings the batch to its end. As `import_file` in the rest."""
    report = ImportReport(batch.kind, batch.filename, name_of(batch.kind, mapping), batch.mode, batch.dry_run)
    with session.begin_nested():  # a file that breaks half-way leaves the caller's transaction usable
        session.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
        if mapping is None:
            _import_declared(session, batch, file, report, progress)
        else:
            _import_rows(session, batch, mapping, file, report, progress, now)
        batch.finished_at = max(now, clock.now())
        session.flush()
    log.info("import %s %s: %s rows, %s new", batch.kind, batch.id, report.rows_total, report.rows_new)
    return report


def _import_declared(
    session: Session, batch: ImportBatch, file: Path | BinaryIO, report: ImportReport, progress: Progress
) -> None:
    means = DECLARED[report.kind]
    with at_hand(file) as (path, report.sha256):
        means.read(session, path, report, progress)
    settle(report)
    keep(session, batch, report)
    if report.status == "done" and not report.dry_run:
        batch.made = report.made = means.write_rows(session, batch.id)


def _import_rows(
    session: Session,
    batch: ImportBatch,
    mapping: Mapping,
    file: Path | BinaryIO,
    report: ImportReport,
    progress: Progress,
    now: datetime,
) -> None:
    _read(session, mapping, file, report, progress)
    days = days_of_file(session, mapping.source, batch.kind, now)
    judge(session, mapping, report, days)
    keep(session, batch, report)
    if report.status == "done" and not report.dry_run:
        write(session, mapping, report, batch, days)


def safe(filename: str) -> str:
    """The last part of a file name, without control characters."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[:255] or "file"


def _read(
    session: Session, mapping: Mapping, file: Path | BinaryIO, report: ImportReport, progress: Progress
) -> None:
    """Stages the rows of a table, or the documents of UBL."""
    documents = report.kind == ubl.MAPPING.name
    with ubl.open_documents(file) if documents else open_table(file, mapping) as table:
        report.sha256, report.encoding, report.delimiter = table.sha256, table.encoding, table.delimiter
        reader = RowReader(mapping, table, frozenset(currency_codes(session)))
        chunks = in_chunks(ubl.readings(session, table, reader)) if documents else _chunks(reader, table)
        stage(session, mapping, chunks, report, progress, table.about)
    if report.rows_total == 0:
        raise FileRefused(N_("The file has a heading but no rows."))


def _chunks(reader: RowReader, table: Table) -> Iterator[Chunk]:
    while rows := list(islice(table.rows, CHUNK)):
        yield len(rows), *reader.read(rows)
