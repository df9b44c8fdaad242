"""Files of every make: encodings, delimiters, workbooks, and what is no table at all."""

import codecs
import io
import zipfile
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.importers import FileRefused, import_file, load_mapping, reading
from credit_app.importers.encodings import find_encoding
from credit_app.importers.reading import open_table
from credit_app.importers.report import MOST_PROBLEMS
from credit_app.models import Customer, ImportBatch, ReceivableItem
from tests.factories import make_customer
from tests.importers.conftest import CUSTOMERS, INVOICES, Import, lines

CHINESE = "K1,华鑫实业集团有限公司,91310000,CN,机械制造,上海,上海市浦东新区世纪大道一百号"
GERMAN = "K1,Müller & Söhne GmbH,HRB 7,DE,Großhandel,Köln,Übersee-Straße 5"


@pytest.mark.parametrize(
    ("encoding", "row"),
    [
        ("utf-8", CHINESE),
        ("utf-8-sig", CHINESE),
        ("utf-16", CHINESE),
        ("utf-16-le", GERMAN),
        ("utf-16-be", GERMAN),
        ("utf-32", CHINESE),
        ("gb18030", CHINESE),
        ("gbk", CHINESE),
        ("cp1252", GERMAN),
        ("iso-8859-1", GERMAN),
    ],
)
def test_common_encodings_are_told_apart(session: Session, run: Import, encoding: str, row: str) -> None:
    report = run("customers", lines(CUSTOMERS, row).encode(encoding))
    [customer] = session.scalars(select(Customer))
    assert [customer.name, customer.city] == [row.split(",")[1], row.split(",")[5]]
    assert report.rows_new == 1


