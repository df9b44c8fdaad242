"""Decision tables: every row is tried, UNIQUE is enforced, and what was decided on is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine

from workflows.errors import DecisionFailed
from workflows.runtime import SCRIPT_ENGINE


@dataclass(frozen=True, slots=True)
class Decided:
    """The matched row: its number (from 1), its id and its outputs."""

    table: str
    row: int
    rule_id: str
    outputs: dict[str, Any]


def decide(table: Any, inputs: Mapping[str, Any]) -> Decided:
    """The one row of a UNIQUE table that matches `inputs`. Raises DecisionFailed when none or several match."""
    engine = DMNEngine(table)
    task = SimpleNamespace(data=dict(inputs), workflow=SimpleNamespace(script_engine=SCRIPT_ENGINE))
    matched = [rule for rule in table.rules if _matches(engine, rule, task)]
    if len(matched) != 1:
        found = ", ".join(str(rule.row_number) for rule in matched) or "no row"
        raise DecisionFailed(
            f"The decision table {table.id} matched {found} for {dict(inputs)}; exactly one must."
        )
    rule = matched[0]
    return Decided(table.id, rule.row_number, rule.id, dict(rule.output_as_dict(task)))


def _matches(engine: DMNEngine, rule: Any, task: Any) -> bool:
    for entry in rule.inputEntries:
        for cell in entry.lhs:
            if cell and not engine.evaluate(entry.input.expression, cell, task):
                return False
    return True
