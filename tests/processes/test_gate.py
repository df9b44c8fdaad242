"""The gate: what the engine would do wrong never becomes a definition, and the refusal names it."""

from pathlib import Path
from typing import Any

import pytest

from tests.processes.small import (
    Node,
    boundary,
    bpmn,
    call,
    catch,
    end,
    first_of,
    fork,
    inside,
    message,
    repeated,
    rule,
    script,
    service,
    several,
    start,
    throw,
    timer,
    user,
    xor,
)  # fmt: skip
from workflows import DefinitionRefused, read_directory

OK = bpmn("small", start(), user("work"), end(), "begin > work", "work > done")


def process(*parts: Any, **options: Any) -> bytes:
    return bpmn("small", start(), end(), *parts, **options)


def beside(inner: str) -> bytes:
    return process(user("work"), "begin > work", "work > done", extra=inner)


def xor_with(*flows: str, **attributes: str) -> bytes:
    return process(user("a"), xor("choice", **attributes), end("other"), "begin > a", "a > choice", *flows)


REFUSED: dict[str, tuple[str, bytes]] = {
    "complex gateway": ("complex_gateway", process(Node("complexGateway", "hard"), "begin > hard", "hard > done")),
    "ad hoc sub-process": ("ad_hoc_sub_process", process(Node("adHocSubProcess", "any"), "begin > any", "any > done")),
    "transaction": ("transaction", process(Node("transaction", "tx"), "begin > tx", "tx > done")),
    "compensation": ("compensation", process(throw("back", "<bpmn:compensateEventDefinition />"), "begin > back")),
    "link": ("link_event", process(throw("over", '<bpmn:linkEventDefinition name="x" />'), "begin > over")),
    "conditional": (
        "conditional_event",
        process(catch("if_so",
        "<bpmn:conditionalEventDefinition><bpmn:condition /></bpmn:conditionalEventDefinition>")),
    ),
    "standard loop": ("standard_loop", process(user("work", "<bpmn:standardLoopCharacteristics />"), "begin > work")),
    "event sub-process": ("event_sub_process", process(Node("subProcess", "body", triggeredByEvent="true"))),
    "signal end": ("signal_end", process(end("shout", '<bpmn:signalEventDefinition signalRef="s" />'),
    "begin > shout")),
    "two timers behind a gateway": (
        "event_gateway_timers",
        process(first_of("which"), catch("a", timer('"PT1H"')), catch("b", timer('"PT2H"')), "begin > which",
        "which > a",
                "which > b", "a > done", "b > done"),
    ),
    "reminder to a person": (
        "reminder_user_task",
        process(user("work"), boundary("late", "work", timer('"PT1H"'), False), service("nudge"), user("chase"),
                "begin > work", "work > done", "late > nudge", "nudge > chase", "chase > done"),
    ),
    "cycle without limit": ("unbounded_cycle", process(catch("tick", timer('"R/PT1H"', "timeCycle")), "begin > tick",
    "tick > done")),
    "cycle with limit -1": ("unbounded_cycle", process(catch("tick", timer('"R-1/PT1H"', "timeCycle")),
    "begin > tick")),
    "cycle from a variable": ("unbounded_cycle", process(catch("tick", timer("tick_text", "timeCycle")),
    "begin > tick")),
    "user task without lane": ("no_lane", process(user("work"), "begin > work", "work > done", lane=None)),
    "plain task without lane": ("no_lane", process(Node("task", "work"), "begin > work", "work > done", lane=None)),
    "default flow": (
        "default_flow", xor_with("choice > done : a == 1", "choice > other", default="choice_to_other"),
    ),
    "flow without condition": ("no_condition", xor_with("choice > done : a == 1", "choice > other")),
    "parallel block in a loop": (
        "parallel_in_loop",
        process(fork("split"), user("a"), user("b"), fork("join"), xor("again"), "begin > split", "split > a",
        "split > b",
                "a > join", "b > join", "join > again", "again > split : x == 1", "again > done : x == 2"),
    ),
    "inclusive join in a loop": (
        "parallel_in_loop",
        process(several("split"), user("a"), xor("again"), "begin > split", "split > a : x == 1", "a > again",
                "again > split : x == 1", "again > done : x == 2"),
    ),
    "parallel block in a loop through a boundary": (
        "parallel_in_loop",
        process(fork("split"), user("a"), boundary("late", "a", message("m")), "begin > split", "split > a",
        "late > split",
                "a > done", messages=["m"]),
    ),
    "repeated task in a loop": (
        "repeated_in_loop",
        process(user("vote", repeated()), xor("again"), "begin > vote", "vote > again", "again > vote : x == 1",
                "again > done : x == 2"),
    ),
    "attack in a condition": ("expression", xor_with("choice > done : ().__class__", "choice > other : a == 2")),
    "condition that cannot be read": ("expression", xor_with("choice > done : a ==", "choice > other : a == 2")),
    "attack in a timer": ("expression", process(catch("t", timer("__import__('os')")), "begin > t", "t > done")),
    "attack in a repetition": ("expression", process(user("vote", repeated(until="open('x')")), "begin > vote")),
    "attack in a script": ("script", process(script("s", "import os"), "begin > s", "s > done")),
    "attack in a second line": ("script", process(script("s", "a = 1\n__import__('os').system('x')"), "begin > s")),
    "script without script": ("script", process(Node("scriptTask", "s"), "begin > s", "s > done")),
    "two nodes with one id": ("duplicate_id", process(user("work"), user("work"), "begin > work", "work > done")),
    "id with capitals": ("id", process(user("Work"), "begin > Work", "Work > done")),
    "id that climbs folders": ("id", bpmn("../../etc", start(), end(), "begin > done")),
    "lane that is no role": ("id", process(user("work"), "begin > work", "work > done", lane="Sales Rep")),
    "name with markup": ("name", process(Node("userTask", "work", name="<img src=x>"), "begin > work", "work > done")),
    "name that turns the text round": ("name", process(Node("userTask", "work", name="pay\u202eyap"), "begin > work")),
    "name without end": ("name", process(Node("userTask", "work", name="a" * 121), "begin > work", "work > done")),
    "name of a flow with markup": (
        "name", beside('<bpmn:sequenceFlow id="f" name="&lt;b&gt;" sourceRef="work" targetRef="done" />'),
    ),
    "extension that repeats an id": (
        "extension_id", beside('<bpmn:extensionElements><x xmlns="urn:x" id="work" /></bpmn:extensionElements>'),
    ),
    "hundreds of nodes": ("too_many_nodes", process(*[user(f"u{number}") for number in range(400)])),
    "two processes": ("one_process", OK.replace(b"</bpmn:definitions>",
    b'<bpmn:process id="b" /></bpmn:definitions>')),
    "no process": ("one_process", OK.replace(b"bpmn:process", b"bpmn:choreography")),
    "unknown called process": ("unknown_process", process(call("sub", "nowhere"), "begin > sub", "sub > done")),
    "unknown decision": ("unknown_decision", process(rule("ask", "nowhere"), "begin > ask", "ask > done")),
    "no XML": ("not_xml", b"hello"),
    "truncated": ("not_xml", OK[: len(OK) // 2]),
    "empty": ("not_xml", b""),
    "DOCTYPE": ("doctype", OK.replace(b"?>", b"?><!DOCTYPE x>", 1)),
    "entity": (
        "doctype", OK.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1).replace(b"Rep",
        b"&e;"),
    ),
    "billion laughs": (
        "doctype",
        OK.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>', 1),
    ),
    "style sheet": ("instruction", OK.replace(b"?>", b'?><?xml-stylesheet href="x"?>', 1)),
    "5 MB": ("too_large", OK + b" " * 5_000_000),
    "UTF-16 with an entity": ("encoding", OK.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
    "another encoding": ("encoding", OK.replace(b"UTF-8", b"GB18030")),
    "wrong bytes": ("encoding", OK.replace(b"Rep", b"R\xe9p")),
    "deep nesting": ("not_xml", b"<a>" * 3000 + b"</a>" * 3000),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_diagram_is_refused_for(what: str, tmp_path: Path) -> None:
    reason, content = REFUSED[what]
    (tmp_path / "strange.bpmn").write_bytes(content)
    with pytest.raises(DefinitionRefused) as refused:
        read_directory(tmp_path).bundle("small")
    assert refused.value.reason == reason, refused.value.sentence
    assert len(refused.value.sentence) < 400


def test_a_plain_diagram_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "fine.bpmn").write_bytes(OK)
    assert list(read_directory(tmp_path).processes) == ["small"]


def test_an_embedded_sub_process_with_lanes_outside_is_accepted(tmp_path: Path) -> None:
    content = process(
        inside("body", start("b"), user("work"), end("e"), "b > work", "work > e"),
        "begin > body",
        "body > done",
    )
    (tmp_path / "fine.bpmn").write_bytes(content)
    assert read_directory(tmp_path).processes["small"][0].sub_processes == {"body"}


def test_two_files_of_one_process_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(OK)
    (tmp_path / "b.bpmn").write_bytes(OK)
    with pytest.raises(DefinitionRefused, match=r"b\.bpmn") as refused:
        read_directory(tmp_path)
    assert refused.value.reason == "duplicate_id"


def test_a_called_process_must_declare_what_goes_in_and_out(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(process(call("sub", "inner"), "begin > sub", "sub > done"))
    (tmp_path / "b.bpmn").write_bytes(bpmn("inner", start(), end(), "begin > done"))
    with pytest.raises(DefinitionRefused) as refused:
        read_directory(tmp_path)
    assert refused.value.reason == "no_io_specification"


# --- decision tables ----------------------------------------------------------------------------------------------

TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
<decision id="levels" name="Levels"><decisionTable id="table" hitPolicy="UNIQUE">
<input id="in1" label="Amount"><inputExpression id="ie1" typeRef="number"><text>amount</text></inputExpression></input>
<output id="out1" label="Level" name="level" typeRef="string" />
<rule id="small"><inputEntry id="c1"><text>&lt;= 50</text></inputEntry>
<outputEntry id="o1"><text>"one"</text></outputEntry></rule>
<rule id="large"><inputEntry id="c2"><text>&gt; 50</text></inputEntry>
<outputEntry id="o2"><text>"two"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.mark.parametrize(
    ("reason", "old", "new"),
    [
        ("hit_policy", '"UNIQUE"', '"FIRST"'), ("hit_policy", '"UNIQUE"', '"COLLECT"'),
        ("hit_policy", '"UNIQUE"', '"UNIQUE" aggregation="SUM"'), ("id", 'decision id="levels"', 'decision id="../x"'),
        ("one_decision", "</decision>", '</decision><decision id="two" />'), ("one_decision", "decision id",
        "knowledge id"),
        ("one_table", "decisionTable", "literalExpression"), ("cell", "&gt; 50", "__import__('os')"),
        ("cell", '"two"', "().__class__"), ("cell", "<text>amount</text>", "<text>open('x')</text>"),
        ("cell", "&gt; 50", "[1..5]"), ("cell_list", "&gt; 50", "1,5,7"), ("cell", "&gt; 50", "not(5)"),
    ],
)  # fmt: skip
def test_a_decision_table_is_refused_for(reason: str, old: str, new: str, tmp_path: Path) -> None:
    assert old in TABLE
    changed = TABLE.replace(old, new)
    if old in ("decision id", "decisionTable"):
        changed = changed.replace("</decision>", "</knowledge>") if old == "decision id" else changed
    (tmp_path / "strange.dmn").write_text(changed)
    with pytest.raises(DefinitionRefused) as refused:
        read_directory(tmp_path)
    assert refused.value.reason == reason, refused.value.sentence


def test_a_plain_decision_table_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "fine.dmn").write_text(TABLE)
    assert list(read_directory(tmp_path).decisions) == ["levels"]
