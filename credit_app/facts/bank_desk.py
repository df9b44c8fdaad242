"""What the bank-matching desk shows: statements with their balances, and entries by what became of them."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Text, cast, exists, func, or_, select, true
from sqlalchemy.orm import Session

from credit_app.models import BankEntry, BankStatement, Customer, Receipt, ReceiptReversal
from workflows.tables import OpenTask

MOST_STATEMENTS = 12


def newest_statements(session: Session, most: int = MOST_STATEMENTS) -> list[tuple[BankStatement, bool]]:
    """(statement, whether it begins where the one before it of its account ended), the newest first."""
    previous = func.lag(BankStatement.closing).over(
        partition_by=BankStatement.account,
        order_by=(BankStatement.to_on, BankStatement.from_on.desc(), BankStatement.id),
    )
    recent = (
        select(BankStatement.id)
        .order_by(BankStatement.to_on.desc(), BankStatement.id.desc())
        .limit(most + 20)
        .subquery()
    )
    query = select(BankStatement, previous).where(BankStatement.id.in_(select(recent.c.id)))
    rows = session.execute(query.order_by(BankStatement.to_on.desc(), BankStatement.id.desc()).limit(most))
    return [(row[0], row[1] is None or row[1] == row[0].opening) for row in rows]


def narrowed(
    status: str | None,
    statement_id: int | None,
    since: date | None,
    words: str,
    entry_id: int | None,
    branches: frozenset[int] | None,
) -> ColumnElement[bool]:
    """The condition of the list's filters. Open entries are listed whatever their day.

    Words are looked for only in what somebody of these branches (None: all) may read.
    """
    conditions: list[ColumnElement[bool]] = [true()]
    if status:
        conditions.append(BankEntry.status == status)
    if statement_id is not None:
        conditions.append(BankEntry.statement_id == statement_id)
    if entry_id is not None:
        conditions.append(BankEntry.id == entry_id)
    if since is not None:
        conditions.append(BankEntry.booked_on >= since)
    if words:
        like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        plain = words.replace(" ", "").replace(",", "")
        conditions.append(
            or_(
                BankEntry.payer.ilike(like), BankEntry.remittance.ilike(like), BankEntry.reference.ilike(like),
                BankEntry.payer_account.ilike(like), cast(BankEntry.amount, Text) == plain,
            )
        )  # fmt: skip
        if branches is not None:
            conditions.append(~booked_elsewhere(branches))
    found = conditions[0]
    for condition in conditions[1:]:
        found = found & condition
    return found


def booked_elsewhere(branches: Iterable[int]) -> ColumnElement[bool]:
    """Entries whose money was booked for, or taken back from, a customer of another branch than these."""
    taken_back = (
        select(ReceiptReversal.receipt_id)
        .where(ReceiptReversal.id == BankEntry.reversal_id)
        .scalar_subquery()
    )
    return exists().where(
        Receipt.id == func.coalesce(BankEntry.receipt_id, taken_back),
        Customer.id == Receipt.customer_id,
        Customer.branch_id.not_in(branches),
    )


def by_status(session: Session, condition: ColumnElement[bool]) -> list[tuple[str, str, int, object]]:
    """(status, currency, how many, their sum) of the entries under a condition."""
    query = (
        select(BankEntry.status, BankEntry.currency, func.count(), func.sum(BankEntry.amount))
        .where(condition)
        .group_by(BankEntry.status, BankEntry.currency)
        .order_by(BankEntry.status, BankEntry.currency)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def open_tasks(session: Session, entries: Sequence[BankEntry]) -> dict[int, int]:
    """Entry id -> its open task."""
    ids = [entry.instance_id for entry in entries if entry.instance_id is not None]
    query = select(OpenTask.subject_id, OpenTask.id).where(OpenTask.instance_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)}
