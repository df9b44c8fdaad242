"""Our state codec and engine against the library's own: the same live tasks after every step of every process."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from SpiffWorkflow.util.task import TaskState

from credit_app.domain.collection import BANDS
from tests.processes.lockstep import Host, walk
from tests.processes.small import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    error,
    escalation,
    first_of,
    fork,
    inside,
    message,
    repeated,
    script,
    service,
    several,
    start,
    throw,
    timer,
    user,
    xor,
)  # fmt: skip
from workflows import codec, definitions, read_directory
from workflows.runtime import LeanWorkflow

ROOT = Path(__file__).parents[2]
WALKS = 25
LATER = "2026-03-12T09:00:00+00:00"


def said(*words: str, name: str = "outcome") -> list[dict[str, Any]]:
    return [{name: word} for word in words]


SMALL: dict[str, tuple[list[bytes], dict[str, Sequence[Mapping[str, Any]]]]] = {
    "parallel": (
        [bpmn("parallel", start(), fork("split"), user("a"), user("b"), service("c"), user("c2"), fork("join"),
              user("last"),
              end(), "begin > split", "split > a", "split > b", "split > c", "c > c2", "a > join", "b > join",
              "c2 > join",
              "join > last", "last > done")],
        {"a": said("x", "y", name="from_a"), "b": said("x", "y", name="from_b"), "c2": said("z", name="from_c")},
    ),
    "nested_parallel": (
        [bpmn("nested_parallel", start(), fork("split"), fork("split2"), user("a"), user("b"), user("c"),
              fork("join2"),
              fork("join"), script("sum_up", "both = from_a + from_b"), user("last"), end(), "begin > split",
              "split > split2",
              "split2 > a", "split2 > b", "a > join2", "b > join2", "join2 > join", "split > c", "c > join",
              "join > sum_up", "sum_up > last", "last > done")],
        {"a": said("x", "y", name="from_a"), "b": said("x", "y", name="from_b"), "c": said("z", name="from_c")},
    ),
    "no_join": (
        [bpmn("no_join", start(), fork("split"), user("a"), user("b"), end("one"), end("two"), "begin > split",
              "split > a",
              "split > b", "a > one", "b > two")],
        {"a": said("x", name="from_a"), "b": said("y", name="from_b")},
    ),
    "inclusive": (
        [bpmn("inclusive", start(), user("ask"), several("split"), user("a"), user("b"), user("c"), several("join"),
              user("last"), end(), "begin > ask", "ask > split", "split > a : wanted in ('a', 'ab', 'abc')",
              "split > b : wanted in ('ab', 'abc')", "split > c : wanted in ('c', 'abc')", "a > join", "b > join",
              "c > join",
              "join > last", "last > done")],
        {"ask": said("a", "ab", "abc", "c", name="wanted"), "a": said("1", name="from_a"), "b": said("2",
        name="from_b")},
    ),
    "event_gateway": (
        [bpmn("event_gateway", start(), fork("split"), user("aside"), first_of("whichever"), catch("paid",
              message("paid")),
              catch("too_late", timer('"PT48H"')), user("thank"), user("chase"), end(), end("chased"),
              end("put_aside"),
              "begin > split", "split > aside", "aside > put_aside", "split > whichever", "whichever > paid",
              "whichever > too_late", "paid > thank", "too_late > chase", "thank > done", "chase > chased",
              messages=["paid"])],
        {"paid": said("12", "13", name="amount")},
    ),
    "everybody_votes": (
        [bpmn("everybody_votes", start(), fork("split"), user("vote", repeated()), user("aside"), fork("join"),
              user("last"),
              end(), "begin > split", "split > vote", "split > aside", "vote > join", "aside > join", "join > last",
              "last > done")],
        {"vote": said("yes", "no", name="result")},
    ),
    "votes_until": (
        [bpmn("votes_until", start(), user("vote", repeated(until="result == 'enough'")), user("last"), end(),
              "begin > vote", "vote > last", "last > done")],
        {"vote": said("yes", "enough", name="result")},
    ),
    "one_after_another": (
        [bpmn("one_after_another", start(), user("visit", repeated(sequential=True)), user("last"), end(),
              "begin > visit",
              "visit > last", "last > done")],
        {"visit": said("met", "missed", name="result")},
    ),
    "three_times": (
        [bpmn("three_times", start(), user("sign", repeated(times="3")), service("count", repeated(times="2")), end(),
              "begin > sign", "sign > count", "count > done")],
        {"sign": said("a", "b", name="signature")},
    ),
    "repeated_call": (
        [bpmn("repeated_call", start(), call("each", "visit_one", repeated()), user("last"), end(), "begin > each",
              "each > last", "last > done"),
         bpmn("visit_one", start(), user("go"), end(), "begin > go", "go > done", takes=["item"], gives=["result"])],
        {"go": said("seen", "missed", name="result")},
    ),
    "nested_calls": (
        [bpmn("nested_calls", start(), user("enter"), call("check", "middle"), boundary("stopped", "check",
              message("stop")),
              xor("fine"), user("stop_note"), end(), end("ended"), "begin > enter", "enter > check", "check > fine",
              "fine > done : outcome == 'good'", "fine > enter : outcome == 'again'", "stopped > stop_note",
              "stop_note > ended", messages=["stop"]),
         bpmn("middle", start(), service("prepare"), call("deeper", "inner"),
              boundary("remind", "deeper", timer('"PT24H"'), interrupts=False), service("nudge"), end(),
              end("nudged"),
              "begin > prepare", "prepare > deeper", "deeper > done", "remind > nudge", "nudge > nudged",
              takes=["application_id"], gives=["outcome"]),
         bpmn("inner", start(), user("decide"), boundary("hurry", "decide", timer('"PT12H"'), interrupts=False),
              boundary("give_up", "decide", timer("give_up_at", "timeDate")), service("shout"), script("gave_up",
              "outcome = 'again'"),
              end(), end("shouted"), end("lost"), "begin > decide", "decide > done", "hurry > shout",
              "shout > shouted",
              "give_up > gave_up", "gave_up > lost", takes=["give_up_at"], gives=["outcome"])],
        {"decide": said("good", "again"), "enter": [{"typed": 1}, {"typed": 2}], "stop": said("tired",
        name="reason")},
    ),
    "boundaries": (
        [bpmn("boundaries", start(), user("work"), boundary("remind", "work", timer('"PT24H"'), interrupts=False),
              boundary("again", "work", timer('"R3/PT6H"', "timeCycle"), interrupts=False),
              boundary("news", "work", message("news"), interrupts=False), boundary("stop", "work", message("stop")),
              boundary("late", "work", timer("late_at", "timeDate")), service("nudge"), service("nudge_again"),
              service("read"),
              user("after"), user("stopped"), end(), end("reminded"), end("again_done"), end("news_done"),
              end("stop_done"),
              end("late_done"), "begin > work", "work > after", "after > done", "remind > nudge", "nudge > reminded",
              "again > nudge_again", "nudge_again > again_done", "news > read", "read > news_done", "stop > stopped",
              "stopped > stop_done", "late > late_done", messages=["news", "stop"])],
        {"work": said("done", name="work"), "news": said("flood", name="headline")},
    ),
    "sub_process": (
        [bpmn("sub_process", start(), inside("body", start("body_begin"), user("inner_work"), xor("inner_fine"),
              end("body_done"), end("body_failed", error("broken")), "body_begin > inner_work",
              "inner_work > inner_fine",
              "inner_fine > body_done : outcome == 'good'", "inner_fine > body_failed : outcome == 'bad'"),
              boundary("failed", "body", error("broken")), user("repair"), user("last"), end(), "begin > body",
              "body > last",
              "last > done", "failed > repair", "repair > body", errors=["broken"])],
        {"inner_work": said("good", "bad"), "repair": [{"repaired": 1}, {"repaired": 2}]},
    ),
    "escalation": (
        [bpmn("escalation", start(), inside("body", start("body_begin"), user("inner_work"), throw("raise",
              escalation("loud")),
              user("go_on"), end("body_done"), "body_begin > inner_work", "inner_work > raise", "raise > go_on",
              "go_on > body_done"),
              boundary("heard", "body", escalation("loud"), interrupts=False), service("answer"), user("last"), end(),
              end("answered"), "begin > body", "body > last", "last > done", "heard > answer", "answer > answered",
              escalations=["loud"])],
        {"inner_work": said("x", name="inner")},
    ),
    "rework": (
        [bpmn("rework", start(), user("enter"), service("compute"), user("check"), xor("fine"), end(),
              "begin > enter",
              "enter > compute", "compute > check", "check > fine", "fine > done : outcome == 'good'",
              "fine > enter : outcome == 'again'")],
        {"enter": [{"amount": 1}, {"amount": 2}], "check": said("good", "again", "again")},
    ),
    "stopped_at_once": (
        [bpmn("stopped_at_once", start(), fork("split"), user("a"), user("b"), end("all",
              "<bpmn:terminateEventDefinition />"),
              end("one"), "begin > split", "split > a", "split > b", "a > all", "b > one")],
        {"a": said("x", name="from_a"), "b": said("y", name="from_b")},
    ),
    "waits_for_several": (
        [bpmn("waits_for_several", start(), catch("paid", message("paid")), catch("delivered", message("delivered")),
              catch("rested", timer("late_at", "timeDate")), user("last"), end(), "begin > paid", "paid > delivered",
              "delivered > rested", "rested > last", "last > done", messages=["paid", "delivered"])],
        {"paid": said("12", name="amount"), "delivered": said("box", name="what")},
    ),
}  # fmt: skip


def facts(node: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a service task or a decision's inputs give, from the node and the data alone."""
    known: dict[str, dict[str, Any]] = {
        "prepare": {"give_up_at": LATER},
    }
    return known.get(node, {f"did_{node}": len(data)})


