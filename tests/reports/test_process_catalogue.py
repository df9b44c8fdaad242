"""The page about the processes says what the diagrams say."""

import re
from pathlib import Path

import pytest

from credit_app.reports.process_catalogue import catalogue

ROOT = Path(__file__).parents[2]


def test_the_committed_page_is_the_one_the_diagrams_give() -> None:
    committed = (ROOT / "docs" / "processes.md").read_text(encoding="utf-8")
    assert catalogue(ROOT / "bpmn") == committed, (
        "write it again: python -m credit_app.reports.process_catalogue bpmn docs/processes.md"
    )


def test_a_reader_finds_who_decides_when_and_how_it_can_end() -> None:
    page = catalogue(ROOT / "bpmn")
    assert "| Enter application | Sales rep | person |" in page
    assert '| Decision? | approve | `decision == "approve"` | Find next level |' in page
    assert "| Decide limit | Reminder due | at `remind_at`" in page
    assert "| Limit granted | Open limit |" in page
    assert '| 4 | `? > 250000 and ? <= 1000000` | `-` | `"none"` | `"credit_manager"` |' in page


def test_every_step_decision_and_end_of_every_diagram_is_named() -> None:
    page = catalogue(ROOT / "bpmn")
    named = re.compile(
        r'<bpmn:(?:\w+Task|callActivity|exclusiveGateway|endEvent|boundaryEvent) id="\w+" name="([^"]+)"'
    )
    names = {
        name for path in (ROOT / "bpmn").glob("*.bpmn") for name in named.findall(path.read_text("utf-8"))
    }
    assert len(names) > 20
    assert not [name for name in names if f"| {name} |" not in page]


def test_a_file_from_outside_brings_nothing_in(tmp_path: Path) -> None:
    (tmp_path / "bad.bpmn").write_text('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>')
    with pytest.raises(ValueError, match="DOCTYPE"):
        catalogue(tmp_path)
