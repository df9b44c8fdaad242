"""Published versions of a decision table: from their day on they decide, before it the older ones do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.facts.matrices import MatrixRefused, matrices, matrix, problems_of, publish_matrix
from tests.factories import NOW, TODAY
from tests.processes.conftest import Desk
from workflows import DefinitionRefused, Refused, clock, grid, history
from workflows.decisions import decide, digest, in_force
from workflows.grid import GridRow, read_grid, write_grid

MATRIX = "authority_matrix"


def changed(rows: tuple[GridRow, ...], find: str, put: str) -> list[GridRow]:
    """The rows with one bound moved."""
    return [
        replace(row, conditions=tuple(cell.replace(find, put) for cell in row.conditions)) for row in rows
    ]


@pytest.fixture
def publish(desk: Desk) -> Callable[..., None]:
    """The credit manager publishes a version whose smallest band ends at another amount."""

    def act(amount: str, valid_from: date, today: date = TODAY) -> None:
        kept = matrix(desk.session, MATRIX)
        rows = changed(read_grid(kept.shipped).rows, "50000", amount)
        # 250000 holds 50000 too.
        rows = changed(tuple(rows), f"2{amount}", "250000")
        publish_matrix(
            desk.session, kept, rows, valid_from, "Smaller cases to analysts", desk.cast.carla.id, today
        )
        desk.session.commit()

    return act


def final_level(desk: Desk) -> tuple[str, dict[str, object]]:
    """What the matrix says of an application over 40,000, and the rule as the history keeps it."""
    application = desk.in_approval(desk.customer())
    event = history.last_of_kind(desk.session, application.instance_id or 0, "decided")
    assert event is not None
    return event["payload"]["outputs"]["final_level"], event["payload"]["rule"]


def test_without_a_published_version_the_programs_own_table_decides(desk: Desk) -> None:
    level, rule = final_level(desk)
    assert level == "credit_analyst"
    assert "version" not in rule
    assert rule["sha256"] == digest((resources.bpmn() / "authority_matrix.dmn").read_text())


def test_a_version_decides_from_its_day_on_and_not_before(desk: Desk, publish: Callable[..., None]) -> None:
    publish("30000", TODAY + timedelta(days=7))
    assert final_level(desk)[0] == "credit_analyst"
    with clock.at(NOW + timedelta(days=7)):
        level, rule = final_level(desk)
    assert level == "credit_manager"
    assert rule["version"] == 1
    assert rule["decision"] == MATRIX
    assert rule["sha256"] == matrix(desk.session, MATRIX).versions[0].sha256


def test_a_later_version_of_the_same_day_replaces_the_earlier_one(
    desk: Desk, publish: Callable[..., None]
) -> None:
    publish("30000", TODAY)
    publish("45000", TODAY)
    level, rule = final_level(desk)
    assert (level, rule["version"]) == ("credit_analyst", 2)


def test_an_old_day_is_decided_again_as_it_was_then(desk: Desk, publish: Callable[..., None]) -> None:
    shipped = matrix(desk.session, MATRIX).shipped
    publish("30000", TODAY)
    with clock.at(NOW + timedelta(days=30)):
        publish("20000", TODAY + timedelta(days=30), TODAY + timedelta(days=30))
    case = {"total_exposure": 25_000, "score": 80, "exception": "none"}
    answers = {}
    for days in (-1, 0, 29, 30, 400):
        table = in_force(desk.session, MATRIX, TODAY + timedelta(days=days), shipped)
        answers[days] = (table.version, decide(table.table, case).outputs["final_level"])
    assert answers == {
        -1: (None, "credit_analyst"),
        0: (1, "credit_analyst"),
        29: (1, "credit_analyst"),
        30: (2, "credit_manager"),
        400: (2, "credit_manager"),
    }


@pytest.mark.parametrize(
    ("find", "put", "place"),
    [
        ("<= 50000", "< 50000", "No row for: Total exposure of the group 50000"),
        ("<= 250000", "<= 300000", "Rows 3 and 4 both match: Total exposure of the group above 250000"),
        ("<= 50000", "at most 50000", "Row 1: “at most 50000” is no condition"),
    ],
)
def test_a_gap_or_an_overlap_is_refused_with_its_place(desk: Desk, find: str, put: str, place: str) -> None:
    kept = matrix(desk.session, MATRIX)
    rows = changed(read_grid(kept.shipped).rows, find, put)
    with pytest.raises(MatrixRefused) as refused:
        publish_matrix(desk.session, kept, rows, TODAY, "Try", desk.cast.carla.id, TODAY)
    assert any(problem.text.startswith(place) for problem in refused.value.problems)
    assert matrix(desk.session, MATRIX).versions == ()


@pytest.mark.parametrize(
    ("results", "says"),
    [
        (('"credit_analyst"', '"boss"'), "Row 1: “boss” is none of the values of “Last level”"),
        (
            ('"credit_manager"', '"credit_analyst"'),
            "Row 1: The first approval level credit_manager lies above",
        ),
        (('"credit_analyst"', "len"), "Row 1: “len” is no answer for “Last level”"),
    ],
)
def test_an_answer_that_the_program_does_not_know_is_refused(
    desk: Desk, results: tuple[str, str], says: str
) -> None:
    kept = matrix(desk.session, MATRIX)
    first, *others = read_grid(kept.shipped).rows
    rows = [replace(first, results=results), *others]
    with pytest.raises(MatrixRefused) as refused:
        publish_matrix(desk.session, kept, rows, TODAY, "Try", desk.cast.carla.id, TODAY)
    assert refused.value.problems[0].text.startswith(says)


def test_a_past_day_no_reason_and_no_change_are_refused(desk: Desk) -> None:
    kept = matrix(desk.session, MATRIX)
    rows = list(read_grid(kept.shipped).rows)
    less = changed(tuple(rows), "< 55", "< 60")
    less = changed(tuple(less), ">= 55", ">= 60")
    for values, says in (
        ((less, TODAY - timedelta(days=1), "Why"), "today or a later day"),
        ((less, TODAY, "  "), "Give a reason"),
    ):
        given, day, reason = values
        with pytest.raises(Refused, match=says):
            publish_matrix(desk.session, kept, given, day, reason, desk.cast.carla.id, TODAY)
    publish_matrix(desk.session, kept, less, TODAY, "Why", desk.cast.carla.id, TODAY)
    with pytest.raises(Refused, match="Nothing is changed"):
        publish_matrix(
            desk.session, matrix(desk.session, MATRIX), less, TODAY, "Why", desk.cast.carla.id, TODAY
        )


def test_a_table_with_other_columns_is_refused(desk: Desk) -> None:
    shipped = matrix(desk.session, MATRIX).shipped
    other = shipped.replace("<text>score</text>", "<text>points</text>")
    with pytest.raises(DefinitionRefused, match="only its rows"):
        grid.publish(desk.session, other, shipped, TODAY, "Try", None)
    with pytest.raises(DefinitionRefused, match="UNIQUE"):
        grid.publish(desk.session, shipped.replace('"UNIQUE"', '"FIRST"'), shipped, TODAY, "Try", None)


def test_every_shipped_table_has_exactly_one_row_for_every_case(desk: Desk) -> None:
    found = matrices(desk.session)
    assert MATRIX in [kept.decision for kept in found]
    for kept in found:
        table = read_grid(kept.shipped)
        assert [problem.text for problem in problems_of(table, table.rows)] == [], kept.decision
        assert read_grid(write_grid(kept.shipped, table.rows)) == table


def test_a_new_row_gets_an_id_of_its_own(session: Session) -> None:
    content = (resources.bpmn() / "authority_matrix.dmn").read_text()
    rows = read_grid(content).rows
    added = [
        *rows,
        replace(rows[0], id="", note="A new one"),
        replace(rows[0], id="row_1"),
        replace(rows[0], id="<x>"),
    ]
    written = read_grid(write_grid(content, added)).rows
    assert [row.id for row in written[-3:]] == ["row_2", "row_1", "row_3"]
    assert written[len(rows)].note == "A new one"
