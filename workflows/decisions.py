"""Decision tables: every row is tried, UNIQUE is enforced, the version in force decides, and that is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows import xml
from workflows.errors import DecisionFailed
from workflows.runtime import SCRIPT_ENGINE
from workflows.specs import Parser

MOST_TABLES = 256  # parsed tables that a program keeps


@dataclass(frozen=True, slots=True)
class Decided:
    """The matched row: its number (from 1), its id and its outputs."""

    table: str
    row: int
    rule_id: str
    outputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InForce:
    """The table that decides on a day: a published version, or (version None) that of the process definition."""

    decision: str
    version: int | None
    sha256: str
    table: Any

    def rule(self, decided: Decided) -> dict[str, Any]:
        """What the history keeps of a decision: the row, and in which version of which table it stands."""
        kept = {
            "table": decided.table,
            "row": decided.row,
            "id": decided.rule_id,
            "decision": self.decision,
            "sha256": self.sha256,
        }
        return kept if self.version is None else {**kept, "version": self.version}


def in_force(session: Session, decision: str, day: date, shipped: str) -> InForce:
    """The table of `decision` that decides on `day`; `shipped` is the text of the definition's own table.

    Published versions hold from their day on until the next one; of two with one day the later one. They rule every
    case that is decided then, also those that run on an older version of their process.
    """
    found = session.execute(
        text(
            """SELECT id, version, sha256 FROM decision_version WHERE decision = :decision AND valid_from <= :day
               ORDER BY valid_from DESC, version DESC LIMIT 1"""
        ),
        {"decision": decision, "day": day},
    ).first()
    if found is None:
        return InForce(decision, None, digest(shipped), parsed_table(shipped))
    table = _known.get(found.sha256)
    if table is None:
        query = text("SELECT content FROM decision_version WHERE id = :id")
        table = parsed_table(session.execute(query, {"id": found.id}).scalar_one())
        if len(_known) >= MOST_TABLES:
            _known.clear()
        _known[found.sha256] = table
    return InForce(decision, found.version, found.sha256, table)


# Parsed published tables by the hash of their text, which never changes: what is known is not read again.
_known: dict[str, Any] = {}


@lru_cache(maxsize=MOST_TABLES)
def digest(content: str) -> str:
    """SHA-256 of a table's text."""
    return hashlib.sha256(content.encode()).hexdigest()


@lru_cache(maxsize=MOST_TABLES)
def parsed_table(content: str) -> Any:
    """The table of a checked DMN text, ready to be asked by all threads."""
    root = xml.read(content.encode(), "a decision table")
    parser = Parser()
    parser.add_dmn_xml(root, "")
    (found,) = parser.dmn_parsers.values()
    found.parse()
    return found.decision.decisionTables[0]


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
    outputs = {name: exact(value) for name, value in rule.output_as_dict(task).items()}
    return Decided(table.id, rule.row_number, rule.id, outputs)


def exact(value: Any) -> Any:
    """A number of a table as it is written there: a float would only come close to it."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def _matches(engine: DMNEngine, rule: Any, task: Any) -> bool:
    for entry in rule.inputEntries:
        for cell in entry.lhs:
            if cell and not engine.evaluate(entry.input.expression, cell, task):
                return False
    return True
