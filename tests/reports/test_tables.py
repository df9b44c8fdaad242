"""Tables for spreadsheets: text never becomes a formula, numbers and days stay what they are."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from credit_app.reports import tables
from credit_app.reports.tables import safe_text, table

HEADINGS = ["Name", "=Amount"]


def read_csv(rows: list[Any]) -> list[list[str]]:
    data = b"".join(table("csv", "List", HEADINGS, rows, "Asia/Shanghai"))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data[3:].decode(), newline=""), strict=True))


def read_xlsx(rows: list[Any]) -> list[list[Any]]:
    data = b"".join(table("xlsx", "A/B [list]", HEADINGS, rows, "Asia/Shanghai"))
    book = load_workbook(io.BytesIO(data))
    return [list(row) for page in book.worksheets for row in page.iter_rows()]


HOSTILE = [
    "=1+1", "+1", "-2+3", "@SUM(A1)", "\tx", "\rx", "＝1+1", "  =1", "\n=cmd|'/c calc'!A1", "=HYPERLINK(\"//x\")",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(text: str) -> None:
    [heading, [cell, amount]] = read_csv([[text, Decimal("-5.10")]])
    assert (heading[1], cell[0], amount) == ("'=Amount", "'", "-5.10")
    [_heading, [cell, amount]] = read_xlsx([[text, Decimal("-5.10")]])
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert (amount.data_type, Decimal(str(amount.value))) == ("n", Decimal("-5.1"))


def test_numbers_and_days_stay_numbers_and_days() -> None:
    instant = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
    row = [7, Decimal("1234.50"), date(2026, 3, 10), instant, None, 'a,"b"\r\nc', "#N/A"]
    told = ["7", "1234.50", "2026-03-10", "2026-03-11 04:00:00", "", 'a,"b"\r\nc', "#N/A"]
    assert read_csv([row])[1] == told
    [_heading, cells] = read_xlsx([row])
    kinds = [(cell.data_type, cell.value) for cell in cells]
    assert kinds[0] == ("n", 7)
    assert [kind for kind, _value in kinds] == ["n", "n", "d", "d", "n", "s", "s"]
    assert cells[2].value.date() == date(2026, 3, 10)
    assert cells[3].value == datetime(2026, 3, 11, 4, 0)  # noqa: DTZ001 - workbooks know no zones
    assert cells[6].value == "#N/A"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_written_and_read_again(text: str) -> None:
    safe = safe_text(text)
    assert not safe.lstrip(" \n\u00a0\u3000\ufeff").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert read_csv([[text, 1]])[1][0] == safe
    shown = read_xlsx([[text, 1]])[1][0].value or ""
    assert "".join(str(shown).split()) == "".join(safe.split())


def test_what_no_spreadsheet_holds_is_cut_or_marked() -> None:
    long, control = "x" * 100_000, "a\x00b\x1b\ud800"
    for read in (read_csv, read_xlsx):
        [_heading, first] = [
            [str(getattr(cell, "value", cell)) for cell in row] for row in read([[long, control]])
        ]
        assert len(first[0]) < tables.LONGEST
        assert first[1] == "a\ufffdb\ufffd\ufffd"


def test_an_empty_table_has_its_heading_and_a_long_one_more_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_csv([]) == [["Name", "'=Amount"]]
    assert len(read_xlsx([])) == 1
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    shown = [row[0].value for row in read_xlsx([[str(n), n] for n in range(5)])]
    assert shown == ["Name", "0", "1", "Name", "2", "3", "Name", "4"]


def test_rows_are_sent_as_they_come() -> None:
    taken = 0

    def rows() -> Any:
        nonlocal taken
        for taken in range(10_000):
            yield ["x" * 100, taken]

    chunks = table("csv", "List", HEADINGS, rows())
    next(chunks)
    assert taken < 2_000
