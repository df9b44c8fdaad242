"""Reads figures out of the policy table's JSON, numbers as text, and names the key missing or wrong."""

from collections.abc import Callable, Mapping, Sequence
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from credit_app.domain.errors import InvalidPolicy

T = TypeVar("T")
MOST_DIGITS = 18  # before and after the point: products of two still fit the 28 digits that are computed with
Values = Mapping[str, Any]
"""Policy in force: key -> JSON value as stored (see default_policy)."""


def value_of(values: Values, key: str) -> Any:
    """The JSON value of `key`; raises InvalidPolicy when the policy does not hold it."""
    if key not in values or values[key] is None:
        raise InvalidPolicy(key=key, problem="missing")
    return values[key]


def to_decimal(key: str, value: Any) -> Decimal:
    """A finite Decimal out of text or a whole number; floats are refused because they are not exact."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and number.adjusted() < MOST_DIGITS and exponent_of(number) >= -MOST_DIGITS:
            return number
    raise InvalidPolicy(key=key, problem="no exact number: “%(value)s”", value=value)


def exponent_of(number: Decimal) -> int:
    """The exponent of a finite number: less its decimals."""
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def to_whole(key: str, value: Any) -> int:
    """A whole number; raises InvalidPolicy for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise InvalidPolicy(key=key, problem="no whole number: “%(value)s”", value=value)


def decimal_of(values: Values, key: str) -> Decimal:
    """The figure `key` as a Decimal."""
    return to_decimal(key, value_of(values, key))


def whole_of(values: Values, key: str) -> int:
    """The figure `key` as a whole number."""
    return to_whole(key, value_of(values, key))


def text_of(values: Values, key: str) -> str:
    """The figure `key` as text."""
    value = value_of(values, key)
    if not isinstance(value, str):
        raise InvalidPolicy(key=key, problem="no text: “%(value)s”", value=value)
    return value


def time_of(values: Values, key: str) -> time:
    """The figure `key`, written 18:00, as a time of day."""
    try:
        return time.fromisoformat(text_of(values, key))
    except ValueError:
        raise InvalidPolicy(key=key, problem="no time of day: “%(value)s”", value=values[key]) from None


def list_of(values: Values, key: str, read: Callable[[str, Any], T]) -> tuple[T, ...]:
    """The figure `key`, a list, each element read by `read(key, element)`."""
    value = value_of(values, key)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidPolicy(key=key, problem="no list")
    return tuple(read(key, item) for item in value)


def table_of(values: Values, key: str, read: Callable[[str, Any], T]) -> dict[str, T]:
    """The figure `key`, an object, each value read by `read(key, value)`."""
    value = value_of(values, key)
    if not isinstance(value, Mapping):
        raise InvalidPolicy(key=key, problem="no table")
    return {str(name): read(key, item) for name, item in value.items()}


def to_text(key: str, value: Any) -> str:
    """Text; raises InvalidPolicy for anything else."""
    if isinstance(value, str):
        return value
    raise InvalidPolicy(key=key, problem="no text: “%(value)s”", value=value)


Step = tuple[Decimal | None, Decimal]
"""Up to this value (None: anything above) the result is that."""


def to_step(key: str, value: Any) -> Step:
    """One row [up_to or null, result] of a ladder."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise InvalidPolicy(key=key, problem="no pair of numbers: “%(value)s”", value=value)
    return (None if value[0] is None else to_decimal(key, value[0]), to_decimal(key, value[1]))


def to_ladder(key: str, value: Any) -> tuple[Step, ...]:
    """A ladder with rising bounds whose last row is open (null), so that every value finds its result."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise InvalidPolicy(key=key, problem="no ladder of [up to, result] rows")
    steps = tuple(to_step(key, row) for row in value)
    bounds = [bound for bound, _ in steps[:-1] if bound is not None]
    if steps[-1][0] is not None or len(bounds) != len(steps) - 1 or sorted(set(bounds)) != bounds:
        raise InvalidPolicy(key=key, problem="no ladder with rising bounds and an open last row")
    return steps


def climb(ladder: Sequence[Step], value: Decimal) -> Decimal:
    """The result of the first row whose bound is not below `value`."""
    for bound, result in ladder:
        if bound is None or value <= bound:
            return result
    raise AssertionError("a ladder ends with an open row")
