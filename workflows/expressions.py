"""Expressions of diagrams and decision tables, in a small safe subset of Python, compiled once.

Allowed: literals, names, comparisons, and/or/not, + - * / // %, subscripts, `a if b else c` and the functions of
FUNCTIONS. No attribute, no power, no lambda, no comprehension. Scripts are lines of `name = expression`.
Text and numbers are kept from growing without bound.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, MutableMapping
from decimal import Decimal
from functools import lru_cache
from types import CodeType
from typing import Any

from workflows.errors import ExpressionRefused

LONGEST_SOURCE = 2_000
LONGEST_TEXT = 10_000
LARGEST_BITS = 512
LARGEST_EXPONENT = 100
LARGEST_VALUE = 10_000  # values in one assigned list, nested ones counted
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def _bounded(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
        raise ExpressionRefused("A number in an expression grew too large.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionRefused("A number in an expression grew too large.")
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) <= LARGEST_EXPONENT):
        raise ExpressionRefused("A number in an expression grew too large.")
    if isinstance(value, str | list | tuple) and len(value) > LONGEST_TEXT:
        raise ExpressionRefused("A text or list in an expression grew too long.")
    return value


def _numbers_only(a: Any, b: Any) -> None:
    if not all(isinstance(x, int | float | Decimal) for x in (a, b)):
        raise ExpressionRefused("Only numbers can be multiplied, divided or taken modulo in an expression.")


def _add(a: Any, b: Any) -> Any:
    return _bounded(a + b)


def _mul(a: Any, b: Any) -> Any:
    _numbers_only(a, b)
    return _bounded(a * b)


def _mod(a: Any, b: Any) -> Any:
    _numbers_only(a, b)
    return a % b


def _int(value: Any) -> int:
    return int(_bounded(value) if not isinstance(value, str) else value[:100])


def _round(value: Any, digits: Any = None) -> Any:
    if digits is not None and (not isinstance(digits, int) or abs(digits) > 28):
        raise ExpressionRefused("A number is rounded to at most 28 places.")
    return round(_bounded(value), digits)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "bool": bool,
    "decimal": lambda value: _bounded(Decimal(str(value)[:100])),
    "float": lambda value: _bounded(float(value)),
    "int": _int,
    "len": len,
    "lower": lambda text: str(text).lower(),
    "max": max,
    "min": min,
    "round": _round,
    "str": lambda value: _bounded(str(value)),
    "sum": lambda values: _bounded(sum(values)),
}
# Functions and guards live under names that data cannot have, so data never shadows them.
_GLOBALS: dict[str, Any] = {
    "__builtins__": {},
    **{f"_f_{name}": function for name, function in FUNCTIONS.items()},
    "_op_add": _add,
    "_op_mul": _mul,
    "_op_mod": _mod,
}
_GUARDED = {ast.Add: "_op_add", ast.Mult: "_op_mul", ast.Mod: "_op_mod"}
_PLAIN = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.Compare, ast.Eq, ast.NotEq, ast.Lt,
    ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.List, ast.Tuple, ast.Subscript, ast.IfExp,
    ast.Load, ast.Sub, ast.Div, ast.FloorDiv, ast.Expression,
)  # fmt: skip


class _Whitelist(ast.NodeTransformer):
    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, _PLAIN):
            raise ExpressionRefused("An expression may not use %(kind)s.", kind=type(node).__name__.lower())
        return super().generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if node.value is not None and not isinstance(node.value, str | int | float | bool):
            raise ExpressionRefused("An expression holds text, numbers, True, False and None only.")
        _bounded(node.value)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not _NAME.match(node.id):
            raise ExpressionRefused("The name “%(name)s” is not allowed in an expression.", name=node.id)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        guard = _GUARDED.get(type(node.op))
        if guard is None:
            return self.generic_visit_binop(node)
        left, right = self.visit(node.left), self.visit(node.right)
        call = ast.Call(func=ast.Name(id=guard, ctx=ast.Load()), args=[left, right], keywords=[])
        return ast.copy_location(call, node)

    def generic_visit_binop(self, node: ast.BinOp) -> ast.AST:
        if not isinstance(node.op, _PLAIN):
            raise ExpressionRefused(
                "An expression may not use %(kind)s.", kind=type(node.op).__name__.lower()
            )
        node.left, node.right = self.visit(node.left), self.visit(node.right)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
            raise ExpressionRefused(
                "An expression may call only: %(names)s.", names=", ".join(sorted(FUNCTIONS))
            )
        node.func.id = f"_f_{node.func.id}"
        node.args = [self.visit(arg) for arg in node.args]
        return node


def _compile_node(node: ast.expr) -> CodeType:
    try:
        tree = _Whitelist().visit(ast.Expression(body=node))
        return compile(ast.fix_missing_locations(tree), "<expression>", "eval")
    except RecursionError:
        raise ExpressionRefused("The expression is nested too deeply.") from None


def _parse(source: str, mode: str) -> Any:
    if len(source) > LONGEST_SOURCE:
        raise ExpressionRefused(
            "An expression may have at most %(longest)s characters.", longest=LONGEST_SOURCE
        )
    try:
        return ast.parse(source.strip(), mode=mode)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ExpressionRefused(
            "The expression “%(source)s” cannot be read: %(error)s.",
            source=source.strip()[:80],
            error=str(error),
        ) from None


@lru_cache(maxsize=8192)
def compile_expression(source: str) -> CodeType:
    """The code of one expression. Raises ExpressionRefused with the reason."""
    return _compile_node(_parse(source, "eval").body)


@lru_cache(maxsize=2048)
def compile_script(source: str) -> tuple[tuple[str, CodeType], ...]:
    """The assignments of a script, `name = expression` a line. Raises ExpressionRefused with the reason."""
    steps = []
    for statement in _parse(source, "exec").body:
        if not (
            isinstance(statement, ast.Assign)
            and len(statement.targets) == 1
            and isinstance(statement.targets[0], ast.Name)
            and _NAME.match(statement.targets[0].id)
            and statement.targets[0].id not in FUNCTIONS
        ):
            raise ExpressionRefused("A script holds lines of the form `name = expression` only.")
        steps.append((statement.targets[0].id, _compile_node(statement.value)))
    return tuple(steps)


def evaluate(source: str, data: Mapping[str, Any]) -> Any:
    """The value of `source` over the names of `data`. Raises ExpressionRefused, or the operation's own error."""
    return eval(compile_expression(source), _GLOBALS, data)  # the code was built from a whitelist of nodes


