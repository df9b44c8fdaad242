"""The diagrams are plain, complete, readable BPMN 2.0; no decision in them is forgotten or ambiguous."""

import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator
from SpiffWorkflow.dmn.parser.BpmnDmnParser import SCHEMAS

from tests.processes.drawing import (
    DIAGRAMS,
    DMN,
    KNOWN_NAMESPACES,
    ROOT,
    TABLES,
    flow_nodes,
    found,
    ids,
    read,
    tag,
    value_of,
)
from workflows import definitions

WORDS = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
LEVELS = ["credit_analyst", "credit_manager", "finance_director", "cfo"]
NOT_YET = ["send_back", "ask_opinion", "add_approver"]
BOOKED = ["matched", "on_account", "returned"]
VOTES = ["approved", "refused", "no_quorum"]
# Every value that the data of a decision can have: a new decision is listed here, or its test fails.
DECISIONS: dict[str, dict[str, dict[str, list[Any]]]] = {
    "credit_application": {
        "granted_automatically": {"automatic_grant": ["yes", "no"]},
        "credit_assessed": {"outcome": ["proposed", "sent_back"]},
        "credit_approved": {"outcome": ["approved", "refused", "sent_back"]},
        "credit_decision": {"outcome": ["refused", "sent_back"]},
        "return_to": {"rework_to": ["entry", "investigation", "rating", "proposal"]},
        "limit_secured": {"conditions_met": [True, False]},
    },
    "credit_assessment": {
        "begin_with": {"start_at": ["investigation", "rating", "proposal"]},
        "rating_stands": {"rating_result": ["confirmed", "investigate"]},
        "proposal_result": {"outcome": ["proposed", "sent_back"]},
    },
    "gather_information": {},
    "conditions": {
        "conditions_open": {"conditions_open": [True, False]},
        "conditions_given": {"conditions_met": [True, False]},
    },
    "approval": {
        "level_needed": {"level": [*LEVELS, "committee", "none"]},
        "approver_found": {"approver_found": [True, False]},
        "decision": {"decision": ["approve", "refuse", *NOT_YET]},
        "request_wanted": {"decision": NOT_YET},
        "added_agreed": {"added_outcome": ["agreed", "refused", "silent"]},
        "committee_decision": {"committee_outcome": VOTES},
    },
    "limit_review": {
        "measures_due": {"measures_due": [True, False]},
        "review_result": {"outcome": ["approved", "refused"]},
        "limit_unchanged": {"limit_unchanged": [True, False]},
    },
    "review_decision": {
        "credit_assessed": {"outcome": ["proposed", "sent_back"]},
        "review_decided": {"outcome": ["approved", "refused", "sent_back"]},
        "return_to": {"rework_to": ["entry", "investigation", "rating", "proposal"]},
    },
    "limit_decision": {
        "credit_approved": {"outcome": ["approved", "refused", "sent_back"]},
        "limit_secured": {"conditions_met": [True, False]},
    },
    "temporary_limit": {
        "credit_decision": {"outcome": ["approved", "refused", "sent_back"]},
        "limit_open": {"limit_opened": [True, False]},
    },
    "opinions": {},
    "added_approval": {"added_decision": {"added_outcome": ["agreed", "refused"]}},
    "credit_committee": {
        "quorum_possible": {"committee_outcome": ["open", "no_quorum"]},
        "vote_result": {"committee_outcome": VOTES},
    },
    "balance_confirmation": {
        "balance_agreed": {"outcome": ["agreed", "differences"]},
        "answer_in": {"outcome": ["answered", "send_again", "closed"]},
    },
    "promise_to_pay": {
        "promise_result": {"promise_result": ["kept", "partly", "broken"]},
        "what_now": {"outcome": ["new_day", "kept", "broken"]},
    },
    "payment_plan": {
        "plan_reopened": {"reopened": [True, False]},
        "plan_decision": {"decision": ["approve", "refuse", "send_back"]},
        "asked_again": {"rework": ["again", "withdraw"]},
        "instalment_open": {"instalment_open": [True, False]},
        "instalment_missed": {"missed": [True, False]},
    },
    "plan_instalment": {
        "instalment_in": {"missed": [True, False]},
        "late_instalment_in": {"missed": [True, False]},
    },
    "payment_extension": {
        "extension_reopened": {"reopened": [True, False]},
        "extension_decision": {"decision": ["approve", "refuse", "send_back"]},
        "asked_again": {"rework": ["again", "withdraw"]},
        "payment_in": {"paid": [True, False]},
    },
    "order_release": {"release_granted": {"outcome": ["approved", "refused"]}},
    "release_decision": {
        "release_proposed": {"proposal": ["release", "security", "refuse"]},
        "release_decided": {"decision": ["approve", "refuse", "send_back"]},
    },
    "legal_action": {
        "go_to_law": {"outcome": ["go", "refused", "dropped"]},
        "title_stands": {"outcome": ["enforce", "settled", "lost"]},
        "debt_recovered": {"outcome": ["recovered", "uncollectable"]},
        "suit_goes_on": {"outcome": ["withdraw", "go_on"]},
        "where_it_stood": {"phase": ["preparation", "proceedings", "enforcement"]},
    },
    "legal_preparation": {
        "what_is_next": {"place": ["assess", "decide", "arrange"]},
        "worth_it": {"outcome": ["proposed", "dropped"]},
        "action_approved": {"outcome": ["approved", "refused", "sent_back"]},
        "preserve_first": {"preserve": ["yes", "no"]},
    },
    "legal_proceedings": {
        "what_is_next": {"place": ["file", "hear", "title"]},
        "payment_order": {"way": ["payment_order", "arbitration", "suit"]},
        "dispute_decided": {"outcome": ["next_date", "judgment", "settlement"]},
        "title_result": {"outcome": ["enforce", "contested", "settled", "lost"]},
        "claim_met": {"outcome": ["settled", "lost"]},
    },
    "legal_enforcement": {
        "what_is_next": {"place": ["apply", "enforce", "insolvency"]},
        "step_result": {"outcome": ["another", "insolvency", "recovered", "uncollectable"]},
        "enforcement_result": {"outcome": ["recovered", "uncollectable"]},
    },
    "cash_application": {
        "whose_money": {"outcome": [*BOOKED, "set_aside", "ask"]},
        "how_booked": {"outcome": BOOKED},
    },
    "dispute": {"which_result": {"result": ["credited", "partly", "rejected"]}},
    "dispute_handling": {
        "credit_proposed": {"proposal": ["credited", "partly", "rejected"]},
        "credit_approved": {"decision": ["approve", "refuse", "send_back"]},
    },
    "collection": {},
    "collection_stages": {
        name: {"phase": ["early", "firm", "hard", "paused", "given_up"]}
        for name in ("is_early", "is_firm", "is_hard", "is_paused")
    },
    "early_collection": {"notice_or_call": {"stage": ["friendly_notice", "call"]}},
    "firm_collection": {"which_firm_stage": {"stage": ["letter_1", "letter_2", "visit"]}},
    "hard_collection": {
        "ask_first_or_not": {"ask_first": [True, False]},
        "escalation_agreed": {"outcome": ["escalate", "wait"]},
        "which_hard_stage": {"stage": ["final_demand", "lawyer_letter", "agency", "legal_action"]},
    },
    "customer_hold": {
        "stop_wanted": {"outcome": ["stop", "withdraw"]},
        "hold_approved": {"outcome": ["approve", "refuse", "send_back"]},
        "delivered_or_not": {"outcome": ["delivered", "not_delivered"]},
        "released_or_kept": {"outcome": ["release", "keep"]},
    },
    "site_visit": {
        "planned_or_not": {"outcome": ["planned", "not_needed"]},
        "visited_or_not": {"outcome": ["visited", "put_off", "cancelled"]},
        "somebody_met": {"met": [True, False]},
    },
    "agency_placement": {
        "placed_or_not": {"outcome": ["place", "withdraw"]},
        "placement_approved": {"outcome": ["approve", "refuse", "send_back"]},
        "how_it_ends": {"over": ["paid", "recalled", "returned"]},
    },
    "contract_review": {
        "text_agreed": {"outcome": ["agreed", "refused"]},
        "credit_granted": {"outcome": ["granted", "not_granted"]},
        "contract_signed": {"outcome": ["signed", "sent_back", "refused"]},
    },
    "contract_change": {
        "text_agreed": {"outcome": ["agreed", "refused"]},
        "credit_granted": {"outcome": ["granted", "not_granted"]},
        "contract_signed": {"outcome": ["signed", "sent_back", "refused"]},
    },
    "contract_credit": {
        "credit_enough": {"outcome": ["granted", "wanted", "not_granted"]},
        "credit_refused": {"outcome": ["wanted", "not_granted"]},
    },
    "contract_signature": {
        "signature_needed": {"level": ["none", "sales_manager", "finance_director", "cfo"]},
        "level_signed": {"outcome": ["sign", "sent_back", "refused"]},
        "other_side_signed": {"outcome": ["signed", "sent_back", "refused"]},
    },
    "contract_negotiation": {
        "points_open": {"outcome": ["agreed", "open"]},
        "how_answered": {"outcome": ["rework", "agreed", "insist"]},
        "objections_decided": {"outcome": ["agreed", "rework", "refused"]},
    },
    "contract_opinions": {
        f"{area}_asked": {f"for_{area}": ["yes", "no"]} for area in ("credit", "finance", "legal", "delivery")
    },
    "contract_renewal": {
        "renewal_decided": {"outcome": ["renew", "leave", "notice"]},
        "notice_proven": {"outcome": ["given", "not_given"]},
    },
    "write_off": {
        "write_off_proposed": {"outcome": ["proposed", "withdrawn"]},
        "decision": {"outcome": ["approve", "refuse", "send_back"]},
    },
    "bench_approval": {
        "manager_agrees": {"manager_decision": ["approve", "refuse"]},
        "second_needed": {"signatures": ["one", "two"]},
        "second_agrees": {"second_decision": ["approve", "refuse"]},
    },
}