@pytest.mark.parametrize("name", SMALL)
def test_a_process_driven_at_random_lives_as_in_the_library(name: str) -> None:
    sources, answers = SMALL[name]
    files = {f"{number}.bpmn": source.decode() for number, source in enumerate(sources)}
    data = {
        "application_id": 7,
        "items": ["anna", "bert", "carl"],
        "late_at": LATER,
        "give_up_at": LATER,
        "nested": [1, 2],
    }
    assert sum(walk(files, name, seed, dict(data), answers, facts) for seed in range(WALKS)) > WALKS


@pytest.mark.parametrize("folder", ["bpmn", "bench"])
def test_the_projects_own_processes_live_as_in_the_library(folder: str) -> None:
    sources = read_directory(ROOT / folder)
    answers = {
        "decide_limit": [
            {"decision": "approve", "outcome": "open"}, {"decision": "refuse", "outcome": "refused"},
            {"decision": "send_back", "outcome": "sent_back"},
            {"decision": "ask_opinion", "outcome": "open", "opinion_ids": [3, 4, 5], "opinion_due_at": LATER},
            {"decision": "add_approver", "outcome": "open", "added_id": 6, "added_due_at": LATER},
        ],
        "confirm_rating": said("confirmed", "investigate", name="rating_result"),
        "set_proposal": said("proposed", "sent_back", name="outcome"),
        "confirm_conditions": [{"conditions_met": True}, {"conditions_met": False}],
        "state_need": [{"start_at": "investigation"}],
        "investigate_customer": [{"investigation": "done"}],
        "enter_statements": [{"statements": "none"}],
        "decide_added": [
            {"added_outcome": "agreed", "outcome": "open"}, {"added_outcome": "refused", "outcome": "refused"},
        ],
        "vote": [{"vote_closed": False}, {"vote_closed": False}, {"vote_closed": True}],
        "enter_request": [{"requested_limit": 300_000}, {"requested_limit": 10_000}],
        "approve_limit": said("approve", "refuse", name="manager_decision"),
        "countersign_limit": said("approve", "refuse", name="second_decision"),
        "check_request": [{"checked": True}],
        "match_receipt": said("ask", "matched", "ask", "on_account", "set_aside", "returned", name="outcome"),
        "record_answer": said("differences", "agreed", name="outcome"),
        "follow_up_silence": said("answered", "send_again", "closed", name="outcome"),
        "settle_differences": [{"outcome": "settled"}],
        "assess_case": said("proposed", "proposed", "dropped", name="outcome"),
        "decide_action": said("approved", "approved", "sent_back", "refused", name="outcome"),
        "choose_counsel": [{"outcome": "go", "preserve": "yes"}, {"outcome": "go", "preserve": "no"}],
        "preserve_assets": said("go", name="outcome"),
        "file_claim": said("payment_order", "arbitration", "suit", name="way"),
        "record_hearing": said("next_date", "judgment", "settlement", name="outcome"),
        "record_title": [{"title_at": LATER}],
        "record_settlement": [{"title_at": LATER}],
        "follow_title": said("enforce", "enforce", "contested", "settled", "lost", name="outcome"),
        "apply_enforcement": said("another", name="outcome"),
        "record_step": said("another", "insolvency", "recovered", "uncollectable", name="outcome"),
        "record_dividend": said("recovered", "uncollectable", name="outcome"),
        "decide_on_suit": [
            {"outcome": outcome, "phase": phase}
            for outcome in ("go_on", "withdraw") for phase in ("preparation", "proceedings", "enforcement")
        ],
        "call_customer": [{"outcome": "reached", "follow_up_at": LATER}],
        "agree_escalation": [{"outcome": "escalate"}, {"outcome": "wait", "ask_again_at": LATER}],
        "send_lawyers_letter": [{"outcome": "sent"}],
        "propose_write_off": said("proposed", "proposed", "withdrawn", name="outcome"),
        "decide_write_off": said("send_back", "approve", "refuse", name="outcome"),
        "judge_promise": said("new_day", "kept", "broken", name="outcome"),
        "decide_plan": said("send_back", "approve", "refuse", name="decision"),
        "rework_plan": said("again", "withdraw", name="rework"),
        "decide_extension": said("send_back", "approve", "refuse", name="decision"),
        "rework_extension": said("again", "withdraw", name="rework"),
        "assess_order": [
            {"proposal": "security", "outcome": "open"}, {"proposal": "release", "outcome": "open"},
            {"proposal": "release", "outcome": "open"}, {"proposal": "refuse", "outcome": "refused"},
        ],
        "provide_security": said("given", "none", name="security"),
        "decide_order_release": [
            {"decision": "send_back", "outcome": "open"}, {"decision": "approve", "outcome": "approved"},
            {"decision": "refuse", "outcome": "refused"},
        ],
        "assess_harm": said("stop", "withdraw"),
        "approve_hold": said("approve", "send_back", "refuse"),
        "prove_delivery": [{"outcome": "not_delivered"}, {"outcome": "delivered", "stop_at": LATER}],
        "decide_release": said("keep", "release"),
        "plan_visit": [{"outcome": "planned", "remind_at": LATER}, {"outcome": "not_needed"}],
        "make_visit": [
            {"outcome": "put_off", "remind_at": LATER}, {"outcome": "visited", "met": True},
            {"outcome": "visited", "met": False}, {"outcome": "cancelled"},
        ],
        "record_signature": said("signed", "not_signed"),
        "seek_agreement": said("promise", "none"),
        "choose_agency": said("place", "withdraw"),
        "approve_placement": said("approve", "send_back", "refuse"),
        "hand_over_documents": [{"outcome": "handed_over"}],
        "record_report": [{"report": "recorded"}],
        "take_back_debts": said("legal_action", "none"),
        "placement_over": said("paid", "recalled", name="over"),
        "investigate_dispute": said("partly", "credited", "rejected", name="proposal"),
        "sign_contract": said("sign", "sign", "sent_back", "refused", name="outcome"),
        "record_countersignature": said("signed", "sent_back", "refused", name="outcome"),
        "decide_credit": said("send_back", "approve", "refuse", name="decision"),
        "draft_contract": [{"draft": "made"}],
        "check_clauses": [{"clauses": "checked"}],
        "answer_comments": said("rework", "insist", "agreed"),
        "decide_objections": said("agreed", "rework", "refused"),
        "decide_renewal": said("notice", "renew", "leave"),
        "give_notice": [{"outcome": "not_given", "remind_at": LATER}, {"outcome": "given"}],
    }  # fmt: skip
    for key in sources.processes:
        walked = sum(
            walk(
                sources.bundle(key),
                key,
                seed,
                {"application_id": seed, "open_amount": 120_000}
                | CALLED_WITH
                | stage(seed, key)
                | {"case_id": seed, "reopened": seed % 3 == 0},
                answers,
                own_facts,
            )
            for seed in range(WALKS)
        )
        assert walked > WALKS


