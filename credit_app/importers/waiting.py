"""Files that wait for the worker: kept in a folder of ours under names of ours, imported in turn, taken up again.

A batch is `waiting`, then `running`, then `done`, `refused` (the file) or `failed` (our fault). The import is one
transaction that holds the turn of all imports; whoever gets the turn and sees a running batch knows that its worker is
gone, and begins it anew. Nothing was written then.
"""

import hashlib
import logging
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from psycopg.errors import DeadlockDetected
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from credit_app.domain.sentences import N_
from credit_app.importers.errors import FileRefused
from credit_app.importers.importing import TURN, import_batch, name_of, safe, wanted_mapping
from credit_app.importers.judging import Progress, plain_values
from credit_app.importers.reading import limited
from credit_app.models import ImportBatch
from workflows.errors import Refused

log = logging.getLogger(__name__)

SMALL = 1 << 20  # bytes up to which a file is imported while its sender waits
MOST_ATTEMPTS = 3
OPEN = ("waiting", "running")
SAY_EVERY = 1.0  # seconds
LEFT_BEHIND = 3600.0  # seconds after which a file that no batch names is removed

BROKEN = N_(
    "The import broke off for a reason of ours. Nothing was written; the log of the worker says more."
)
TOO_OFTEN = N_("The import was begun %(times)s times and never came to its end. Nothing was written.")
GONE = N_("The file is no longer there. Nothing was written; please hand it in again.")

OpenSession = Callable[[], Session]


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for: a kind, a mapping, what to do with bad rows, the file's own name, who."""

    kind: str
    mapping: str
    mode: str
    dry_run: bool
    filename: str
    actor_id: int | None


# --- handing in ---------------------------------------------------------------------------------------------------


def turn_is_free(session: Session) -> bool:
    """Takes the turn of all imports until the end of the transaction, unless another import has it."""
    return bool(session.scalar(text(f"SELECT pg_try_advisory_xact_lock({TURN})")))


def hand_in(session: Session, folder: Path, stream: BinaryIO, order: Order, now: datetime) -> ImportBatch:
    """Keeps the file and leaves its batch for the worker; flushed, not committed. Raises FileRefused."""
    mapping = name_of(order.kind, wanted_mapping(order.kind, order.mapping))
    name, sha256 = keep(folder, stream)
    batch = ImportBatch(
        kind=order.kind, filename=safe(order.filename), sha256=sha256, mapping=mapping, mode=order.mode,
        dry_run=order.dry_run, status="waiting", upload=name, started_by=order.actor_id, started_at=now,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch


def keep(folder: Path, stream: BinaryIO) -> tuple[str, str]:
    """Copies a stream into the folder, a piece at a time; its name there and its SHA-256. Raises FileRefused."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name, digest, size = secrets.token_hex(16), hashlib.sha256(), 0
    path, source = folder / name, limited(stream)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            while piece := source.read(1 << 20):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise FileRefused(N_("The file is empty."))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name, digest.hexdigest()


def imported_before(session: Session, batch: ImportBatch) -> ImportBatch | None:
    """The last import of the very same file by the same mapping, if it was written."""
    query = select(ImportBatch).where(
        ImportBatch.sha256 == batch.sha256,
        ImportBatch.mapping == batch.mapping,
        ImportBatch.status == "done",
        ImportBatch.dry_run.is_(False),
        ImportBatch.id < batch.id,
    )
    return session.scalars(query.order_by(ImportBatch.id.desc()).limit(1)).first()


# --- the worker ---------------------------------------------------------------------------------------------------


def run_next(open_session: OpenSession, folder: Path, now: Callable[[], datetime]) -> int | None:
    """Imports the batch that waits longest; its id, None when there is none or another import has the turn."""
    with open_session() as books, open_session() as watch:
        if not turn_is_free(books):
            return None
        claimed = _claim(watch, now())
        if claimed is None:
            return None
        batch_id, upload = claimed
        try:
            _import(books, batch_id, folder / upload, _Telling(watch, batch_id), now())
        except Refused as refused:
            books.rollback()
            _end(watch, batch_id, "refused", now(), refused.template, **refused.values)
        except DBAPIError as error:
            books.rollback()
            if error.connection_invalidated or isinstance(error.orig, DeadlockDetected):
                raise  # the database went away, or two waited for each other: the next look takes the batch up again
            _broke(watch, batch_id, now())
        except Exception:
            books.rollback()
            _broke(watch, batch_id, now())
        (folder / upload).unlink(missing_ok=True)
        return batch_id


def _claim(session: Session, now: datetime) -> tuple[int, str] | None:
    """The next batch and the name of its file, marked as running; one that never ends is given up. Commits."""
    query = select(ImportBatch).where(ImportBatch.status.in_(OPEN), ImportBatch.upload.is_not(None))
    while True:
        row = session.scalars(
            query.order_by(ImportBatch.id).limit(1).with_for_update(skip_locked=True)
        ).first()
        if row is None or not re.fullmatch("[0-9a-f]{32}", row.upload or ""):
            session.rollback()
            return None
        row.attempts += 1
        if row.attempts <= MOST_ATTEMPTS:
            row.status, row.rows_done, row.rows_total = "running", 0, 0
            claimed = row.id, str(row.upload)
            session.commit()
            return claimed
        _end(session, row.id, "failed", now, TOO_OFTEN, times=MOST_ATTEMPTS)


def _import(session: Session, batch_id: int, path: Path, progress: Progress, now: datetime) -> None:
    batch = session.get_one(ImportBatch, batch_id, populate_existing=True)
    mapping = wanted_mapping(batch.kind, batch.mapping)
    if not path.is_file():
        raise FileRefused(GONE)
    import_batch(session, batch, mapping, path, progress, now)
    batch.upload = None  # not before: while its row is ours, nobody can say how far the import is
    session.commit()


class _Telling:
    """Writes down how far the import is, on a connection of its own, so that others see it."""

    def __init__(self, session: Session, batch_id: int) -> None:
        self.session, self.batch_id, self.said = session, batch_id, 0.0

    def __call__(self, done: int, about: int) -> None:
        if done < about and time.monotonic() - self.said < SAY_EVERY:
            return
        self.said = time.monotonic()
        change = update(ImportBatch).where(ImportBatch.id == self.batch_id)
        self.session.execute(change.values(rows_done=done, rows_total=about))
        self.session.commit()


def _broke(session: Session, batch_id: int, now: datetime) -> None:
    log.exception("import %s broke off", batch_id)
    _end(session, batch_id, "failed", now, BROKEN)


def _end(
    session: Session, batch_id: int, status: str, now: datetime, template: str, **values: object
) -> None:
    kept = plain_values(values)
    change = update(ImportBatch).where(ImportBatch.id == batch_id)
    session.execute(
        change.values(
            status=status, problem=template[:500], problem_values=kept, upload=None, finished_at=now, rows_done=0,
            rows_total=0,
        )
    )  # fmt: skip
    session.commit()


def sweep(session: Session, folder: Path, instant: float) -> int:
    """Removes files that no batch waits for, left by whatever was killed; how many. `instant` in seconds since 1970."""
    named = set(session.scalars(select(ImportBatch.upload).where(ImportBatch.status.in_(OPEN))))
    left = [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.name not in named and instant - path.stat().st_mtime > LEFT_BEHIND
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
