"""Definitions: immutable versions; a running process stays on its own, and starts share the newest."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from tests.processes.kit import ANNA, Platform
from tests.processes.small import bpmn, call, end, rule, service, start, user
from tests.processes.test_gate import TABLE
from workflows import DecisionFailed, DefinitionRefused, Engine, NotFound, deploy_directory, history
from workflows.definitions import digest

OUTER = bpmn("outer", start(), call("body", "inner"), end(), "begin > body", "body > done")


def inner(*nodes: str) -> bytes:
    flows = [f"{a} > {b}" for a, b in zip(("begin", *nodes), (*nodes, "done"), strict=True)]
    return bpmn(
        "inner",
        start(),
        *[user(node) for node in nodes],
        end(),
        *flows,
        takes=["asked"],
        gives=["asked_again"],
    )


def test_a_changed_file_is_a_new_version_of_all_that_call_it(platform: Platform) -> None:
    assert platform.deploy(OUTER, inner("work")) == [("outer", 1), ("inner", 1)]
    assert platform.deploy(OUTER, inner("work")) == []
    assert platform.deploy(OUTER, inner("work", "check")) == [("outer", 2), ("inner", 2)]
    changed = OUTER.replace(b'name="Rep"', b'name="Sales rep"')
    assert platform.deploy(changed, inner("work", "check")) == [("outer", 3)]
    assert platform.deploy(OUTER, inner("work")) == [("outer", 4), ("inner", 3)]  # back is a version too


def test_a_running_process_stays_on_the_version_it_began_with(platform: Platform) -> None:
    platform.draw(user("work"), user("last"), "begin > work", "work > last", "last > done")
    old = platform.start()
    platform.draw(user("work"), service("check"), user("other"), "begin > work", "work > check", "check > other",
                  "other > done")  # fmt: skip
    new = platform.start()
    platform.engine = Engine(platform.code)  # as after a restart
    assert platform.complete(old.opened[0].id).opened[0].node == "last"
    assert platform.complete(new.opened[0].id).opened[0].node == "other"
    assert platform.complete(platform.rows("open_task")[0]["id"]).ended
    used = {row["instance_id"]: row["definition_id"] for row in platform.rows("history")}
    assert used[old.instance_id] < used[new.instance_id]


def test_a_version_is_known_by_everything_it_consists_of(platform: Platform) -> None:
    platform.draw(user("work"), "begin > work", "work > done")
    row = platform.owner.execute(
        text("SELECT files::json -> 'small.bpmn', sha256 FROM definition WHERE key = 'small'")
    ).one()
    assert row.sha256 == digest({"small.bpmn": row[0]})
    assert digest({"a": "x", "b": "y"}) != digest({"a": "xb", "": "y"})


def test_a_changed_decision_table_is_a_new_version(platform: Platform) -> None:
    asks = bpmn(
        "asks",
        start(),
        rule("ask", "levels"),
        user("work"),
        end(),
        "begin > ask",
        "ask > work",
        "work > done",
    )
    assert platform.deploy(asks, levels_dmn=TABLE.encode()) == [("asks", 1)]
    assert platform.deploy(asks, levels_dmn=TABLE.replace('"two"', '"three"').encode()) == [("asks", 2)]


def test_a_decision_tells_what_it_was_asked_which_row_matched_and_what_it_said(platform: Platform) -> None:
    asks = bpmn(
        "asks",
        start(),
        rule("ask", "levels"),
        user("work"),
        end(),
        "begin > ask",
        "ask > work",
        "work > done",
    )
    platform.deploy(asks, levels_dmn=TABLE.encode())
    platform.code.asked["ask"] = lambda action: {"amount": 80}
    platform.code.given["ask"] = lambda action, row: {"next": row["level"].upper()}
    rest = platform.start("asks")
    event = next(
        event for event in history.timeline(platform.session, rest.instance_id) if event["kind"] == "decided"
    )
    assert event["payload"]["inputs"] == {"amount": 80}
    decided = event["payload"]["rule"]
    assert len(decided.pop("sha256")) == 64
    assert decided == {"decision": "levels", "table": "table", "row": 2, "id": "large"}
    assert event["payload"]["outputs"] == {"level": "two"}
    assert event["payload"]["data"] == {"next": [None, "TWO"]}


@pytest.mark.parametrize(
    "table", [TABLE.replace("&lt;= 50", "&gt; 10"), TABLE.replace("&gt; 50", "&gt; 500")]
)
def test_a_table_that_matches_several_rows_or_none_parks_the_process(platform: Platform, table: str) -> None:
    asks = bpmn(
        "asks",
        start(),
        rule("ask", "levels"),
        user("work"),
        end(),
        "begin > ask",
        "ask > work",
        "work > done",
    )
    platform.deploy(asks, levels_dmn=table.encode())
    platform.code.asked["ask"] = lambda action: {"amount": 80}
    assert platform.start("asks").parked == ("ask",)
    assert platform.rows("timer")[0]["last_error"].startswith(DecisionFailed.__name__)


def test_nothing_is_stored_unless_every_file_is_accepted(platform: Platform) -> None:
    broken = bpmn("broken", start(), user("work"), end(), "begin > work", "work > done : ().__class__",
                  lane=None)  # fmt: skip
    with pytest.raises(DefinitionRefused):
        platform.deploy(inner("work"), broken)
    platform.owner.rollback()
    query = text("SELECT count(*) FROM definition WHERE key IN ('inner', 'broken')")
    assert platform.owner.execute(query).scalar() == 0


def test_starts_at_the_same_time_store_one_version(platform: Platform, database_url: str) -> None:
    (platform.folder / "a.bpmn").write_bytes(OUTER)
    (platform.folder / "b.bpmn").write_bytes(inner("work"))
    deployed: list[list[tuple[str, int]]] = []

    def deploy() -> None:
        engine = make_engine(database_url)
        with Session(engine) as session:
            deployed.append(deploy_directory(session, platform.folder))
            session.commit()
        engine.dispose()

    threads = [threading.Thread(target=deploy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(map(len, deployed)) == [0, 0, 0, 2]


def test_a_process_that_does_not_exist_cannot_be_started(platform: Platform) -> None:
    with pytest.raises(NotFound):
        platform.engine.start(platform.session, "nowhere", 1, {}, ANNA, "test")


def test_threads_share_definitions_parsed_once(platform: Platform, database_app_url: str) -> None:
    platform.draw(user("work"), "begin > work", "work > done")
    number = platform.owner.execute(text("SELECT id FROM definition WHERE key = 'small'")).scalar_one()
    found = []

    def look() -> None:
        engine = make_engine(database_app_url)
        with Session(engine) as session:
            found.append(platform.engine.definitions.get(session, number))
        engine.dispose()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len({id(parsed) for parsed in found}) == 1