every_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: f"{path.parent.name}/{path.stem}")
every_file = pytest.mark.parametrize(
    "path", [*DIAGRAMS, *TABLES], ids=lambda path: f"{path.parent.name}/{path.name}"
)


def decisions(root: etree._Element) -> list[etree._Element]:
    gateways = found(root, "//bpmn:exclusiveGateway | //bpmn:inclusiveGateway")
    return [gateway for gateway in gateways if len(found(gateway, "./bpmn:outgoing")) > 1]


@every_file
def test_a_file_follows_the_schema_of_its_standard(path: Path) -> None:
    root = read(path)
    validator = BpmnValidator(SCHEMAS[DMN]) if path.suffix == ".dmn" else BpmnValidator()
    validator.validate(root, path.name)


@every_file
def test_a_file_is_plain_xml_without_vendor_words(path: Path) -> None:
    root = read(path)
    assert not root.getroottree().docinfo.doctype
    assert root.getprevious() is None, "nothing stands before the root element"
    assert not [node for node in root.iter() if not isinstance(node.tag, str)], "comments and instructions"
    assert set(root.nsmap.values()) <= KNOWN_NAMESPACES
    for element in root.iter():
        assert etree.QName(element).namespace in KNOWN_NAMESPACES
        assert not [
            name for name in element.attrib if "{" in name and not name.startswith("{http://www.w3.org/")
        ]
        assert tag(element) != "extensionElements"


