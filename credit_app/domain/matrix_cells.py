"""One cell of a decision table: which values of its column it takes, and how people type it.

A column's values are cut into atoms, pieces that every cell of the column takes whole or not at all: numbers into the
points named in the column and the stretches between them, texts into those named and all others.
"""

import ast
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

NUMBERS = frozenset({"number", "integer", "long", "double"})
WHOLE = frozenset({"integer", "long"})
BOOLEAN = "boolean"
ANY = "-"
VALUE = "value_"  # the name that stands for the column's value while a cell is read
OTHER = "\x00other"  # any text that no cell names
_MARK = re.compile(r"\?(?=(?:[^'\"]|['\"][^'\"]*['\"])*$)")  # outside of quotes
_DOMAIN = re.compile(r"([\[(])\s*(-?[0-9.]+)\s*\.\.\s*(-?[0-9.]+)\s*([\])])\Z")


class CellUnreadable(DomainError):
    """A condition that says nothing about its column's value that could be checked."""

    code = "matrix.cell_unreadable"
    template = N_("“%(cell)s” is no condition on a value of “%(column)s”.")


class ValueUnknown(DomainError):
    """A text that the column never has."""

    code = "matrix.value_unknown"
    template = N_("“%(value)s” is none of the values of “%(column)s”: %(values)s.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its label, kind, the texts that it takes (none: any text) and the bounds of its numbers."""

    label: str
    kind: str
    values: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the numbers: a point (both bounds equal and taken), or between two bounds that are not."""

    low: Decimal | None
    high: Decimal | None
    taken: bool = False

    @property
    def inside(self) -> Decimal:
        """A number of this piece."""
        if self.low is not None and self.high is not None:
            return (self.low + self.high) / 2
        if self.low is not None:
            return self.low + 1
        return self.high - 1 if self.high is not None else Decimal(0)


Atom = Stretch | str | bool


def bounds_of(domain: str) -> tuple[Decimal | None, Decimal | None]:
    """The bounds of `[0..100]`, or of `>= 0`; None where there is none. Bounds themselves belong to it."""
    found = _DOMAIN.match(domain.strip())
    if found:
        return Decimal(found[2]), Decimal(found[3])
    low = re.fullmatch(r">=\s*(-?[0-9.]+)", domain.strip())
    return (Decimal(low[1]) if low else None), None


def is_any(cell: str) -> bool:
    """Whether a cell takes every value."""
    return cell.strip() in ("", ANY)


def read(cell: str, column: Column) -> ast.expr:
    """The cell as an expression over VALUE; raises CellUnreadable."""
    source = _MARK.sub(VALUE, cell.strip())
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        tree = _compared(source, cell, column)
    if not any(isinstance(node, ast.Name) for node in ast.walk(tree)):
        constant(tree, cell, column)  # a list never equals a value
        tree = ast.Compare(ast.Name(VALUE), [ast.Eq()], [tree])
    for named in constants(tree, cell, column):
        _check_constant(named, cell, column)
    return tree


def _compared(source: str, cell: str, column: Column) -> ast.expr:
    try:
        return ast.parse(f"{VALUE} {source}", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise CellUnreadable(cell=cell, column=column.label) from None


def constants(tree: ast.expr, cell: str, column: Column) -> list[Decimal | str | bool]:
    """Every constant that a cell compares with; raises CellUnreadable for anything but comparisons."""
    if isinstance(tree, ast.BoolOp):
        return [one for value in tree.values for one in constants(value, cell, column)]
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        return constants(tree.operand, cell, column)
    if not isinstance(tree, ast.Compare):
        raise CellUnreadable(cell=cell, column=column.label)
    found: list[Decimal | str | bool] = []
    for operand in (tree.left, *tree.comparators):
        if isinstance(operand, ast.Name):
            if operand.id != VALUE:
                raise CellUnreadable(cell=cell, column=column.label)
        elif isinstance(operand, ast.List | ast.Tuple):
            found += [constant(one, cell, column) for one in operand.elts]
        else:
            found.append(constant(operand, cell, column))
    return found


def constant(node: ast.expr, cell: str, column: Column) -> Decimal | str | bool:
    """The value of one constant, numbers exactly as they are written."""
    sign, inner = 1, node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign, inner = (-1 if isinstance(node.op, ast.USub) else 1), node.operand
    if isinstance(inner, ast.Constant):
        value = inner.value
        if isinstance(value, bool | str) and inner is node:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return sign * Decimal(repr(value))
    raise CellUnreadable(cell=cell, column=column.label)


def _check_constant(value: Decimal | str | bool, cell: str, column: Column) -> None:
    expected = Decimal if column.kind in NUMBERS else bool if column.kind == BOOLEAN else str
    if not isinstance(value, expected):
        raise CellUnreadable(cell=cell, column=column.label)
    if column.values and value not in column.values:
        raise ValueUnknown(value=value, column=column.label, values=column.values)


def atoms(column: Column, cells: Iterable[str]) -> tuple[Atom, ...]:
    """The pieces into which the cells cut the column's values, in their order."""
    if column.kind == BOOLEAN:
        return (True, False)
    trees = ((read(cell, column), cell) for cell in cells if not is_any(cell))
    named = [value for tree, cell in trees for value in constants(tree, cell, column)]
    if column.kind not in NUMBERS:
        texts = column.values or tuple(dict.fromkeys(str(value) for value in named))
        return texts if column.values else (*texts, OTHER)
    return tuple(_stretches(column, sorted({value for value in named if isinstance(value, Decimal)})))


def _stretches(column: Column, named: Sequence[Decimal]) -> Iterable[Stretch]:
    points = sorted({*named, *(bound for bound in (column.low, column.high) if bound is not None)})
    edges: list[Decimal | None] = [None, *points, None]
    for low, high in itertools.pairwise(edges):
        between = Stretch(low, high)
        if _has_number(column, between):
            yield between
        if high is not None and _within(column, high):
            yield Stretch(high, high, True)


def _within(column: Column, value: Decimal) -> bool:
    above = column.low is None or value >= column.low
    return above and (column.high is None or value <= column.high)


def _has_number(column: Column, piece: Stretch) -> bool:
    """Whether a number of the column lies strictly between the piece's bounds."""
    if not _within(column, piece.inside):
        return False
    if column.kind in WHOLE and piece.low is not None and piece.high is not None:
        return piece.high.to_integral_value(rounding="ROUND_CEILING") - 1 > piece.low
    return True


def takes(cell: str, column: Column, pieces: Sequence[Atom]) -> frozenset[int]:
    """Which of the column's atoms a cell takes."""
    if is_any(cell):
        return frozenset(range(len(pieces)))
    tree = read(cell, column)
    return frozenset(
        number
        for number, piece in enumerate(pieces)
        if _holds(tree, piece.inside if isinstance(piece, Stretch) else piece, cell, column)
    )


def _holds(tree: ast.expr, value: Decimal | str | bool, cell: str, column: Column) -> bool:
    if isinstance(tree, ast.BoolOp):
        results = (_holds(one, value, cell, column) for one in tree.values)
        return all(results) if isinstance(tree.op, ast.And) else any(results)
    if isinstance(tree, ast.UnaryOp):
        return not _holds(tree.operand, value, cell, column)
    if not isinstance(tree, ast.Compare):
        raise CellUnreadable(cell=cell, column=column.label)
    operands = [_value(one, value, cell, column) for one in (tree.left, *tree.comparators)]
    return all(
        _compare(operator, left, right, cell, column)
        for operator, left, right in zip(tree.ops, operands, operands[1:], strict=False)
    )


def _value(node: ast.expr, value: object, cell: str, column: Column) -> object:
    if isinstance(node, ast.Name):
        return value
    if isinstance(node, ast.List | ast.Tuple):
        return [constant(one, cell, column) for one in node.elts]
    return constant(node, cell, column)


def _compare(operator: ast.cmpop, left: object, right: object, cell: str, column: Column) -> bool:
    if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, list):
        return (left in right) == isinstance(operator, ast.In)
    if isinstance(operator, ast.Eq | ast.NotEq):
        return (left == right) == isinstance(operator, ast.Eq)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        if isinstance(operator, ast.Lt | ast.LtE):
            return left < right or (left == right and isinstance(operator, ast.LtE))
        if isinstance(operator, ast.Gt | ast.GtE):
            return left > right or (left == right and isinstance(operator, ast.GtE))
    raise CellUnreadable(cell=cell, column=column.label)


