"""The words of a contract's timeline: nothing that the program notes there is shown as a code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import credit_app
from credit_app.screens.contracts.words import EVENT_WORDS

KIND = 2  # the place of the kind among the arguments of note_event


def strings(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be; what stands in braces of an f-string fits anything."""
    if isinstance(node, ast.JoinedStr):
        parts = [
            re.escape(str(one.value)) if isinstance(one, ast.Constant) else "[a-z_]+" for one in node.values
        ]
        yield "".join(str(part) for part in parts)
    elif isinstance(node, ast.Constant):
        yield re.escape(str(node.value))
    elif isinstance(node, ast.IfExp):
        yield from strings(node.body)
        yield from strings(node.orelse)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
        for value in node.value.values:
            yield from strings(value)


def noted() -> Iterator[str]:
    """Patterns of every kind that something notes; a name is looked up where it was set."""
    for path in Path(credit_app.__file__).parent.rglob("*.py"):
        source = path.read_text()
        if "note_event" not in source or "facts.contracts import" not in source:
            continue
        tree = ast.parse(source)
        set_to: dict[str, list[ast.expr]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                set_to.setdefault(node.targets[0].id, []).append(node.value)
        for call in ast.walk(tree):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id == "note_event"
            ):
                kind = call.args[KIND]
                values = set_to.get(kind.id, []) if isinstance(kind, ast.Name) else [kind]
                yield from (text for value in values for text in strings(value))


def test_everything_that_happens_to_a_contract_has_its_words() -> None:
    patterns = set(noted())
    assert {"signed", "countersigned", "credit_refused", "review_[a-z_]+"} <= patterns
    unknown = {one for one in patterns if not any(re.fullmatch(one, kind) for kind in EVENT_WORDS)}
    assert unknown == set()
