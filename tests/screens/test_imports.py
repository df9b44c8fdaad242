"""The import centre: small files at once, large ones by the worker, reports and lists as tables, hostile uploads."""

import csv
import gc
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from credit_app import jobs
from credit_app.importers import importing, invoices, mappings, waiting
from credit_app.models import AccessLog, ImportBatch, ReceivableItem
from credit_app.screens import imports
from tests.factories import make_customer, make_invoice
from tests.importers import camt
from tests.importers.conftest import INVOICES, lines
from tests.importers.test_ubl import document, packed
from tests.screens.desk import Desk, File, Page
from workflows import clock

GOOD = "R1,K1,2026-01-05,2026-02-04,100.00,EUR,no,"
BAD = "=1+1,K1,2026-01-05,2026-02-30,100.00,EUR,no,"


@pytest.fixture
def known(desk: Desk) -> Desk:
    make_customer(desk.session, "Nordwind GmbH", external_id="K1", branch_id=desk.cast.north.id)
    desk.session.commit()
    return desk


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Iterator[Path]:
    """Every file counts as large; the folder where they wait, empty again in the end."""
    monkeypatch.setattr(waiting, "SMALL", 10)
    folder: Path = desk.app.extensions["config"].imports
    yield folder
    assert list(folder.iterdir()) == []


def hand_in(desk: Desk, content: str | bytes, name: str = "items.csv", **fields: str) -> Page:
    form = desk.get(desk.cast.rita, "/imports").form("/imports")
    data = content.encode() if isinstance(content, str) else content
    form.fill(**{"mapping": "invoices/invoices", "mode": "all_or_nothing"} | fields)
    return form.attach("file", File(name, data, "text/csv")).send()


def fetch(desk: Desk, person: Any, path: str) -> bytes:
    desk.get(person, "/")
    answer = desk.browser(person).client.get(path)
    assert answer.status_code == 200, path
    assert "attachment" in answer.headers["Content-Disposition"]
    return bytes(answer.get_data())


def table(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def newest(desk: Desk) -> ImportBatch:
    desk.fresh()
    return desk.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1)).one()


def test_rows_to_repair_come_as_a_table_in_the_language_of_the_reader(known: Desk) -> None:
    page = hand_in(known, lines(INVOICES, GOOD, BAD))
    assert page.messages == ["Nothing was imported: 1 row needs repair first."]
    batch = newest(known)
    (link,) = page.links("problems.csv")
    assert table(fetch(known, known.cast.rita, link)) == [
        ["Row", "Column", "Value", "Reason"],
        ["3", "due_date", "2026-02-30", "is a day that does not exist"],
    ]
    known.cast.otto.locale = "zh_Hans_CN"
    known.session.commit()
    book = load_workbook(io.BytesIO(fetch(known, known.cast.otto, f"/imports/{batch.id}/problems.xlsx")))
    heading, row = book.worksheets[0].iter_rows(values_only=True)
    assert heading == ("行", "列", "值", "原因")
    assert row[:3] == (3, "due_date", "2026-02-30")
    assert "exist" not in str(row[3])
    assert known.get(known.cast.sara, f"/imports/{batch.id}/problems.csv", 403).status == 403


def test_the_same_file_again_says_so_kindly(known: Desk) -> None:
    assert hand_in(known, lines(INVOICES, GOOD)).messages == ["Imported."]
    page = hand_in(known, lines(INVOICES, GOOD))
    assert "This very file was imported before" in page.text
    assert "Rita" in page.text
    assert page.facts()["Known already"] == "1"