def execute(source: str, data: MutableMapping[str, Any]) -> None:
    """Run a script's assignments on `data`, in order."""
    for name, code in compile_script(source):
        data[name] = _storable(eval(code, _GLOBALS, data))  # the same whitelist


def _storable(value: Any) -> Any:
    """What process data takes: text, number, True, False, None and lists of them, as they are read back later."""
    count = 0

    def copied(each: Any) -> Any:
        nonlocal count
        count += 1
        if count > LARGEST_VALUE:
            raise ExpressionRefused("A text or list in an expression grew too long.")
        if isinstance(each, list | tuple):
            return [copied(inner) for inner in each]
        if isinstance(each, int) and each.bit_length() > 63:
            raise ExpressionRefused("A number in an expression grew too large.")
        if each is not None and not isinstance(each, str | int | float):
            raise ExpressionRefused(
                "A script may not keep a %(kind)s: turn it into text.", kind=type(each).__name__
            )
        return _bounded(each)

    return copied(value)


def is_constant(source: str) -> bool:
    """Whether `source` is one text, number, True or False (a complete decision cell compares with it)."""
    try:
        value = ast.literal_eval(source.strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return isinstance(value, str | int | float | bool)


@lru_cache(maxsize=8192)
def is_expression(source: str) -> bool:
    """Whether `source` parses as a complete expression (a decision cell such as `> 5` does not)."""
    try:
        ast.parse(source[:LONGEST_SOURCE].strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