# --- as people type it ------------------------------------------------------------------------------------------

_COMPARISON = re.compile(r"(<=|>=|<|>|==?|!=)?\s*(-?[0-9][0-9 ]*(?:\.[0-9]+)?)\Z")
_NAMED = re.compile(r'"([^"]*)"')


def typed(cell: str, column: Column) -> str:
    """A condition as a person types it: `> 50000 and <= 250000`, `none`, `not none`, `a, b`; empty for any value."""
    cell = cell.strip()
    if is_any(cell):
        return ""
    if column.kind in NUMBERS:
        return re.sub(r"\?\s*", "", cell)
    if column.kind == BOOLEAN:
        return {"True": "yes", "False": "no"}.get(cell, f"={cell}")
    texts: list[str] = _NAMED.findall(cell)
    shapes = {f'"{texts[0]}"': texts[0], f'? != "{texts[0]}"': f"not {texts[0]}"} if len(texts) == 1 else {}
    if cell in shapes:
        return shapes[cell]
    if cell == _one_of("in", texts):
        return ", ".join(texts)
    return f"not {', '.join(texts)}" if cell == _one_of("not in", texts) else f"={cell}"


def from_typed(text: str, column: Column) -> str:
    """The condition that a person typed, as the table has it; what begins with = is taken as it stands.

    Raises CellUnreadable or ValueUnknown.
    """
    text = " ".join(text.split())
    if text.startswith("="):
        read(text[1:], column)
        return text[1:].strip()
    if is_any(text):
        return ANY
    if column.kind in NUMBERS:
        cell = _numbers(text, column)
    elif column.kind == BOOLEAN:
        cell = {"yes": "True", "no": "False", "true": "True", "false": "False"}.get(text.lower(), "")
    else:
        cell = _texts(text)
    if not cell:
        raise CellUnreadable(cell=text, column=column.label)
    read(cell, column)
    return cell


