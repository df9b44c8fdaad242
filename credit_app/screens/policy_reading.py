"""Policy figures as people read them: names, values, differences, and the words for the codes in them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from credit_app.domain.matrix_cells import Column, typed, typed_answer
from credit_app.domain.policy_names import GROUPS, group_of, name_of
from credit_app.domain.policy_shape import LADDER, LINES, SHARE, TABLE, YES_NO, Shape, differences, in_order
from credit_app.domain.ratio_table import GROWTH, RATIO
from credit_app.domain.scorecard_models import (
    DIMENSIONS,
    LEVELS,
    OTHER_INDICATORS,
    TREND,
    dimension_name,
    indicator_name,
)
from credit_app.facts.matrices import columns_of, outputs_of
from credit_app.facts.policy import Kept
from credit_app.i18n import _, listed, said
from credit_app.screens.code_words import sentence_words
from credit_app.screens.column_words import COLUMN_WORDS
from credit_app.screens.present import number, percent
from workflows.grid import Grid, GridRow

LONGEST = 90


def figure_name(key: str) -> str:
    """What a figure is called."""
    return _(name_of(key))


def groups(found: Mapping[str, Kept], today: date) -> list[dict[str, Any]]:
    """The figures by group, in the order of the page; what belongs to no known group comes last."""
    by_group: dict[str, list[Kept]] = {}
    for key, kept in found.items():
        by_group.setdefault(group_of(key), []).append(kept)
    order = [*GROUPS, *(name for name in by_group if name not in GROUPS)]
    return [
        {
            "id": name,
            "title": _(GROUPS.get(name, name.capitalize())),
            "rows": sorted(
                (row_of(kept, today) for kept in by_group[name]), key=lambda row: str(row["name"])
            ),
        }
        for name in order
        if name in by_group
    ]


def row_of(kept: Kept, today: date) -> dict[str, Any]:
    """A figure in one line: name, value in force, since when, what comes next."""
    ruling, upcoming = kept.on(today), kept.upcoming(today)
    return {
        "key": kept.key,
        "name": figure_name(kept.key),
        "ruling": ruling,
        "short": short_value(ruling.value, kept.shape) if ruling else "–",
        "next": upcoming[0] if upcoming else None,
    }


def short_value(value: Any, shape: Shape) -> str:
    """A value in one line, the beginning of a long one."""
    lines = value_lines(value, shape)
    text = listed(f"{label} {said}" if label else said for label, said in lines)
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"


def value_lines(value: Any, shape: Shape) -> list[tuple[str, str]]:  # noqa: PLR0911 - one return for each shape
    """A value as lines of (label, text); a plain one is a single line without a label."""
    if shape.kind == YES_NO:
        return [("", _("yes") if value else _("no"))]
    if shape.kind == SHARE:
        return [("", percent(Decimal(value), decimals_of(Decimal(value) * 100)))]
    if shape.kind == LINES and isinstance(value, list):
        return [("", scalar(one)) for one in value]
    if shape.kind == TABLE and isinstance(value, Mapping):
        return [(code_word(name), scalar(one)) for name, one in in_order(value, shape.names).items()]
    if shape.kind == LADDER and isinstance(value, list):
        return [
            (_("above") if bound is None else _("up to %(bound)s", bound=scalar(bound)), scalar(result))
            for bound, result in value
        ]
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        return [("", listed(scalar(one) for one in row)) for row in value]
    if isinstance(value, Mapping) and value and all(isinstance(one, list) for one in value.values()):
        return [(code_word(name), listed(scalar(each) for each in one)) for name, one in value.items()]
    if isinstance(value, Mapping | list):
        lines = [(path_text(path), scalar(one)) for path, _before, one in differences(None, value)]
        return lines or [("", _("none"))]
    return [("", scalar(value))]


def changes(before: Any, after: Any) -> list[dict[str, str]]:
    """What differs between two values: where, before, after."""
    return [
        {"where": path_text(path), "before": scalar(old), "after": scalar(new)}
        for path, old, new in differences(before, after)
    ]


def path_text(path: tuple[str, ...]) -> str:
    """Where in a value a figure stands."""
    return " › ".join(code_word(name) for name in path)


def scalar(value: Any, name: str = "") -> str:
    """A single value: grouped when it is a number, a word when it is a known code."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return code_word(str(value), name)
    return (
        number(exact, decimals_of(exact)) if exact.is_finite() and abs(exact.adjusted()) < 20 else str(value)
    )


def decimals_of(value: Decimal) -> int:
    """How many decimals a number needs."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def code_word(code: str, name: str = "") -> str:
    """The word for a code that stands in policy: a role, a method, an indicator, a column; else the code itself.

    The same code may mean several things: the words of the column or figure called `name` come first.
    """
    for words in (sentence_words().get(name, {}), code_words()):
        if code in words:
            return str(words[code])
    if code in DIMENSIONS:
        return said(dimension_name(code))
    if code in LEVELS:
        return _(LEVELS[code])
    if is_indicator(code):
        return said(indicator_name(code))
    return code.replace("_", " ")


def is_indicator(code: str) -> bool:
    """Whether a code is an indicator of a scorecard."""
    return code in OTHER_INDICATORS or code.removesuffix(TREND) in {**RATIO, **GROWTH}


@cache
def code_words() -> Mapping[str, Any]:
    """The words of every list that a code may stand in; of a code in several lists, those of the first."""
    found: dict[str, Any] = {}
    for words in (*sentence_words().values(), COLUMN_WORDS):
        found = {**words, **found}
    return found


# --- decision tables --------------------------------------------------------------------------------------------


def heads(table: Grid) -> tuple[list[str], list[str]]:
    """The labels of a table's inputs and outputs."""
    return [_(column.label) for column in table.inputs], [_(column.label) for column in table.outputs]


def cells(table: Grid, row: GridRow) -> list[str]:
    """A row as people read it: conditions, then answers."""
    conditions = [
        condition(cell, column, drawn.name)
        for cell, column, drawn in zip(row.conditions, columns_of(table), table.inputs, strict=True)
    ]
    answers = [
        scalar(typed_answer(cell, column), drawn.name)
        for cell, column, drawn in zip(row.results, outputs_of(table), table.outputs, strict=True)
    ]
    return conditions + answers


def condition(cell: str, column: Column, name: str = "") -> str:
    """A condition in words: any, a range, a value, all but a value."""
    text = typed(cell, column)
    if not text:
        return _("any")
    if column.kind in ("number", "integer"):
        return grouped(text)
    negated, _space, rest = text.partition(" ")
    if negated == "not":
        return _("all but %(values)s", values=listed(code_word(one, name) for one in rest.split(", ")))
    return listed(code_word(one, name) for one in text.split(", "))


def grouped(text: str) -> str:
    """A condition on a number with its digits grouped."""
    return " ".join(
        scalar(word) if word[:1].isdigit() or word[:1] == "-" else word for word in text.split(" ")
    ).replace(" and ", _(" and "))


def row_changes(table: Grid, before: Grid, after: Grid) -> list[dict[str, str]]:
    """Rows that were added, changed or taken out, known by their ids."""
    old, new = {row.id: row for row in before.rows}, {row.id: row for row in after.rows}
    found = []
    for identifier in [*old, *(one for one in new if one not in old)]:
        was, now = old.get(identifier), new.get(identifier)
        if was != now:
            found.append(
                {
                    "where": (now or was).note or identifier,  # type: ignore[union-attr]
                    "before": listed(cells(table, was)) if was else "–",
                    "after": listed(cells(table, now)) if now else "–",
                }
            )
    return found