def test_every_example_can_be_imported_as_it_is(desk: Desk) -> None:
    kinds = [
        (kind, mapping.name) for kind in ("customers", "invoices", "receipts") for mapping in mappings(kind)
    ]
    page = desk.get(desk.cast.rita, "/imports")
    for kind, name in kinds:
        (link,) = page.links(f"examples/{name}.csv")
        data = fetch(desk, desk.cast.rita, link)
        answer = hand_in(desk, data, f"{name}.csv", mapping=f"{kind}/{name}")
        assert answer.messages == ["Imported."], (name, answer.text)
        assert fetch(desk, desk.cast.rita, link.replace(".csv", ".xlsx")).startswith(b"PK")
    for kind, offered in (("ubl", "ubl/ubl"), ("bank_statement", "bank_statement/")):
        (link,) = page.links(f"examples/{kind}.xml")
        data = fetch(desk, desk.cast.rita, link)
        answer = hand_in(desk, data, f"{kind}.xml", mapping=offered)
        assert answer.messages == ["Imported."], (kind, answer.text)
        assert hand_in(desk, data, f"{kind}.xml", mapping=offered).facts()["Known already"] == "1"
    assert "does not add up" in page.text
    assert desk.count("allocation") >= 3
    assert desk.get(desk.cast.rita, "/imports/examples/..csv", 404).status == 404


def test_a_large_file_is_imported_by_the_worker(known: Desk, large: Path) -> None:
    page = hand_in(known, lines(INVOICES, GOOD, BAD), "../../etc/items\x07.csv", mode="skip_bad_rows")
    assert page.heading == "items.csv"
    assert "waits for its turn" in page.text
    batch = newest(known)
    assert (batch.status, known.count("receivable_item")) == ("waiting", 0)
    assert [path.name for path in large.iterdir()] == [batch.upload]
    client = known.browser(known.cast.rita).client
    assert "HX-Refresh" not in client.get(f"/imports/{batch.id}/progress").headers
    assert known.get(known.cast.carla, "/imports").text.count("waiting") == 1

    assert jobs.run_imports(known.app) == 1
    answer = client.get(f"/imports/{batch.id}/progress")
    assert answer.headers["HX-Refresh"] == "true"
    page = known.get(known.cast.rita, f"/imports/{batch.id}")
    assert (page.facts()["New"], page.facts()["To repair"]) == ("1", "1")
    assert "imported with gaps" in page.text
    assert newest(known).upload is None
    assert jobs.run_imports(known.app) == 0


def test_statements_and_documents_wait_for_the_worker_too(known: Desk, large: Path) -> None:
    wrong = camt.statement([camt.Line("50.00", "E2")], number="ST-2", closing="1.00")
    right = camt.statement([camt.Line("20.00", "E1")])
    hand_in(known, camt.document(right, wrong), "bank.xml", mapping="bank_statement/", mode="skip_bad_rows")
    files = packed(document("U1"), document("U2", after=""), b"<no/>")
    hand_in(known, files, "ubl.zip", mapping="ubl/ubl", mode="skip_bad_rows")
    hand_in(known, b"<html></html>", "page.xml", mapping="bank_statement/")
    assert (len(list(large.iterdir())), known.count("bank_entry")) == (3, 0)
    assert jobs.run_imports(known.app) == 3
    assert (known.count("bank_entry"), known.count("receivable_item")) == (1, 2)
    rows = known.session.scalars(select(ImportBatch).order_by(ImportBatch.id)).all()
    assert [(row.mapping, row.status, row.rows_new, row.rows_bad) for row in rows] == [
        ("camt.053", "done", 1, 1),
        ("ubl", "done", 2, 1),
        ("camt.053", "refused", 0, 0),
    ]
    # What was wrong is kept so that each reader has it in their language.
    known.cast.otto.locale = "zh_Hans_CN"
    known.session.commit()
    for row, ours, theirs in (
        (rows[0], "but it closes with 1.00", "1.00"),
        (rows[1], "an Invoice or CreditNote of UBL 2.1 is needed", "UBL 2.1"),
        (rows[2], "The file is “html”", "html"),
    ):
        assert ours in known.get(known.cast.rita, f"/imports/{row.id}").text
        page = known.get(known.cast.otto, f"/imports/{row.id}").text
        assert theirs in page
        assert ours not in page