@every_file
def test_ids_are_snake_case_and_used_once(path: Path) -> None:
    used = ids(found(read(path), "//*[@id]"))
    assert not [key for key in used if not WORDS.match(key)]
    assert not [key for key, count in Counter(used).items() if count > 1]


@pytest.mark.parametrize("folder", ["bpmn", "bench"])
def test_the_platform_accepts_every_process(folder: str) -> None:
    sources = definitions.read_directory(ROOT / folder)
    for key in sources.processes:
        assert definitions.parse(0, key, 1, sources.bundle(key)).spec.name == key


@every_diagram
def test_a_process_has_one_pool_and_tells_people_what_it_is_for(path: Path) -> None:
    root = read(path)
    processes = found(root, "./bpmn:process")
    assert ids(processes) == [
        key for pool in found(root, "//bpmn:participant") if (key := pool.get("processRef"))
    ]
    assert len(processes) == len(found(processes[0], "./bpmn:laneSet")) == 1
    assert processes[0].get("isExecutable") == "true"
    if path.parent.name == "bpmn":
        assert path.stem == processes[0].get("id"), "a file is named as its process"
    explained = [
        processes[0],
        *found(root, "//bpmn:userTask | //bpmn:businessRuleTask | //bpmn:callActivity"),
    ]
    assert not [node.get("id") for node in explained if not found(node, "./bpmn:documentation")[0].text]


