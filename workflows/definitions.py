"""Process definitions: immutable versions in the database, parsed once per process and shared by all threads."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from workflows import clock, gate, xml
from workflows.drawing import Flow, Node, Process, process_of
from workflows.errors import DefinitionRefused, NotFound
from workflows.shared import prepare_spec
from workflows.specs import Parser
from workflows.tables import Definition

__all__ = [
    "Cache",
    "Flow",
    "Node",
    "Parsed",
    "Process",
    "deploy_directory",
    "digest",
    "parse",
    "read_directory",
]
_DEPLOY_LOCK = 7_301_001


@dataclass(frozen=True)
class Parsed:
    """A definition version ready to run: the shared specs and what the drawing says of each process."""

    id: int
    key: str
    version: int
    spec: Any
    subprocess_specs: Mapping[str, Any]
    processes: Mapping[str, Process]
    files: Mapping[str, str] = field(repr=False, default_factory=dict)

    def node(self, process: str, node: str) -> Node | None:
        """The drawn node, or None for the engine's own helpers."""
        found = self.processes.get(process)
        return found.nodes.get(node) if found else None


@dataclass(frozen=True)
class _Sources:
    processes: Mapping[str, tuple[Process, str]]
    decisions: Mapping[str, str]

    def bundle(self, key: str) -> dict[str, str]:
        """The texts that `key` needs: its own, those of all processes it calls, and their decisions."""
        files: dict[str, str] = {}
        waiting = [key]
        while waiting:
            current = waiting.pop()
            if current not in self.processes:
                raise DefinitionRefused(
                    "unknown_process",
                    "The process “%(current)s” is called but does not exist.",
                    current=current,
                )
            process, content = self.processes[current]
            if f"{current}.bpmn" in files:
                continue
            files[f"{current}.bpmn"] = content
            waiting.extend(process.calls)
            for decision in process.decisions:
                if decision not in self.decisions:
                    raise DefinitionRefused(
                        "unknown_decision", "The decision “%(decision)s” does not exist.", decision=decision
                    )
                files[f"{decision}.dmn"] = self.decisions[decision]
        return dict(sorted(files.items()))


def _sources(files: Iterable[tuple[str, bytes]]) -> _Sources:
    processes: dict[str, tuple[Process, str]] = {}
    decisions: dict[str, str] = {}
    for name, content in files:
        root = xml.read(content, name)
        try:
            if name.endswith(".dmn"):
                gate.check_decision(root)
                identifier = xml.find(root, "./*[local-name()='decision']")[0].get("id") or ""
                _once(decisions, identifier)[identifier] = content.decode()
            else:
                process = process_of(root)
                gate.check_process(xml.find(root, "./bpmn:process")[0])
                _once(processes, process.id)[process.id] = (process, content.decode())
        except DefinitionRefused as refused:
            raise DefinitionRefused(
                refused.reason, "%(name)s: %(problem)s", name=name, problem=refused
            ) from None
    _check_calls(processes)
    return _Sources(processes, decisions)


def _once(known: dict[str, Any], identifier: str) -> dict[str, Any]:
    if identifier in known:
        raise DefinitionRefused(
            "duplicate_id", "The id %(id)s belongs to another file already.", id=identifier
        )
    return known


def _check_calls(processes: Mapping[str, tuple[Process, str]]) -> None:
    called = {call for process, _ in processes.values() for call in process.calls}
    for name in called & processes.keys():
        root = xml.read(processes[name][1].encode(), name)
        if not xml.find(root, "./bpmn:process/bpmn:ioSpecification"):
            raise DefinitionRefused(
                "no_io_specification",
                "The called process %(name)s declares no inputs and outputs.",
                name=name,
            )


def read_directory(directory: Path) -> _Sources:
    """Read and check all `*.bpmn` and `*.dmn` of a folder. Raises DefinitionRefused, naming the file."""
    found = []
    for path in sorted([*directory.glob("*.bpmn"), *directory.glob("*.dmn")]):
        found.append((path.name, path.read_bytes()))
    return _sources(found)


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over names and contents, in order of the names."""
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content.encode())
    return total.hexdigest()


def parse(identifier: int, key: str, version: int, files: Mapping[str, str]) -> Parsed:
    """Build the shared specs of one definition version. Raises DefinitionRefused where the library refuses it."""
    parser = Parser()
    processes = {}
    try:
        for name, content in files.items():
            root = xml.read(content.encode(), name)
            if name.endswith(".dmn"):
                parser.add_dmn_xml(root, name)
            else:
                parser.add_bpmn_xml(root, name)
                process = process_of(root)
                processes[process.id] = process
        spec = parser.get_spec(key)
        subprocess_specs = parser.get_subprocess_specs(key)
    except ValidationException as error:
        raise DefinitionRefused(
            "library", "%(key)s cannot be read as a process: %(error)s", key=key, error=str(error)
        ) from None
    drawn_in = {name: process.id for process in processes.values() for name in process.sub_processes}
    for each in (spec, *subprocess_specs.values()):
        prepare_spec(each, drawn_in.get(each.name, each.name))
    return Parsed(identifier, key, version, spec, subprocess_specs, processes, files)


def deploy_directory(
    session: Session, directory: Path, deployed_by: int | None = None
) -> list[tuple[str, int]]:
    """Store a new version of every process whose files changed; returns those (key, version).

    Nothing is stored unless every process parses. Safe to run by several starts at once.
    """
    sources = read_directory(directory)
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _DEPLOY_LOCK})
    deployed = []
    for key in sources.processes:
        files = sources.bundle(key)
        sha = digest(files)
        query = select(Definition).where(Definition.key == key).order_by(Definition.version.desc()).limit(1)
        latest = session.scalars(query).first()
        if latest is not None and latest.sha256 == sha:
            continue
        version = latest.version + 1 if latest else 1
        parse(0, key, version, files)
        session.add(
            Definition(
                key=key,
                version=version,
                sha256=sha,
                files=orjson.dumps(files).decode(),
                deployed_by=deployed_by,
                deployed_at=clock.now(),
            )
        )
        deployed.append((key, version))
    session.flush()
    return deployed


class Cache:
    """Parsed definitions of one program, shared by its threads. Versions are immutable, so nothing expires."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[int, str], Parsed] = {}
        self._lock = threading.Lock()

    def get(self, session: Session, identifier: int) -> Parsed:
        """The definition with that id. Raises NotFound."""
        row = session.get(Definition, identifier)
        if row is None:
            raise NotFound("There is no process definition number %(id)s.", id=identifier)
        return self._keep(row)

    def known(self, identifier: int, sha256: str) -> Parsed | None:
        """The definition if this program has parsed it already: no statement is sent."""
        return self._parsed.get((identifier, sha256))

    def _keep(self, row: Definition) -> Parsed:
        key = (row.id, row.sha256)
        found = self._parsed.get(key)
        if found is None:
            with self._lock:
                found = self._parsed.get(key)
                if found is None:
                    found = parse(row.id, row.key, row.version, orjson.loads(row.files))
                    self._parsed[key] = found
        return found
