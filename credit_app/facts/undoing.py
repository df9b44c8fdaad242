"""Undoing what a decision changed: rows get back the values they had; the decision stays on record as taken back."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from credit_app.i18n import _
from credit_app.models import (
    ApprovalDecision,
    CommitteeMeeting,
    CreditLimit,
    DecisionReceipt,
    Model,
    OpinionRequest,
)
from workflows import Action, Conflict

NOT_SET = ("version",)  # counted by the mapper


def undo_changes(action: Action) -> None:
    """Undo `action.undoes`, the last change first. Raises Conflict when a row is not as that step left it."""
    for change in reversed(action.undoes):
        model = _model(change["table"])
        row = action.session.get(model, change["id"]) if model is not None else None
        if row is None:
            raise Conflict(_("What followed from this decision has changed since; the decision stands."))
        if change["op"] == "update":
            _restore(row, change["before"], change.get("after", {}))
        elif change["op"] == "insert":
            _withdraw(action, row)
        else:
            raise Conflict(_("What followed from this decision has changed since; the decision stands."))
        action.session.flush()


def _model(table: str) -> type[Model] | None:
    mappers = Model.registry.mappers
    return next((one.class_ for one in mappers if getattr(one.local_table, "name", None) == table), None)


def _restore(row: Model, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Give a row the values from before, unless somebody else has changed them since."""
    columns = {attribute.key: attribute.columns[0] for attribute in inspect(type(row)).column_attrs}
    for name in before:
        if name in NOT_SET:
            continue
        kind = _python(columns[name])
        if getattr(row, name) != _value(kind, after.get(name)):
            raise Conflict(_("What followed from this decision has changed since; the decision stands."))
        setattr(row, name, _value(kind, before[name]))


def _python(column: Any) -> type | None:
    try:
        found: type = column.type.python_type
    except NotImplementedError:
        return None
    return found


def _value(kind: type | None, kept: Any) -> Any:
    """A value as the history's JSON keeps it, as the column takes it."""
    if kept is None or kind not in (Decimal, datetime, date):
        return kept
    return Decimal(str(kept)) if kind is Decimal else kind.fromisoformat(kept)  # type: ignore[union-attr]


def _withdraw(action: Action, row: Model) -> None:
    """A new row: what was decided, granted or asked stays on record; the rest was only made on the way."""
    if isinstance(row, ApprovalDecision):
        row.retracted_at = action.now
    elif isinstance(row, CreditLimit):
        row.status, row.ended_at = "retracted", action.now
    elif isinstance(row, OpinionRequest):
        row.status = "cancelled"
    elif isinstance(row, CommitteeMeeting):
        row.result, row.closed_at = "cancelled", action.now
    elif not isinstance(row, DecisionReceipt):
        action.session.delete(row)
