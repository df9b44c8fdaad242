"""The command `credit rating backtest`."""

import gzip
from pathlib import Path

from click.testing import CliRunner, Result

from credit_app.cli import cli
from tests.domain.test_backtest import SICK, SOUND, arff
from workflows import Refused


def run(file: Path) -> Result:
    return CliRunner().invoke(cli, ["rating", "backtest", "--file", str(file)])


def test_without_the_file_it_says_that_it_was_skipped(tmp_path: Path) -> None:
    shown = run(tmp_path / "none.arff")
    assert shown.exit_code == 0
    assert shown.output.startswith("skipped: there is no file")


def test_what_is_not_the_set_is_refused_in_one_sentence(tmp_path: Path) -> None:
    wrong, broken = tmp_path / "wrong.arff", tmp_path / "broken.arff.gz"
    wrong.write_text("a,b\n1,2\n")
    broken.write_bytes(b"no gzip")
    for file in (wrong, broken):
        error = run(file).exception
        assert isinstance(error, Refused)
        assert f"{file.name} is not the set" in str(error)


def test_it_shows_both_areas_and_the_failures_by_grade_of_the_rows_held_out(tmp_path: Path) -> None:
    rows = [(SOUND | {1: f"0.13{number}"}, "0") for number in range(100)]
    rows += [(SICK | {1: f"-0.1{number}"}, "1") for number in range(50)]
    file = tmp_path / "set.arff.gz"
    file.write_bytes(gzip.compress("\n".join(arff(*rows)).encode()))
    shown = run(file)
    assert shown.exit_code == 0, shown.exception
    assert "150 companies; held out by the hash of the row: 30 %" in shown.output
    assert "AUC of the scorecard  1.000 (95 % interval 1.000 to 1.000, DeLong)" in shown.output
    assert "AUC of Altman's Z″    1.000" in shown.output
    assert "scorecard, by grade: failures rise with every step down" in shown.output
    assert "100.00%" in shown.output
