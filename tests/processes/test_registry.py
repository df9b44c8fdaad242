"""Diagrams and code belong together: the application refuses to start and names the culprit."""

import sys
from dataclasses import replace
from types import ModuleType

import pytest

from credit_app import resources
from credit_app.processes import ProcessesIncomplete, Registry, registry_of
from workflows.definitions import Process
from workflows.drawing import Node


def processes() -> dict[str, Process]:
    return dict(registry_of(resources.bpmn()).processes)


def test_a_node_without_code_is_named() -> None:
    drawn = processes()
    approval = drawn["approval"]
    nodes = {**approval.nodes, "check_stars": Node("check_stars", "serviceTask", "Check stars", "system")}
    with pytest.raises(ProcessesIncomplete, match="check_stars has no code"):
        Registry(drawn | {"approval": replace(approval, nodes=nodes)})


def test_code_without_a_node_is_named_unless_it_says_that_it_is_retired(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = processes()
    approval = drawn["approval"]
    nodes = {name: node for name, node in approval.nodes.items() if name != "send_reminder"}
    without = drawn | {"approval": replace(approval, nodes=nodes)}
    with pytest.raises(ProcessesIncomplete, match=r"send_reminder\.py belongs to no node"):
        Registry(without)
    module: ModuleType = sys.modules["credit_app.service_tasks.approval.send_reminder"]
    monkeypatch.setattr(module, "RETIRED", "since version 2", raising=False)
    assert Registry(without).service("approval", "send_reminder") is module.run


def test_a_lane_that_is_no_role_is_named() -> None:
    drawn = processes()
    approval = drawn["approval"]
    with pytest.raises(ProcessesIncomplete, match="lane astrologer is no role"):
        Registry(
            drawn | {"approval": replace(approval, lanes={**approval.lanes, "astrologer": "Astrologer"})}
        )


def test_a_user_task_in_the_systems_lane_is_named() -> None:
    drawn = processes()
    approval = drawn["approval"]
    moved = replace(approval.nodes["decide_limit"], lane="system")
    with pytest.raises(ProcessesIncomplete, match="decide_limit stands in the lane of the system"):
        Registry(drawn | {"approval": replace(approval, nodes={**approval.nodes, "decide_limit": moved})})