def test_progress_of_a_running_import_is_shown_to_others(
    known: Desk, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(known, lines(INVOICES, *(GOOD.replace("R1", f"R{n}") for n in range(4))))
    monkeypatch.setattr(importing, "CHUNK", 2)
    monkeypatch.setattr(waiting, "SAY_EVERY", 0.0)
    number, seen = newest(known).id, []
    judge = invoices.judge_rows

    def look(*arguments: Any) -> None:
        page = known.get(known.cast.carla, f"/imports/{number}")
        seen.append((page.status, "compared with the books" in page.text, "running" in page.text))
        assert waiting.run_next(jobs.sessions(), large, clock.now) is None  # the turn is taken
        judge(*arguments)

    monkeypatch.setattr(invoices, "judge_rows", look)
    assert jobs.run_imports(known.app) == 1
    assert seen == [(200, True, True)]
    assert known.count("receivable_item") == 4


def test_a_small_file_waits_when_another_import_has_the_turn(known: Desk) -> None:
    with known.app.app_context():
        open_session = jobs.sessions()
    with open_session() as other:
        assert waiting.turn_is_free(other)
        page = hand_in(known, lines(INVOICES, GOOD))
        assert "waits for its turn" in page.text
        assert waiting.run_next(open_session, known.app.extensions["config"].imports, clock.now) is None
    assert jobs.run_imports(known.app) == 1
    assert newest(known).status == "done"


def test_an_import_that_breaks_says_that_nothing_was_written(
    known: Desk, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(known, b"%PDF-1.7 no table")
    assert jobs.run_imports(known.app) == 1
    page = known.get(known.cast.rita, f"/imports/{newest(known).id}")
    assert "This is a file of type PDF; CSV or XLSX is needed." in page.text
    assert "not imported" in page.text
    write = invoices.write_rows

    def written_then_broken(*arguments: Any) -> None:
        write(*arguments)
        raise MemoryError

    monkeypatch.setattr(invoices, "write_rows", written_then_broken)
    hand_in(known, lines(INVOICES, GOOD))
    assert jobs.run_imports(known.app) == 1
    page = known.get(known.cast.rita, f"/imports/{newest(known).id}")
    assert "The import broke off for a reason of ours. Nothing was written" in page.text
    assert (newest(known).status, known.count("receivable_item")) == ("failed", 0)

    hand_in(known, lines(INVOICES, GOOD))
    for path in large.iterdir():
        path.unlink()
    jobs.run_imports(known.app)
    page = known.get(known.cast.rita, f"/imports/{newest(known).id}")
    assert "The file is no longer there. Nothing was written; please hand it in again." in page.text

    hand_in(known, lines(INVOICES, GOOD))
    batch = newest(known)
    batch.status, batch.attempts = "running", waiting.MOST_ATTEMPTS
    known.session.commit()
    assert jobs.run_imports(known.app) == 0
    assert "begun 3 times" in known.get(known.cast.rita, f"/imports/{batch.id}").text
    with known.app.app_context(), jobs.sessions()() as session:
        assert waiting.sweep(session, large, 2e10) == 1


def bomb() -> bytes:
    book = Workbook()
    book.active.append(["x" * 30_000] * 300)  # type: ignore[union-attr]
    for _ in range(40):
        book.active.append(["x" * 30_000] * 30)  # type: ignore[union-attr]
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lines(INVOICES, GOOD).encode("utf-16")[:-1], "not readable as UTF-16"),
        (b"PK\x03\x04" + bytes(200), "damaged or cut off"),
        (b"", "The file is empty."),
        (lines(INVOICES, "x" * 140_000), "field larger than field limit"),
        (lines(INVOICES, "a\x00b"), "binary data"),
    ],
)
def test_hostile_files_are_refused_at_the_field(known: Desk, content: bytes | str, said: str) -> None:
    page = hand_in(known, content, "..\\..\\evil.xlsx")
    assert page.status == 422
    assert said in page.error_at("file")
    assert known.count("import_batch") == 0