@every_diagram
def test_every_node_stands_in_one_lane_and_is_drawn(path: Path) -> None:
    root = read(path)
    nodes = ids(flow_nodes(root))
    assert sorted(nodes) == sorted((lane.text or "").strip() for lane in found(root, "//bpmn:flowNodeRef"))
    drawn = {shape.get("bpmnElement") for shape in found(root, "//bpmndi:BPMNShape[dc:Bounds]")}
    assert {*nodes, *ids(found(root, "//bpmn:lane"))} <= drawn
    lines = {edge.get("bpmnElement") for edge in found(root, "//bpmndi:BPMNEdge[di:waypoint]")}
    assert set(ids(found(root, "//bpmn:sequenceFlow"))) <= lines


@every_diagram
def test_every_node_lists_the_flows_in_and_out_of_it(path: Path) -> None:
    root = read(path)
    for node in flow_nodes(root):
        for listed, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            flows = found(root, f"//bpmn:sequenceFlow[@{end}='{node.get('id')}']")
            assert [line.text for line in found(node, f"./bpmn:{listed}")] != [] or not flows
            assert sorted(ids(flows)) == sorted(line.text or "" for line in found(node, f"./bpmn:{listed}"))


@every_diagram
def test_every_way_out_of_a_decision_says_its_word_and_none_is_the_default(path: Path) -> None:
    root = read(path)
    for gateway in decisions(root):
        assert (gateway.get("name") or "").endswith("?"), gateway.get("id")
        assert gateway.get("default") is None
        names = [
            flow.get("name") for flow in found(root, f"//bpmn:sequenceFlow[@sourceRef='{gateway.get('id')}']")
        ]
        assert all(names), gateway.get("id")
        assert len(set(names)) == len(names)


@every_diagram
def test_each_decision_takes_exactly_one_way_for_every_value(path: Path) -> None:
    root = read(path)
    known = DECISIONS[found(root, "./bpmn:process")[0].get("id") or ""]
    assert sorted(known) == sorted(ids(decisions(root)))
    for gateway, variables in known.items():
        flows = found(root, f"//bpmn:sequenceFlow[@sourceRef='{gateway}']")
        conditions = {
            flow.get("id"): found(flow, "./bpmn:conditionExpression")[0].text or "" for flow in flows
        }
        taken = set()
        for values in product(*variables.values()):
            data = dict(zip(variables, values, strict=True))
            ways = [flow for flow, condition in conditions.items() if value_of(condition, data)]
            assert len(ways) == 1, (gateway, data, ways)
            taken.update(ways)
        assert taken == set(conditions), f"{gateway}: a way that no value takes"


@every_diagram
def test_a_message_has_one_definition_and_a_decision_task_names_a_table(path: Path) -> None:
    root = read(path)
    messages = found(root, "./bpmn:message")
    assert len({message.get("name") for message in messages}) == len(messages)
    referred = {event.get("messageRef") for event in found(root, "//bpmn:messageEventDefinition")}
    assert referred == set(ids(messages))
    tables = {f"dmn:{key}" for table in TABLES for key in ids(found(read(table), "./dmn:decision"))}
    assert {task.get("implementation") for task in found(root, "//bpmn:businessRuleTask")} <= tables


@every_diagram
def test_reminders_leave_their_task_open_and_lead_to_the_system(path: Path) -> None:
    root = read(path)
    for timer in found(root, "//bpmn:boundaryEvent[bpmn:timerEventDefinition][@cancelActivity='false']"):
        target = found(root, f"//bpmn:sequenceFlow[@sourceRef='{timer.get('id')}']")[0].get("targetRef")
        assert tag(found(root, f"//*[@id='{target}']")[0]) == "serviceTask"
    assert not found(root, "//bpmn:timeCycle")


def test_a_called_process_declares_what_goes_in_and_out() -> None:
    called = {
        call.get("calledElement") for path in DIAGRAMS for call in found(read(path), "//bpmn:callActivity")
    }
    processes = {
        key: process
        for path in DIAGRAMS
        for process in found(read(path), "./bpmn:process")
        for key in ids([process])
    }
    for key in called:  # nothing comes out of a process that only works a case: its set of outputs is empty
        assert found(processes[key or ""], "./bpmn:ioSpecification/bpmn:inputSet/bpmn:dataInputRefs"), key
        assert found(processes[key or ""], "./bpmn:ioSpecification/bpmn:outputSet"), key


def test_the_bench_process_has_the_size_that_is_measured() -> None:
    root = read(ROOT / "bench" / "approval.bpmn")
    kinds = Counter(tag(node) for node in flow_nodes(root))
    assert kinds.total() == 26
    assert (kinds["userTask"], kinds["boundaryEvent"], kinds["businessRuleTask"]) == (4, 3, 1)
