"""What cases are about. Most are about a credit application; the processes named here are about something else.

A case's `subject_id` is the id of a row of that kind, so an id alone says nothing: ask with the process.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from credit_app.models import RUNNING_CONFIRMATIONS, BalanceConfirmation, BankEntry, Customer

APPLICATION, BANK_ENTRY, CONFIRMATION = "application", "bank_entry", "balance_confirmation"
MOST = 500
# Process of a task -> kind of its subject.
KINDS = {"cash_application": BANK_ENTRY, "balance_confirmation": CONFIRMATION}


def kind_of(process: str) -> str:
    """The kind of what a process is about."""
    return KINDS.get(process, APPLICATION)


def application_ids_in(rows: Iterable[Any]) -> set[int]:
    """The ids of the applications behind tasks (rows with `process` and `subject_id`)."""
    return {row.subject_id for row in rows if kind_of(row.process) == APPLICATION}


def found_apart(session: Session, words: str) -> dict[str, list[int]]:
    """For every process that is not about an application: the ids of the open subjects that these words find."""
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = select(BankEntry.id).where(
        BankEntry.status == "matching",
        or_(
            BankEntry.payer.ilike(like), BankEntry.reference.ilike(like), BankEntry.remittance.ilike(like),
            cast(BankEntry.amount, Text) == words.replace(" ", ""),
        ),
    )  # fmt: skip
    confirmations = (
        select(BalanceConfirmation.id)
        .join(Customer, Customer.id == BalanceConfirmation.customer_id)
        .where(
            BalanceConfirmation.status.in_(RUNNING_CONFIRMATIONS),
            or_(Customer.name.ilike(like), Customer.number.ilike(like)),
        )
    )
    return {
        "cash_application": list(session.scalars(query.order_by(BankEntry.id.desc()).limit(MOST))),
        "balance_confirmation": list(
            session.scalars(confirmations.order_by(BalanceConfirmation.id.desc()).limit(MOST))
        ),
    }
