"""Rules of the database that a CHECK cannot say: append-only tables, and a ledger that fits on every day."""

from typing import Any, cast

from sqlalchemy import DDL, Connection, Table, event

from credit_app.models import collection_guards, ledger_guards
from credit_app.models.approval import DecisionReceipt
from credit_app.models.base import Model
from credit_app.models.cash import BalanceConfirmation, LimitationInterruption
from credit_app.models.collection import CollectionContact, CollectionMove
from credit_app.models.discussion import AccessLog, Comment
from credit_app.models.disputes import ImportedDisputeEnd
from credit_app.models.investigation import InformationItem
from credit_app.models.ledger import (
    Adjustment,
    Allocation,
    ItemMark,
    Receipt,
    ReceiptReversal,
    ReceivableItem,
)
from credit_app.models.legacy import LegacyCampaignItem
from credit_app.models.policy import Policy

APPEND_ONLY = (
    ReceivableItem,
    Receipt,
    Allocation,
    Adjustment,
    ReceiptReversal,
    ItemMark,
    LimitationInterruption,
    Policy,
    InformationItem,
    Comment,
    AccessLog,
    DecisionReceipt,
    CollectionMove,
    CollectionContact,
    ImportedDisputeEnd,
    LegacyCampaignItem,
)

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

APPEND_ONLY_TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

# What a customer was asked to confirm stands; only what became of it is written down later.
STATEMENT_STANDS = """
CREATE TRIGGER statement_stands BEFORE UPDATE OF statement, customer_id, as_of ON balance_confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


LEDGER = (
    *ledger_guards.VIEWS,
    *ledger_guards.FUNCTIONS,
    *ledger_guards.TRIGGERS.values(),
    *collection_guards.FUNCTIONS,
    *collection_guards.TRIGGERS,
)


def guard_statements() -> list[str]:
    """All statements, in order, for a database whose tables exist (the migration runs the same)."""
    triggers = [APPEND_ONLY_TRIGGER.format(table=model.__tablename__) for model in APPEND_ONLY]
    return [REFUSE_CHANGE, *triggers, STATEMENT_STANDS, *LEDGER]


def _ddl(statement: str) -> DDL:
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]


def _table(model: type[Model]) -> Table:
    return cast(Table, model.__table__)


def _guard_the_ledger(_metadata: Any, connection: Connection, *, tables: Any = (), **_rest: Any) -> None:
    """When all tables were made; the platform's tests and benchmarks make only its own."""
    if any(table.name == ReceivableItem.__tablename__ for table in tables):
        for statement in LEDGER:
            connection.execute(_ddl(statement))


def _install() -> None:
    """`metadata.create_all` then makes the guards too, as the migration does."""
    for model in APPEND_ONLY:
        table = _table(model)
        event.listen(table, "after_create", _ddl(REFUSE_CHANGE))
        event.listen(table, "after_create", _ddl(APPEND_ONLY_TRIGGER.format(table=table.name)))
    confirmations = _table(BalanceConfirmation)
    event.listen(confirmations, "after_create", _ddl(REFUSE_CHANGE))
    event.listen(confirmations, "after_create", _ddl(STATEMENT_STANDS))
    event.listen(Model.metadata, "after_create", _guard_the_ledger)


_install()