common_han = st.integers(0xB0, 0xD7).flatmap(
    lambda high: st.integers(0xA1, 0xF9).map(lambda low: bytes([high, low]).decode("gb2312"))
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(common_han, min_size=4, max_size=20), min_size=1, max_size=5))
@example(["中国银行股份有限公司"])
def test_chinese_text_is_read_as_written(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "file.csv"
    with suppress(UnicodeDecodeError):  # 隆隆 in GB 18030 is ¡¡ in UTF-8: what can be UTF-8 is taken as that
        assume("\n".join(names).encode("gb18030").decode("utf-8") is None)
    for encoding in ("gb18030", "utf-8", "utf-16"):
        path.write_bytes(("name\n" + "\n".join(names)).encode(encoding))
        assert path.read_text(find_encoding(path)).split("\n")[1:] == names


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00\ufeff"), min_size=1))
def test_whatever_is_utf8_is_read_as_utf8(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode())
    assert path.read_bytes().decode(find_encoding(path)) == text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
@example(content=b"PK\x03\x04")
@example(content=codecs.BOM_UTF16_LE + b"\x00")
@example(content=b'"')
@example(content=b'customer_id,name\n"K1,x')
def test_any_bytes_are_taken_or_refused_in_a_sentence(session: Session, run: Import, content: bytes) -> None:
    report = sentence = None
    try:
        report = run("customers", content)
    except FileRefused as refused:
        sentence = refused.sentence
    assert bool(report) != bool(sentence and sentence.endswith("."))
    if report:
        assert report.rows_total == report.rows_new + report.rows_changed + report.rows_same + report.rows_bad


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(session: Session, run: Import, delimiter: str) -> None:
    text = lines(CUSTOMERS, "K1,Nordwind,,,,,").replace(",", delimiter)
    assert run("customers", text).delimiter == delimiter
    assert session.scalars(select(Customer.name)).one() == "Nordwind"


def test_quotes_hold_delimiters_and_line_ends(session: Session, run: Import) -> None:
    report = run("customers", lines(CUSTOMERS, 'K1,"Nord, wind",,,,,"Street 1\n20095 Hamburg"', "K2,,,,,,"))
    assert [(p.row, p.column) for p in report.problems] == [(4, "name")]
    report = run("customers", lines(CUSTOMERS, 'K1,"Nord, wind",,,,,"Street 1\n20095 Hamburg"'))
    [customer] = session.scalars(select(Customer))
    assert (customer.name, customer.address) == ("Nord, wind", "Street 1\n20095 Hamburg")


def test_blank_lines_and_other_columns_do_not_matter(run: Import) -> None:
    report = run("customers", "\n\nNAME , Customer_ID,remark\n\n ,,\nNordwind,K1,x\n\n")
    assert (report.rows_total, report.rows_new) == (1, 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file has no rows."),
        (CUSTOMERS.encode(), "The file has a heading but no rows."),
        (b"a,b\n1,2\n", "The column “customer_id” is missing; the file has: a, b."),
        (b"customer_id,name,name\n1,2,3\n", "The column “name” is there 2 times."),
        (b"%PDF-1.7\n%x", "This is a file of type PDF; CSV or XLSX is needed."),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "This is a file of type PNG; CSV or XLSX is needed."),
        (
            b"\xd0\xcf\x11\xe0" + bytes(99),
            "This is a workbook of an old make (.xls); save it as .xlsx or CSV.",
        ),
        (b"PK\x03\x04" + bytes(99), "The workbook is damaged or cut off; save it again."),
        (b"customer_id,name\nK1,\x00\x01\x02x\n", "The file is not a text file: it contains binary data."),
        (
            b'customer_id,name\nK1,"never closed\n',
            "The file cannot be read from line 2 on: unexpected end of data.",
        ),
        (
            b"customer_id,name\n" + b"x" * 200_000,
            "The file cannot be read from line 2 on: field larger than field limit (131072).",
        ),
        (b"\xff\xfeK", "The file is not readable as UTF-16: it is damaged or of another type."),
        (b",".join(b"c%d" % n for n in range(400)), "The file has more than 300 columns."),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(
    session: Session, run: Import, content: bytes, sentence: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        run("customers", content)
    assert refused.value.sentence == sentence
    assert session.scalars(select(ImportBatch)).all() == []


def test_a_file_cut_off_in_a_row_is_refused(run: Import) -> None:
    text = lines(CUSTOMERS, GERMAN, GERMAN.replace("K1", "K2").replace("HRB 7", "HRB 8"))
    report = run("customers", text.encode()[:-40])
    assert report.status == "refused"
    assert report.problems[0].row == 3


def test_a_file_too_large_or_too_long_is_refused(run: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    rows = [f"K{n},Name,,,,," for n in range(3)]
    with pytest.raises(FileRefused, match="more than 2 rows"):
        run("customers", lines(CUSTOMERS, *rows))
    monkeypatch.setattr(reading, "LARGEST_FILE", 1 << 20)
    with pytest.raises(FileRefused, match="larger than 1 MB"):
        run("customers", b"x" * (1 << 20) + b"x")


def test_a_refused_file_leaves_the_transaction_usable(session: Session, run: Import) -> None:
    make_customer(session, "Before")
    with pytest.raises(FileRefused):
        run("customers", b'customer_id,name\nK1,x\nK2,"open\n')
    assert session.scalars(select(Customer.name)).all() == ["Before"]
    assert run("customers", lines(CUSTOMERS, "K1,After,,,,,")).rows_new == 1


def test_a_path_that_is_no_file_is_refused(session: Session, company: None, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be opened"):
        import_file(session, "customers", "x", tmp_path / "none.csv", "customers")
    with pytest.raises(FileRefused, match="is not a file"):
        import_file(session, "customers", "x", tmp_path, "customers")
    with pytest.raises(FileRefused, match="no such kind"):
        import_file(session, "orders", "x", tmp_path, "customers")


def test_the_file_name_is_kept_without_its_path(run: Import) -> None:
    report = run("customers", lines(CUSTOMERS, "K1,A,,,,,"), filename="..\\..\\etc/pass\x00wd\n.csv")
    assert report.filename == "passwd.csv"


def workbook(*rows: list[object], title: str = "Sheet") -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_is_read_with_its_own_types(session: Session, run: Import) -> None:
    make_customer(session, external_id="1001")
    heading = list(INVOICES.split(","))
    day, due = datetime(2026, 1, 5), datetime(2026, 2, 4)  # noqa: DTZ001 - workbooks know no zones
    rows: list[list[object]] = [
        heading,
        [4711, 1001, day, due, 0.1 + 0.2, "EUR", True],
        ["4712", 1001.0, "2026-01-05", "2026-02-04", 1234.5, "EUR", "no", due],
    ]
    report = run("invoices", workbook(*rows), filename="x.xlsx")
    assert (report.rows_new, report.encoding) == (2, "xlsx")
    found = session.execute(select(ReceivableItem.number, ReceivableItem.amount).order_by(ReceivableItem.id))
    assert [tuple(row) for row in found] == [("4711", Decimal("0.30")), ("4712", Decimal("1234.50"))]


def test_a_formula_in_a_workbook_is_not_run(session: Session, run: Import) -> None:
    report = run("customers", workbook(["customer_id", "name"], ["K1", "=1+1"]))
    assert [(p.column, p.reason) for p in report.problems] == [("name", "is empty")]  # never calculated


def test_workbook_rows_may_leave_empty_cells_out(session: Session, run: Import) -> None:
    report = run("customers", workbook(list(CUSTOMERS.split(",")), ["K1", "Nordwind"], [], ["K2", "Südwind"]))
    assert report.rows_new == 2


def test_a_cut_off_workbook_is_refused(run: Import) -> None:
    whole = workbook(["customer_id", "name"], *(["K" + str(n), "Name"] for n in range(200)))
    for length in (30, 500, len(whole) // 2, len(whole) - 10):
        with pytest.raises(FileRefused, match="damaged or cut off"):
            run("customers", whole[:length])


def repacked(whole: bytes, name: str, change: bytes | None = None, extra: bytes = b"") -> bytes:
    """The workbook with a part replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change if part == name and change is not None else old.read(part))
        if extra:
            new.writestr(name, extra)
    return stream.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(run: Import) -> None:
    whole = workbook(["customer_id", "name"], ["K1", "x"])
    with pytest.raises(FileRefused, match="unpack into too much"):
        run("customers", repacked(whole, "xl/media/big.bin", extra=bytes(60 << 20)))


def test_a_workbook_with_entities_is_refused(run: Import) -> None:
    whole = workbook(["customer_id", "name"], ["K1", "x"])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst/>'
    for content in (bomb, bomb.decode().encode("utf-16")):
        with pytest.raises(FileRefused, match="declarations"):
            run("customers", repacked(whole, "xl/styles.xml", content))


def test_a_workbook_that_claims_a_million_columns_is_read_as_it_is(run: Import) -> None:
    whole = workbook(["customer_id", "name"], ["K1", "x"])
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        page = book.read("xl/worksheets/sheet1.xml").replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    report = run("customers", repacked(whole, "xl/worksheets/sheet1.xml", page))
    assert report.rows_new == 1


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("content", [b"", b"<a>", b"no xml", b"<worksheet/>"])
def test_a_workbook_with_a_broken_part_is_refused_or_read(run: Import, part: str, content: bytes) -> None:
    whole = workbook(["customer_id", "name"], ["K1", "x"])
    with suppress(FileRefused):  # what must not happen is any other error
        run("customers", repacked(whole, part, content))


def test_a_gap_of_endless_rows_is_refused(run: Import) -> None:
    whole = workbook(["customer_id", "name"], ["K1", "x"])
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        page = book.read("xl/worksheets/sheet1.xml").replace(b'r="2"', b'r="99999999999999999999"')
    with pytest.raises(FileRefused, match="damaged"):
        run("customers", repacked(whole, "xl/worksheets/sheet1.xml", page))


@settings(max_examples=60, deadline=None)
@given(changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=5))
def test_a_damaged_workbook_is_read_or_refused(changes: list[tuple[float, int]]) -> None:
    whole = bytearray(workbook(["customer_id", "name"], *([f"K{n}", f"Name {n}"] for n in range(30))))
    for place, value in changes:
        whole[int(place * len(whole))] = value
    with suppress(FileRefused), open_table(io.BytesIO(whole), load_mapping("customers")) as table:
        assert all(isinstance(number, int) for number, _cells in table.rows)


def test_a_zip_that_is_no_workbook_is_refused(run: Import) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../evil.csv", "x")
    with pytest.raises(FileRefused, match="ZIP archive, not a workbook"):
        run("customers", stream.getvalue())


def test_problems_are_counted_but_not_all_kept(run: Import) -> None:
    report = run("customers", lines(CUSTOMERS, *(f"K{n},,,,,," for n in range(1500))))
    assert (report.rows_bad, len(report.problems)) == (1500, MOST_PROBLEMS)
