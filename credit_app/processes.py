"""Connects diagrams and code: every node finds its module by its id, or the application refuses to start."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session

from credit_app import permissions
from credit_app.domain.dates import day_in_zone
from credit_app.facts.people import stands_in_for
from credit_app.models import ROLES, the_company
from workflows import Action, Assignment, read_directory
from workflows.definitions import Process

FOLDERS = {"userTask": "steps", "serviceTask": "service_tasks", "businessRuleTask": "decisions"}
NEEDED = {"steps": ("Form", "facts", "complete"), "service_tasks": ("run",), "decisions": ("inputs",)}
NO_ROLES = ("approver", "owner", "system")


class ProcessesIncomplete(Exception):
    """Diagrams and code do not fit together; the text names every culprit."""


class Registry:
    """The engine's handlers: the code of each node, found by process and node id."""

    def __init__(self, processes: Mapping[str, Process]) -> None:
        self.processes = processes
        self._modules: dict[tuple[str, str, str], ModuleType] = {}
        self._check()

    # --- the engine asks --------------------------------------------------------------------------------------

    def service(self, process: str, node: str) -> Callable[[Action], Mapping[str, Any] | None]:
        """`run` of a service task."""
        run: Callable[[Action], Mapping[str, Any] | None] = self._module("service_tasks", process, node).run
        return run

    def inputs(self, process: str, node: str) -> Callable[[Action], Mapping[str, Any]]:
        """`inputs` of a business-rule task."""
        inputs: Callable[[Action], Mapping[str, Any]] = self._module("decisions", process, node).inputs
        return inputs

    def outputs(
        self, process: str, node: str
    ) -> Callable[[Action, dict[str, Any]], Mapping[str, Any]] | None:
        """`outputs` of a business-rule task, if it has one."""
        return getattr(self._module("decisions", process, node), "outputs", None)

    def assign(self, action: Action, lane: str) -> Assignment:
        """Who may do a task that opens: the step's own word, else everybody with the lane's role."""
        own = getattr(self.step(action.process, action.node), "assign", None)
        return own(action) if own is not None else Assignment(lane)

    def check_person(self, action: Action) -> None:
        """The step's own check, else role and branch. Raises NotAllowed."""
        permissions.check_role(action)
        own = getattr(self.step(action.process, action.node), "check", None)
        if own is not None:
            own(action)

    def principals(self, action: Action, person_id: int) -> list[int]:
        """Whom a person substitutes today."""
        return [one.id for one in stands_in_for(action.session, person_id, action.today)]

    def take_back(self, process: str, node: str) -> Callable[[Action], None] | None:
        """`take_back` of a user task, if it has one."""
        return getattr(self.step(process, node), "take_back", None)

    def undo(self, process: str, node: str) -> Callable[[Action], None] | None:
        """`undo` of a service task or decision, if it has one."""
        found = self._modules.get(("service_tasks", process, node)) or self._modules.get(
            ("decisions", process, node)
        )
        return getattr(found, "undo", None)

    def today(self, session: Session, now: datetime) -> date:
        """The company's date."""
        return day_in_zone(now, the_company(session).time_zone)

    # --- screens ask ------------------------------------------------------------------------------------------

    def step(self, process: str, node: str) -> ModuleType:
        """The module of a user task."""
        return self._module("steps", process, node)

    # --- at start ---------------------------------------------------------------------------------------------

    def _module(self, folder: str, process: str, node: str) -> ModuleType:
        return self._modules[folder, process, node]

    def _check(self) -> None:
        culprits = []
        for process in self.processes.values():
            culprits += [
                f"{process.id}: the lane {lane} is no role"
                for lane in process.lanes
                if lane not in (*ROLES, *NO_ROLES)
            ]
            for node in process.nodes.values():
                if node.kind in FOLDERS:
                    culprits += self._load(FOLDERS[node.kind], process.id, node.id)
                if node.kind == "userTask" and node.lane == "system":
                    culprits.append(f"{process.id}: the user task {node.id} stands in the lane of the system")
        culprits += self._left_over()
        if culprits:
            raise ProcessesIncomplete("Diagrams and code do not fit: " + "; ".join(sorted(culprits)) + ".")

    def _load(self, folder: str, process: str, node: str) -> list[str]:
        name = f"credit_app.{folder}.{process}.{node}"
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
            return [f"{process}: the node {node} has no code ({folder}/{process}/{node}.py)"]
        self._modules[folder, process, node] = module
        return [f"{name} has no {part}" for part in NEEDED[folder] if not hasattr(module, part)]

    def _left_over(self) -> list[str]:
        found = []
        for folder in NEEDED:
            package = importlib.import_module(f"credit_app.{folder}")
            for process in pkgutil.iter_modules(package.__path__):
                inner = importlib.import_module(f"credit_app.{folder}.{process.name}")
                for module in pkgutil.iter_modules(inner.__path__):
                    if (folder, process.name, module.name) not in self._modules:
                        found += self._retired(folder, process.name, module.name)
        return found

    def _retired(self, folder: str, process: str, node: str) -> list[str]:
        """Code that today's diagram has no node for: kept for older instances when it says so."""
        found = self._load(folder, process, node)
        if not getattr(self._modules.get((folder, process, node)), "RETIRED", None):
            self._modules.pop((folder, process, node), None)
            found.append(
                f'{folder}/{process}/{node}.py belongs to no node (RETIRED = "since …" keeps it for older cases)'
            )
        return found


@lru_cache(maxsize=4)
def registry_of(directory: Path) -> Registry:
    """The registry of a folder of diagrams; checked once per program. Raises ProcessesIncomplete, DefinitionRefused."""
    sources = read_directory(directory)
    return Registry({key: process for key, (process, _) in sources.processes.items()})