def test_a_workbook_that_unpacks_into_too_much_is_refused(known: Desk) -> None:
    page = hand_in(known, bomb(), "bomb.xlsx")
    assert (page.status, known.count("receivable_item")) == (422, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_too_large_and_truncated_uploads_are_refused_before_they_are_read(known: Desk) -> None:
    client = known.browser(known.cast.rita).client
    page = known.get(known.cast.rita, "/imports")
    token = page.form("/imports").value("csrf_token")
    body = {"csrf_token": token, "file": (io.BytesIO(lines(INVOICES, GOOD).encode()), "a.csv")}
    answer = client.post("/imports", data=body, environ_overrides={"CONTENT_LENGTH": str(2 << 30)})
    assert answer.status_code == 413
    assert "What you sent is larger than accepted here: at most 200 MB at a time." in answer.text
    body["file"] = (io.BytesIO(lines(INVOICES, GOOD).encode()), "a.csv")
    answer = client.post("/imports", data=body, environ_overrides={"CONTENT_LENGTH": str(10_000)})
    assert answer.status_code == 400
    assert "did not arrive whole, as the connection broke off" in answer.text
    # Who may not import sends no more than elsewhere.
    answer = known.browser(known.cast.otto).client.post(
        "/imports", data={}, environ_overrides={"CONTENT_LENGTH": str(21 << 20)}
    )
    assert "at most 20 MB" in answer.text
    assert known.count("import_batch") == 0
    del answer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # what was read of the truncated form is still open
        gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_upload_that_does_not_say_its_length_is_stopped_at_the_cap(
    known: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In chunks, as a server such as gunicorn hands it on: without Content-Length, the end known to the stream."""
    monkeypatch.setattr(imports, "LARGEST_FILE", 2 << 20)
    monkeypatch.setitem(known.app.config, "MAX_CONTENT_LENGTH", 1 << 20)
    form = known.get(known.cast.rita, "/imports").form("/imports")

    def send(rows: int) -> tuple[int, int, str]:
        table = lines(INVOICES, GOOD) + "x" * rows
        fields = {
            "csrf_token": form.value("csrf_token"),
            "file": FileStorage(io.BytesIO(table.encode()), "a.csv"),
        }
        stream, length, boundary = stream_encode_multipart(fields)
        chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        answer = known.browser(known.cast.rita).client.post(
            "/imports",
            input_stream=stream,
            content_type=f"multipart/form-data; boundary={boundary}",
            environ_overrides=chunked,
        )
        assert length > rows
        with stream:
            return answer.status_code, stream.tell(), answer.text

    status, read, text = send(4 << 20)
    assert status == 413
    assert read <= (2 << 20) + imports.AROUND
    assert "at most 2 MB at a time" in text
    assert known.count("import_batch") == 0
    assert send(1000)[0] == 422  # within the cap it is read, and the form asks for the kind of file
    known.get(known.cast.rita, "/imports")  # the refused request is let go
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # what was read of the refused form is still open
        gc.collect()


def test_lists_are_sent_as_they_are_filtered(known: Desk) -> None:
    customer = known.customer("=cmd GmbH")
    make_invoice(known.session, customer, 500, known_day(), external_id="open-1")
    known.session.commit()
    page = known.get(known.cast.alma, "/customers?q=gmbh&sort=-name")
    (link,) = page.links("list.csv")
    rows = table(fetch(known, known.cast.alma, link))
    assert [row[0] for row in rows] == ["Customer", "Nordwind GmbH", "'=cmd GmbH"]
    assert [row[0] for row in table(fetch(known, known.cast.alma, link.replace("gmbh", "nord")))][1:] == [
        "Nordwind GmbH"
    ]
    assert (
        len(table(fetch(known, known.cast.aldo, "/customers/list.csv"))) <= 2
    )  # the south sees what is nobody's

    application = known.enter(customer)
    (link,) = known.get(known.cast.alma, "/applications").links("list.xlsx")
    book = load_workbook(io.BytesIO(fetch(known, known.cast.alma, link)))
    _heading, row = book.worksheets[0].iter_rows(values_only=True)
    assert row[:2] == ("'=cmd GmbH", application.number)
    assert row[4] == 40_000

    (link,) = known.get(known.cast.alma, f"/customers/{customer.number}?tab=items").links("items.csv")
    rows = table(fetch(known, known.cast.alma, link))
    assert rows[1][5:8] == ["500.00", "500.00", "EUR"]
    known.fresh()
    logged = known.session.scalars(select(AccessLog).where(AccessLog.kind == "export")).all()
    assert [(row.area, row.person_id, row.customer_id) for row in logged] == [
        ("items", known.cast.alma.id, customer.id)
    ]
    assert known.get(known.cast.ada, f"/customers/{customer.number}/items.csv", 403).status == 403
    assert known.session.scalar(select(ReceivableItem.id).where(ReceivableItem.external_id == "open-1"))


def known_day() -> Any:
    return clock.now().date()
