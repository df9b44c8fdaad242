"""The policy of the company: each figure with its versions, and publishing a new one that every reader accepts."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import domain
from credit_app.domain.default_policy import DEFAULT_POLICY
from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_names import SHARES
from credit_app.domain.policy_shape import Shape, shape_of, typed
from credit_app.facts.strategy import values_with_strategy
from credit_app.i18n import _
from credit_app.models import Policy
from workflows import NotFound, Refused
from workflows.errors import N_

Reader = Callable[[Mapping[str, Any]], object]
# What readers need besides the figures; empty is enough to read them.
BESIDES = {"holidays": ()}


class PolicyRefused(Refused):
    """A figure that a rule could not work with: the rule's own sentence says where and why."""

    def __init__(self, error: DomainError) -> None:
        super().__init__(error.sentence.template, **error.sentence.values)


@dataclass(frozen=True, slots=True)
class Kept:
    """A figure with its versions, the newest first."""

    key: str
    versions: tuple[Policy, ...]

    @property
    def shape(self) -> Shape:
        """How it is typed: by the form in which the program ships it, else by its newest value."""
        shipped = DEFAULT_POLICY.get(self.key)
        return shape_of(shipped.value if shipped else self.versions[0].value, self.key in SHARES)

    def on(self, day: date) -> Policy | None:
        """The version that rules `day`."""
        ruling = [row for row in self.versions if row.valid_from <= day]
        return max(ruling, key=lambda row: (row.valid_from, row.id), default=None)

    def upcoming(self, day: date) -> list[Policy]:
        """The versions that begin to rule after `day`, the next one first."""
        later = [row for row in self.versions if row.valid_from > day]
        return sorted(later, key=lambda row: (row.valid_from, row.id))


def figures(session: Session) -> dict[str, Kept]:
    """Every figure that the program reads, by key."""
    rows: dict[str, list[Policy]] = {}
    for row in session.scalars(select(Policy).order_by(Policy.key, Policy.id.desc())):
        rows.setdefault(row.key, []).append(row)
    return {key: Kept(key, tuple(found)) for key, found in sorted(rows.items()) if key in DEFAULT_POLICY}


def figure(session: Session, key: str) -> Kept:
    """One figure. Raises NotFound."""
    rows = session.scalars(select(Policy).where(Policy.key == key).order_by(Policy.id.desc())).all()
    if not rows or key not in DEFAULT_POLICY:
        raise NotFound(_("There is no such policy figure."))
    return Kept(key, tuple(rows))


def publish_figure(
    session: Session,
    key: str,
    value: Any,
    valid_from: date,
    reason: str,
    source: str,
    person_id: int,
    today: date,
) -> Policy:
    """Add a version of a figure, in force from `valid_from` (today or later) on.

    Every rule that reads policy is tried on the whole set of that day, and of each later day on which a figure
    changes. Raises PolicyRefused with the rule's sentence, Refused for a past day, no reason or no change.
    """
    kept = figure(session, key)
    if valid_from < today:
        raise Refused(_("A version rules from today or a later day on: what was decided stays decided."))
    if not reason.strip():
        raise Refused(_("Give a reason for the change."))
    ruling = kept.on(valid_from)
    if ruling is not None and typed(ruling.value, kept.shape) == typed(value, kept.shape):
        raise Refused(_("Nothing is changed: this value rules that day already."))
    for day in days_to_check(session, kept, valid_from):
        check(values_with_strategy(session, day), key, value)
    row = Policy(
        key=key,
        valid_from=valid_from,
        value=value,
        reason=reason.strip(),
        source=source.strip(),
        changed_by=person_id,
    )
    session.add(row)
    session.flush()
    return row


def try_value(session: Session, key: str, value: Any, day: date) -> None:
    """Raise PolicyRefused when a rule could not work with the value on `day`."""
    check(values_with_strategy(session, day), key, value)


def days_to_check(session: Session, kept: Kept, valid_from: date) -> list[date]:
    """The days from `valid_from` on at which a set of figures begins that holds the new value."""
    until = next((row.valid_from for row in kept.upcoming(valid_from)), None)
    query = select(Policy.valid_from).where(Policy.valid_from > valid_from).distinct()
    later = session.scalars(query.order_by(Policy.valid_from))
    return [valid_from, *(day for day in later if until is None or day < until)]


def check(values: Mapping[str, Any], key: str, value: Any) -> None:
    """Raise PolicyRefused when a rule that read the present set cannot read it with the new value."""
    changed = {**values, key: value}
    for reader in readers():
        error = failure(reader, changed, key)
        if error is not None and failure(reader, values, key) is None:
            raise PolicyRefused(error)


def failure(reader: Reader, values: Mapping[str, Any], key: str) -> DomainError | None:
    """What a rule says against a set of figures, None when it can work with it."""
    try:
        reader(values)
    except DomainError as error:
        return error
    except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError, LookupError, StopIteration):
        # What was typed as JSON may have any form: a rule that stumbles has refused it too.
        return InvalidPolicy(key=key, problem=N_("not of the form that its rule needs"))
    return None


@cache
def readers() -> tuple[Reader, ...]:
    """Every rule of the domain that reads policy: the `from_policy` of its classes and its `…_from_policy`."""
    return tuple(_readers())


def _readers() -> Iterator[Reader]:
    for info in pkgutil.iter_modules(domain.__path__):
        module = importlib.import_module(f"{domain.__name__}.{info.name}")
        for name, found in vars(module).items():
            if getattr(found, "__module__", None) != module.__name__:
                continue
            reader = getattr(found, "from_policy", None) if inspect.isclass(found) else None
            if inspect.isfunction(found) and name.endswith("_from_policy"):
                reader = found
            if reader is not None:
                yield _with_the_rest(reader)


def _with_the_rest(reader: Callable[..., object]) -> Reader:
    names = [name for name in inspect.signature(reader).parameters if name != "values"]
    besides = {name: BESIDES[name] for name in names if name in BESIDES}
    return lambda values: reader(values, **besides)
