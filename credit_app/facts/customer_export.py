"""Everything held on a customer: which rows of which tables belong to it, found by following the foreign keys."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, RowMapping, Select, Table, or_, select, union
from sqlalchemy.orm import Session

from credit_app.facts.subjects import CUSTOMER_CASES
from credit_app.models import BalanceConfirmation, CreditApplication, Customer, Model, Person
from workflows.tables import History, Instance

# The columns by which a row belongs to another one; other references only mention it.
OWNING = frozenset(
    {
        "customer_id",
        "application_id",
        "investigation_id",
        "meeting_id",
        "item_id",
        "receipt_id",
        "decision_id",
        "case_id",
        "contract_id",
        "review_id",
        "version_id",
        "dispute_id",
        "hold_id",
        "letter_id",
        "placement_id",
        "plan_id",
        "visit_id",
        "write_off_id",
    }
)
# Bytes are handed out as files of their own.
FILES = {
    "attachment": "filename",
    "customer_document": "filename",
    "contract_version": "filename",
    "contract_document": "filename",
}


def belonging(customer_id: int) -> dict[str, Select[Any]]:
    """Table name -> the query for this customer's rows of it, in the order of their keys; bytes are left out."""
    conditions = _conditions(customer_id)
    found = {}
    for table, condition in conditions.items():
        columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
        found[table.name] = select(*columns).where(condition).order_by(*table.primary_key.columns)
    return found | _processes(customer_id)


def _conditions(customer_id: int) -> dict[Table, ColumnElement[bool]]:
    customer = _table(Customer)
    found: dict[Table, ColumnElement[bool]] = {customer: customer.c.id == customer_id}
    for table in Model.metadata.sorted_tables:
        ways = []
        for column in table.columns:
            owner = next((key.column.table for key in column.foreign_keys), None)
            if column.name not in OWNING or owner not in found or owner is table:
                continue
            if owner is customer:
                ways.append(column == customer_id)
            else:
                ways.append(column.in_(select(owner.c.id).where(found[owner])))
        if ways:
            found[table] = or_(*ways)
    return found


def _processes(customer_id: int) -> dict[str, Select[Any]]:
    """The processes of the customer's cases of every kind and their history, without the engine's own bytes."""
    instance, history = _table(Instance), _table(History)
    cases = [_table(model) for model in (CreditApplication, BalanceConfirmation, *CUSTOMER_CASES.values())]
    ids = union(*(select(case.c.instance_id).where(case.c.customer_id == customer_id) for case in cases))
    instances = [column for column in instance.columns if column.name != "state"]
    return {
        "instance": select(*instances).where(instance.c.id.in_(ids)).order_by(instance.c.id),
        "history": select(history)
        .where(history.c.instance_id.in_(ids))
        .order_by(history.c.instance_id, history.c.seq),
    }


def rows_of(session: Session, query: Select[Any]) -> Iterator[RowMapping]:
    """The rows of one table as they come, without holding them all."""
    yield from session.execute(query.execution_options(yield_per=500)).mappings()


def files_of(session: Session, customer_id: int) -> Iterator[tuple[str, int, str, bytes]]:
    """Every file held: (table, id, file name, bytes), one at a time."""
    for table, condition in _conditions(customer_id).items():
        if table.name not in FILES:
            continue
        held = select(table.c.id).where(condition, table.c.content.is_not(None)).order_by(table.c.id)
        keys = session.execute(held).scalars().all()
        for key in keys:
            name, content = session.execute(
                select(table.c[FILES[table.name]], table.c.content).where(table.c.id == key)
            ).one()
            yield table.name, key, name, content


def people_named(session: Session, ids: set[int]) -> dict[str, str]:
    """Id -> name of the people that the rows mention."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)).order_by(Person.id))
    return {str(row.id): row.name for row in rows}


def people_columns(name: str) -> frozenset[str]:
    """The columns of a table that hold a person's id."""
    table = Model.metadata.tables[name]
    named = {
        column.name
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    }
    return frozenset(named | ({"actor_id", "on_behalf_of", "started_by"} & set(table.columns.keys())))


def _table(model: Any) -> Table:
    found: Table = model.__table__
    return found