CALLED_WITH = {
    "case_id": 1,
    "start_at": "investigation",
    "opinion_ids": [1, 2],
    "opinion_due_at": LATER,
    "added_id": 1,
    "dispute_id": 1,
    "review_id": 1,
    "for_credit": "yes",
    "for_finance": "no",
    "for_legal": "yes",
    "for_delivery": "no",
    "release_id": 1,
    "added_due_at": LATER,
    "remind_at": LATER,
    "check_at": LATER,
    "late_at": LATER,
}
COMMITTEE = {
    "committee_outcome": "open",
    "member_ids": [1, 2, 3, 4],
    "vote_due_at": LATER,
    "vote_closed": False,
    "outcome": "open",
}


def stage(number: int, key: str = "") -> dict[str, Any]:
    """Where a collection case stands, another one for each number; of those that the process `key` works."""
    own = [one for one, phase in BANDS.items() if f"{phase}_collection" == key] or [*BANDS, "given_up"]
    found = own[number % len(own)]
    return {"stage": found, "phase": BANDS.get(found, found), "ask_first": number % 2 == 0}


def own_facts(node: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if node == "next_level":
        over = data.get("decision") == "approve"
        asked = "committee" if data.get("level") == "cfo" else "cfo"
        level = {"level": "none", "outcome": "approved"} if over else {"level": asked, "outcome": "open"}
        return {"total_exposure": 40_000, "score": 70, "exception": "none", **level}
    if node == "find_approver":
        return {"approver_found": True, "remind_at": LATER, "escalate_at": LATER}
    if node == "read_stage":
        return stage(data["case_id"])
    return coded(node, len(data) + data.get("application_id", 0)) or facts(node, data)


def coded(node: str, turn: int) -> dict[str, Any]:
    """What the code of a node says, changing with the data at hand."""
    result = ("approved", "refused", "no_quorum")[turn % 3]
    return_to = ("entry", "investigation", "rating", "proposal")[turn % 4]
    returned = {"rework_to": return_to, "start_at": return_to if return_to != "entry" else "investigation"}
    known: dict[str, dict[str, Any]] = {
        "convene": COMMITTEE,
        "send_statement": {"remind_at": LATER, "silence_at": LATER},
        "find_suggestions": {"remind_at": LATER},
        "await_report": {"report_due_at": LATER},
        "ask_customer": {"answer_due_at": LATER},
        "count_votes": {"committee_outcome": result, "outcome": "refused" if result == "refused" else "open"},
        "close_opinions": {"answered": 1},
        "close_request": {"added_outcome": "silent", "outcome": "open"},
        "check_conditions": {"conditions_open": turn % 2 == 0, "conditions_met": turn % 2 == 1},
        "return_application": returned,
        "return_review": returned,
        "collect_internal_record": {"start_at": "investigation", "measures_due": turn % 2 == 0},
        "record_release": {"expires_at": LATER},
        "open_temporary": {"limit_opened": turn % 3 > 0, "ends_at": LATER},
        "apply_review": {"limit_unchanged": turn % 3 > 0, "start_at": "proposal"},
        "note_refusal": {"outcome": "refused"},
        "automatic_grant": {
            "barred": "no", "exception": "none", "customer_file": "complete", "rating": "valid", "rating_age": 3,
            "risk": ("low", "high")[turn % 2], "total_exposure": 9_000,
            "automatic_grant": ("yes", "no")[turn % 2],
        },
        "apply_strategy": {"grade": "BBB"},
        "find_place": {"place": ("assess", "decide", "arrange")[turn % 3]},
        "find_proceedings": {
            "place": ("file", "hear", "title")[turn % 3], "file_by_at": LATER, "title_at": LATER,
        },
        "find_enforcement": {
            "place": ("apply", "enforce", "insolvency")[turn % 3], "enforce_by_at": LATER,
        },
        "set_check_day": {"check_at": LATER},
        "check_promise": {"promise_result": ("kept", "partly", "broken")[turn % 3]},
        "find_level": {"level": "collector"},
        "next_instalment": {
            "instalment_open": turn % 3 > 0, "remind_at": LATER, "check_at": LATER, "late_at": LATER,
        },
        "check_instalment": {"missed": turn % 2 == 0},
        "check_again": {"missed": turn % 2 == 1},
        "grant_extension": {"check_at": LATER},
        "check_payment": {"paid": turn % 2 == 0},
        "find_owner": {"owner_role": "receivables", "remind_at": LATER, "escalate_at": LATER},
        "book_credit": {"result": ("credited", "partly")[turn % 2]},
        "reject_dispute": {"result": "rejected"},
        "put_under_review": {
            f"for_{area}": ("yes", "no")[(turn + place) % 2]
            for place, area in enumerate(("credit", "finance", "legal", "delivery"))
        },
        "check_credit": {"outcome": ("granted", "wanted", "not_granted")[turn % 3]},
        "request_credit": {"chase_at": LATER},
        "chase_decision": {"chase_at": LATER},
        "next_signature": {
            "value": 40_000, "deviations": turn % 2, "level": ("sales_manager", "none")[turn % 2],
            "countersign_at": LATER,
        },
        "consolidate_comments": {"outcome": ("open", "agreed", "open")[turn % 3]},
    }  # fmt: skip
    return known.get(node, {})


def test_a_list_changed_in_one_branch_is_not_changed_in_the_other() -> None:
    source = SMALL["no_join"][0][0].decode()
    parsed = definitions.parse(0, "no_join", 1, {"no_join.bpmn": source})
    workflow = LeanWorkflow(parsed.spec, parsed.subprocess_specs)
    workflow.task_tree.data = {"names": ["anna"]}
    workflow.run_to_rest(lambda task: task.run(), set())
    loaded = codec.load(codec.dump(workflow), parsed.spec, parsed.subprocess_specs)
    one, two = (task for task in loaded.all_tasks() if task.task_spec.name in ("a", "b"))
    one.data["names"].append("bert")
    assert two.data["names"] == ["anna"]


def test_the_state_of_a_loop_does_not_grow_with_its_rounds() -> None:
    sources, _ = SMALL["rework"]
    parsed = definitions.parse(0, "rework", 1, {"rework.bpmn": sources[0].decode()})
    workflow = LeanWorkflow(parsed.spec, parsed.subprocess_specs)
    sizes = []
    for turn in range(60):
        workflow.host = Host(lambda node, data: {})
        workflow.run_to_rest(lambda task: task.run(), set())
        task = next(task for task in workflow.all_tasks() if task.state == TaskState.READY)
        task.data.update({"amount": turn, "outcome": "again"})
        task.run()
        workflow.run_to_rest(lambda task: task.run(), set())
        state = codec.dump(workflow)
        sizes.append(len(state))
        workflow = codec.load(state, parsed.spec, parsed.subprocess_specs)
    assert max(sizes[10:]) < min(sizes[2:10]) * 1.6