def _numbers(text: str, column: Column) -> str:
    parts = []
    for part in re.split(r"\band\b", text):
        found = _COMPARISON.match(part.strip())
        if not found:
            raise CellUnreadable(cell=text, column=column.label)
        operator = {"=": "==", None: "=="}.get(found[1], found[1])
        parts.append((operator, found[2].replace(" ", "")))
    if len(parts) == 1:
        operator, number = parts[0]
        return number if operator == "==" else f"{operator} {number}"
    return " and ".join(f"? {operator} {number}" for operator, number in parts)


def _texts(text: str) -> str:
    negated = text.lower().startswith("not ")
    names = [name.strip().strip("\"'") for name in (text[4:] if negated else text).split(",")]
    if not all(re.fullmatch(r"[^\"\\\x00-\x1f]{1,80}", name) for name in names):
        return ""
    if len(names) == 1:
        return f'? != "{names[0]}"' if negated else f'"{names[0]}"'
    return _one_of("not in" if negated else "in", names)


def _one_of(operator: str, names: Sequence[str]) -> str:
    return f"? {operator} [{', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)}]"


class AnswerUnknown(DomainError):
    """What a row answers is not of the output's kind."""

    code = "matrix.answer_unknown"
    template = N_("“%(value)s” is no answer for “%(column)s”.")


def answer(cell: str, column: Column) -> Decimal | str | bool:
    """The value of an output's cell; raises AnswerUnknown or ValueUnknown."""
    try:
        value = constant(ast.parse(cell.strip(), mode="eval").body, cell, column)
        _check_constant(value, cell, column)
    except (CellUnreadable, SyntaxError, ValueError, MemoryError, RecursionError) as error:
        if isinstance(error, ValueUnknown):
            raise
        raise AnswerUnknown(value=cell, column=column.label) from None
    return value


def typed_answer(cell: str, column: Column) -> str:
    """An output's cell as a person types it."""
    cell = cell.strip()
    if column.kind == BOOLEAN:
        return {"True": "yes", "False": "no"}.get(cell, cell)
    return cell if column.kind in NUMBERS else cell.strip('"')


def answer_from_typed(text: str, column: Column) -> str:
    """The cell of an output that a person typed; raises AnswerUnknown or ValueUnknown."""
    text = " ".join(text.split())
    if column.kind in NUMBERS:
        cell = text.replace(" ", "")
    elif column.kind == BOOLEAN:
        cell = {"yes": "True", "no": "False"}.get(text.lower(), text)
    else:
        cell = f'"{text}"' if re.fullmatch(r"[^\"\\\x00-\x1f]{1,200}", text) else ""
    answer(cell, column)
    return cell
