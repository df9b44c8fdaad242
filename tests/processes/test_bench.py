"""The bench measures what it says: both sides run the same process to its end."""

from bench import memory, report
from bench.case import ANSWERS, STEPS


def test_both_sides_of_the_comparison_finish_the_process() -> None:
    found = memory.load_complete_save(rounds=2)
    assert found["our_bytes"] < found["stock_bytes"] / 5
    assert min(found.values()) > 0
    assert len(ANSWERS) == STEPS == 4


def test_the_table_marks_what_is_met_and_what_is_missed() -> None:
    figures = [
        report.Figure("A", "<= 1", "0", True), report.Figure("B", "<= 1", "2", False), report.Figure("C", "", "3",
        None),
    ]  # fmt: skip
    lines = report.table(figures).splitlines()[2:]
    assert [line[0] for line in lines] == ["+", "!", " "]
