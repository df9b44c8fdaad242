"""Turns results of the rules into JSON values for storing: Decimal and date as text, records as objects."""

from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal

from credit_app.domain.sentences import Sentence

_AS_IT_IS = frozenset((type(None), bool, int, str))


def to_json(value: object) -> object:
    """JSON form of a result (dict, list, str, int, bool, None); a Sentence keeps its template and its English.

    Raises TypeError for floats and unknown types: a stored figure must be exact.
    """
    # The kinds that results are made of, first: whether something is a Mapping takes longer to find out.
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is dict:
        return {str(key): to_json(item) for key, item in value.items()}  # type: ignore[attr-defined]
    if kind is list or kind is tuple:
        return [to_json(item) for item in value]  # type: ignore[attr-defined]
    return _other(value)


def _other(value: object) -> object:  # noqa: PLR0911 - one return for each kind of value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sentence):
        return {
            "code": value.code,
            "template": value.template,
            "text": value.text,
            "values": to_json(value.values),
        }
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((to_json(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"cannot store {value!r} as JSON")
