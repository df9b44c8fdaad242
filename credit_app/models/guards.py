"""Rules of the database that a CHECK cannot say: append-only tables, allocations that fit."""

from typing import cast

from sqlalchemy import DDL, Table, event

from credit_app.models.approval import DecisionReceipt
from credit_app.models.base import Model
from credit_app.models.discussion import AccessLog, Comment
from credit_app.models.investigation import InformationItem
from credit_app.models.ledger import Allocation, Receipt, ReceivableItem
from credit_app.models.policy import Policy

APPEND_ONLY = (
    ReceivableItem,
    Receipt,
    Allocation,
    Policy,
    InformationItem,
    Comment,
    AccessLog,
    DecisionReceipt,
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

# One statement for all rows of an INSERT. The row locks make two allocations at once see each other.
CHECK_ALLOCATION = """
CREATE OR REPLACE FUNCTION check_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    PERFORM 1 FROM receivable_item WHERE id IN (SELECT item_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM receipt WHERE id IN (SELECT receipt_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    SELECT added.item_id INTO wrong FROM added
        JOIN receivable_item i ON i.id = added.item_id JOIN receipt r ON r.id = added.receipt_id
        WHERE i.customer_id <> r.customer_id OR i.currency <> r.currency
            OR (SELECT sum(a.amount) FROM allocation a WHERE a.item_id = i.id) > i.amount
            OR (SELECT sum(a.amount) FROM allocation a WHERE a.receipt_id = r.id) > r.amount
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an allocation to item % exceeds the item or the receipt, or is of another customer'
            ' or currency', wrong USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

CHECK_ALLOCATION_TRIGGER = """
CREATE TRIGGER allocation_fits AFTER INSERT ON allocation REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_allocation()
"""


def guard_statements() -> list[str]:
    """All statements, in order, for a database whose tables exist (the migration runs the same)."""
    triggers = [APPEND_ONLY_TRIGGER.format(table=model.__tablename__) for model in APPEND_ONLY]
    return [REFUSE_CHANGE, *triggers, CHECK_ALLOCATION, CHECK_ALLOCATION_TRIGGER]


def _ddl(statement: str) -> DDL:
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]


def _table(model: type[Model]) -> Table:
    return cast(Table, model.__table__)


def _install() -> None:
    """`metadata.create_all` then makes the guards too, as the migration does."""
    for model in APPEND_ONLY:
        table = _table(model)
        event.listen(table, "after_create", _ddl(REFUSE_CHANGE))
        event.listen(table, "after_create", _ddl(APPEND_ONLY_TRIGGER.format(table=table.name)))
    allocation = _table(Allocation)
    event.listen(allocation, "after_create", _ddl(CHECK_ALLOCATION))
    event.listen(allocation, "after_create", _ddl(CHECK_ALLOCATION_TRIGGER))


_install()
