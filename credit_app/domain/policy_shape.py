"""The form that a policy figure is typed in, by the shape of its value, and back again without loss."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_, Sentence

WHOLE, NUMBER, SHARE, YES_NO, TEXT = "whole", "number", "share", "yes_no", "text"
LINES, TABLE, LADDER, JSON = "lines", "table", "ladder", "json"
LONGEST_JSON = 200_000
MOST_LINES = 200
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,10})?\Z")


class FigureUnreadable(DomainError):
    """What was typed is not of the figure's form. `place` is the row or name where it stands."""

    code = "policy.unreadable"
    template = N_("“%(typed)s” cannot be read here. Accepted is %(accepted)s.")


ACCEPTED = {
    WHOLE: N_("a whole number such as 30"),
    NUMBER: N_("a number such as 1.5"),
    SHARE: N_("a number of per cent such as 10"),
    YES_NO: N_("yes or no"),
    TEXT: N_("a text"),
    LINES: N_("one value a line"),
    TABLE: N_("a line “name: value” for each"),
    LADDER: N_("lines “up to: result” with rising numbers, the last one “above: result”"),
    JSON: N_("JSON"),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a figure is typed: one of the words above; for a table the names, in order, and the kind of its values."""

    kind: str
    names: tuple[str, ...] = ()
    inner: str = TEXT


def shape_of(value: Any, is_share: bool = False) -> Shape:  # noqa: PLR0911 - one return for each shape
    """The shape of a figure's value, as the program ships it."""
    if isinstance(value, bool):
        return Shape(YES_NO)
    if isinstance(value, int):
        return Shape(WHOLE)
    if isinstance(value, str):
        return Shape(SHARE if is_share else NUMBER) if _NUMBER.match(value) else Shape(TEXT)
    if isinstance(value, Mapping) and value and (kind := _one_kind(list(value.values()))):
        return Shape(TABLE, tuple(value), kind)
    if isinstance(value, list) and value:
        if _is_ladder(value):
            return Shape(LADDER, inner=NUMBER)
        if kind := _one_kind(value):
            return Shape(LINES, inner=kind)
    return Shape(JSON)


def _one_kind(values: list[Any]) -> str | None:
    """The kind that all values are of; None when they are none, several or nested."""
    if all(isinstance(one, int) and not isinstance(one, bool) for one in values):
        return WHOLE
    if not all(isinstance(one, str) for one in values):
        return None
    return NUMBER if all(_NUMBER.match(one) for one in values) else TEXT


def _is_ladder(value: list[Any]) -> bool:
    """Rows [up to or None, result], numbers as text, the last one open."""
    if not all(isinstance(row, list) and len(row) == 2 for row in value) or value[-1][0] is not None:
        return False
    cells = [cell for row in value for cell in row if cell is not None]
    return all(isinstance(cell, str) and _NUMBER.match(cell) for cell in cells)


def typed(value: Any, shape: Shape) -> str:  # noqa: PLR0911 - one return for each shape
    """The value as it is typed."""
    if shape.kind == YES_NO:
        return "yes" if value else "no"
    if shape.kind == SHARE:
        return format((Decimal(value) * 100).normalize(), "f")
    if shape.kind == LINES:
        return "\n".join(str(one) for one in value)
    if shape.kind == TABLE:
        return "\n".join(f"{name}: {one}" for name, one in in_order(value, shape.names).items())
    if shape.kind == LADDER:
        return "\n".join(f"{'above' if bound is None else bound}: {result}" for bound, result in value)
    if shape.kind == JSON:
        return json.dumps(value, ensure_ascii=False, indent=2)
    return str(value)


def in_order(table: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A table with its rows in the order of `names`: the database keeps no order of its own."""
    known = {name: table[name] for name in names if name in table}
    return {**known, **{name: one for name, one in table.items() if name not in known}}


def read(text: str, shape: Shape) -> Any:
    """What was typed as the policy keeps it; raises FigureUnreadable."""
    text = text.replace("\r\n", "\n").strip()
    if shape.kind == LINES:
        return [_scalar(line, shape.inner) for line in _lines(text, shape)]
    if shape.kind == TABLE:
        return _table(text, shape)
    if shape.kind == LADDER:
        return _ladder(text, shape)
    if shape.kind == JSON:
        return _json(text)
    return _scalar(text, shape.kind)


def _refuse(typed_text: str, kind: str) -> FigureUnreadable:
    return FigureUnreadable(typed=typed_text[:80], accepted=Sentence("policy.accepted", ACCEPTED[kind]))


def _scalar(text: str, kind: str) -> Any:
    text = " ".join(text.split())
    bare = text.replace(" ", "").removesuffix("%")
    if kind == WHOLE and re.fullmatch(r"-?[0-9]{1,12}", bare):
        return int(bare)
    if kind == NUMBER and _NUMBER.match(bare):
        return bare
    if kind == SHARE and _NUMBER.match(bare):
        return format((Decimal(bare) / 100).normalize(), "f")
    if kind == YES_NO and text.lower() in ("yes", "no"):
        return text.lower() == "yes"
    if kind == TEXT and 0 < len(text) <= 500 and text.isprintable():
        return text
    raise _refuse(text, kind)


def _lines(text: str, shape: Shape) -> list[str]:
    found = [line.strip() for line in text.split("\n") if line.strip()]
    if not found or len(found) > MOST_LINES:
        raise _refuse(text, shape.kind)
    return found


def _pairs(text: str, shape: Shape) -> list[tuple[str, str]]:
    pairs = []
    for line in _lines(text, shape):
        name, colon, value = line.partition(":")
        if not colon:
            raise _refuse(line, shape.kind)
        pairs.append((name.strip(), value.strip()))
    return pairs


def _table(text: str, shape: Shape) -> dict[str, Any]:
    pairs = _pairs(text, shape)
    names = [name for name, _value in pairs]
    twice = next(
        (name for name in names if names.count(name) > 1 or not re.fullmatch(r"[\w.*: -]{1,80}", name)), None
    )
    if twice is not None:
        raise _refuse(twice, shape.kind)
    return {name: _scalar(value, shape.inner) for name, value in pairs}


def _ladder(text: str, shape: Shape) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    for bound, result in _pairs(text, shape):
        is_open = bound.lower() == "above"
        rows.append([None if is_open else _scalar(bound, NUMBER), _scalar(result, NUMBER)])
    bounds = [Decimal(row[0]) for row in rows[:-1] if row[0] is not None]
    if rows[-1][0] is not None or len(bounds) != len(rows) - 1 or sorted(set(bounds)) != bounds:
        raise _refuse(text.rsplit("\n", maxsplit=1)[-1], LADDER)
    return rows


def _json(text: str) -> Any:
    try:
        if len(text) > LONGEST_JSON:
            raise ValueError
        return json.loads(text, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError, InvalidOperation):
        raise _refuse(text, JSON) from None


def _no_constant(_name: str) -> Any:
    raise ValueError


def differences(
    before: Any, after: Any, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], Any, Any]]:
    """(where, before, after) of every leaf that differs; a leaf that is not there is None.

    Rows of a list are known by their key or name where they have one, else by their number from 1.
    """
    if before == after:
        return []
    if isinstance(before, Mapping | list) or isinstance(after, Mapping | list):
        old, new = _children(before), _children(after)
        return [
            difference
            for name in [*old, *(name for name in new if name not in old)]
            for difference in differences(old.get(name), new.get(name), (*path, name))
        ]
    return [(path, before, after)]


def _children(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {str(name): one for name, one in value.items()}
    if isinstance(value, list):
        return {_row_name(one, number): one for number, one in enumerate(value, 1)}
    return {} if value is None else {"": value}


def _row_name(row: Any, number: int) -> str:
    if isinstance(row, Mapping) and isinstance(row.get("key", row.get("name")), str):
        return str(row.get("key", row.get("name")))
    return str(number)
