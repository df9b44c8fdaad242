"""A decision table as a grid of texts, to be shown and edited; and publishing a new version of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from lxml import etree
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from workflows import clock, decisions, gate, xml
from workflows.errors import DefinitionRefused, Refused
from workflows.tables import DecisionVersion
from workflows.xml import NS

_PUBLISH_LOCK = 7_301_002
_DMN = NS["dmn"]
_ID = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")


@dataclass(frozen=True, slots=True)
class GridColumn:
    """An input or output: the name in data, the label for people, the type, and the texts or numbers that it takes."""

    name: str
    label: str
    kind: str
    values: tuple[str, ...] = ()
    domain: str = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A rule: its id, what it is for, the condition of each input and the value of each output, as DMN has them."""

    id: str
    note: str
    conditions: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A whole decision table."""

    decision: str
    name: str
    note: str
    inputs: tuple[GridColumn, ...]
    outputs: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...] = field(default=())

    @property
    def shape(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names that the table is asked with and answers: code depends on them."""
        return tuple(column.name for column in self.inputs), tuple(column.name for column in self.outputs)


def read_grid(content: str) -> Grid:
    """The grid of a DMN text. Raises DefinitionRefused when it is none that the engine takes."""
    root = xml.read(content.encode(), "the decision table")
    gate.check_decision(root)
    decision = xml.find(root, "./dmn:decision")[0]
    table = xml.find(decision, "./dmn:decisionTable")[0]
    return Grid(
        decision.get("id") or "",
        decision.get("name") or "",
        _text(root, "./dmn:description"),
        tuple(
            GridColumn(
                _text(column, "./dmn:inputExpression/dmn:text"),
                column.get("label") or "",
                next((one.get("typeRef") or "" for one in xml.find(column, "./dmn:inputExpression")), ""),
                _listed(_text(column, "./dmn:inputValues/dmn:text")),
                _text(column, "./dmn:inputValues/dmn:text"),
            )
            for column in xml.find(table, "./dmn:input")
        ),
        tuple(
            GridColumn(
                column.get("name") or "",
                column.get("label") or "",
                column.get("typeRef") or "",
                _listed(_text(column, "./dmn:outputValues/dmn:text")),
            )
            for column in xml.find(table, "./dmn:output")
        ),
        tuple(
            GridRow(
                rule.get("id") or "",
                _text(rule, "./dmn:description"),
                tuple(_text(entry, "./dmn:text") or "-" for entry in xml.find(rule, "./dmn:inputEntry")),
                tuple(_text(entry, "./dmn:text") for entry in xml.find(rule, "./dmn:outputEntry")),
            )
            for rule in xml.find(table, "./dmn:rule")
        ),
    )


def write_grid(content: str, rows: Sequence[GridRow]) -> str:
    """The DMN text with these rows in place of its own; everything else stays. Raises DefinitionRefused.

    A row without an id gets the next free one, so that histories can name rows for good.
    """
    root = xml.read(content.encode(), "the decision table")
    table = xml.find(root, "./dmn:decision/dmn:decisionTable")[0]
    for rule in xml.find(table, "./dmn:rule"):
        table.remove(rule)
    taken = {row.id for row in rows}
    written: set[str] = set()
    for row in rows:
        identifier = row.id if _ID.match(row.id) and row.id not in written else _free(taken)
        taken.add(identifier)
        written.add(identifier)
        rule = etree.SubElement(table, f"{{{_DMN}}}rule", id=identifier)
        if row.note:
            etree.SubElement(rule, f"{{{_DMN}}}description").text = row.note
        for kind, cells in (("inputEntry", row.conditions), ("outputEntry", row.results)):
            for number, cell in enumerate(cells, 1):
                entry = etree.SubElement(
                    rule, f"{{{_DMN}}}{kind}", id=f"{identifier}_{kind.lower()}_{number}"
                )
                etree.SubElement(entry, f"{{{_DMN}}}text").text = cell
    etree.indent(root)
    text_of_it = etree.tostring(root, xml_declaration=True, encoding="UTF-8").decode()
    gate.check_decision(xml.read(text_of_it.encode(), "the decision table"))
    return text_of_it


def publish(
    session: Session, content: str, shipped: str, valid_from: date, reason: str, person_id: int | None
) -> DecisionVersion:
    """Store a new version that decides from `valid_from` on; `shipped` is the text of the program's own table.

    Raises DefinitionRefused when the engine would not take it, or when it asks or answers other things than the
    program does; Refused without a reason. Whether its rows have gaps or overlap is for the caller to check.
    """
    grid, own = read_grid(content), read_grid(shipped)
    if grid.decision != own.decision or grid.shape != own.shape:
        raise DefinitionRefused(
            "columns", "The columns of a table are the program's; only its rows can be changed."
        )
    if not reason.strip():
        raise Refused("Give a reason for the change.")
    try:
        decisions.parsed_table(content)
    except Exception as error:
        raise DefinitionRefused(
            "library", "%(key)s cannot be read as a process: %(error)s", key=grid.decision, error=str(error)
        ) from None
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PUBLISH_LOCK})
    query = select(func.max(DecisionVersion.version)).where(DecisionVersion.decision == grid.decision)
    row = DecisionVersion(
        decision=grid.decision,
        version=(session.scalar(query) or 0) + 1,
        valid_from=valid_from,
        sha256=decisions.digest(content),
        content=content,
        reason=reason.strip(),
        published_by=person_id,
        published_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def versions(session: Session, decision: str) -> list[DecisionVersion]:
    """The published versions of a table, the newest first."""
    query = select(DecisionVersion).where(DecisionVersion.decision == decision)
    return list(session.scalars(query.order_by(DecisionVersion.version.desc())))


def _free(taken: set[str]) -> str:
    number = 1
    while f"row_{number}" in taken:
        number += 1
    return f"row_{number}"


def _text(node: etree._Element, path: str) -> str:
    found = xml.find(node, path)
    return " ".join("".join(map(str, found[0].itertext())).split()) if found else ""


def _listed(values: str) -> tuple[str, ...]:
    """The texts of `"a", "b"`; nothing for anything else."""
    return tuple(re.findall(r'"([^"]*)"', values))
