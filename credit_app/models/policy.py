"""Policy data: rates, bands, weights and deadlines as versioned values, never literals in code."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import orjson
from sqlalchemy import Index, String, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from credit_app.i18n import _
from credit_app.models.base import CreatedAt, Day, Id, Model, refers_to
from credit_app.models.once import is_shown_only, once
from workflows.errors import Refused


class Policy(Model):
    """One version of one policy value; rows are only added. The newest `valid_from` up to a day rules that
    day; of two with the same day the later row. `source` says where the figure comes from."""

    __tablename__ = "policy"
    __table_args__ = (Index("ix_policy_key", "key", text("valid_from DESC"), text("id DESC")),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[Day]
    value: Mapped[Any] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(String(500), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    changed_by: Mapped[int | None] = refers_to("person.id")
    changed_at: Mapped[CreatedAt]


class MissingPolicy(Refused):
    """No value of a policy key is valid on the day asked for."""


# What a database's policy is known by: rows are only added, so nothing else changes it. A copy of a database, and one
# that was emptied and filled again, is another one.
_STAMP = """
    SELECT (SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || count(*) || '/' ||
        coalesce(max(id), 0) || '/' || coalesce(CAST(max(changed_at) AS text), '') FROM policy
"""
# One text of all values: to parse a hundred small ones by themselves takes ten times as long.
_VALUES = text(f"""
    SELECT ({_STAMP}) AS stamp, (SELECT CAST(json_object_agg(key, value) AS text) FROM (
        SELECT DISTINCT ON (key) key, value FROM policy WHERE valid_from <= :day
        ORDER BY key, valid_from DESC, id DESC
    ) AS in_force) AS known
""")  # noqa: S608 (put together from a constant)
_LOOK = text(_STAMP)
_MOST_KNOWN = 64
_known: dict[tuple[str, date], dict[str, Any]] = {}
_read: dict[tuple[str, date, Callable[[dict[str, Any]], Any]], Any] = {}
T = TypeVar("T")


def policy_value(session: Session, key: str, day: date) -> Any:
    """The value (JSON: numbers kept as text where they are money or rates) of `key` that rules `day`.

    Raises MissingPolicy when none does.
    """
    if is_shown_only(session):  # a page asks for several
        known = policy_values(session, day)
        found = (known[key],) if key in known else None
    else:
        found = session.execute(
            select(Policy.value)
            .where(Policy.key == key, Policy.valid_from <= day)
            .order_by(Policy.valid_from.desc(), Policy.id.desc())
            .limit(1)
        ).first()
    if found is None:
        raise MissingPolicy(_("The policy “%(key)s” has no value on %(day)s.", key=key, day=day.isoformat()))
    return found[0]


@once
def policy_values(session: Session, day: date) -> dict[str, Any]:
    """All policy values that rule `day`, by key, in one query."""
    return dict(_known_on(session, day)[1])


def policy_as(session: Session, day: date, read: Callable[[dict[str, Any]], T]) -> T:
    """What `read`, a function of the module, makes of the values that rule `day`; made once for each set of them.

    The result is shared between requests: it must be a frozen value. Raises what `read` raises.
    """
    stamp, values = _known_on(session, day)
    if (stamp, day, read) not in _read:
        while len(_read) >= _MOST_KNOWN:
            _read.pop(next(iter(_read)), None)
        _read[stamp, day, read] = read(dict(values))
    found: T = _read[stamp, day, read]
    return found


def _known_on(session: Session, day: date) -> tuple[str, dict[str, Any]]:
    """The values that rule `day` and the stamp of all policy, by which they are known."""
    if session.autoflush:
        session.flush()
    stamp = session.execute(_LOOK).scalar_one()
    known = _known.get((stamp, day))
    if known is None:
        stamp, values = session.execute(_VALUES, {"day": day}).one()
        known = {} if values is None else dict(orjson.loads(values))
        while len(_known) >= _MOST_KNOWN:
            _known.pop(next(iter(_known)), None)
        _known[stamp, day] = known
    return stamp, known
