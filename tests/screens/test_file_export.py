"""Everything held on a customer leaves as one archive: complete, checkable, harmless, and logged."""

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from credit_app.facts.customer_export import OWNING, belonging
from credit_app.models import AccessLog, Comment, Customer, CustomerDocument, Model
from credit_app.reports.customer_archive import cell
from tests.factories import make_complete_file, make_invoice, make_limit, make_rating
from tests.screens.desk import Desk

PDF = b"%PDF-1.4\n%%EOF"


def filled(desk: Desk, name: str) -> Customer:
    """A customer with something in most parts of its file, and an application."""
    customer = make_complete_file(desk.session, desk.customer(name))
    make_rating(desk.session, customer)
    make_limit(desk.session, customer)
    make_invoice(desk.session, customer, 750)
    desk.session.add_all(
        [
            Comment(customer_id=customer.id, author_id=desk.cast.anna.id, body='=HYPERLINK("http://evil","x")'),
            CustomerDocument(
                customer_id=customer.id, filename="../extract.pdf", content_type="application/pdf",
                size=len(PDF), sha256=hashlib.sha256(PDF).hexdigest(), content=PDF,
            ),
        ]
    )  # fmt: skip
    desk.session.commit()
    desk.enter(customer)
    return customer


def exported(desk: Desk, customer: Customer, person: Any = None) -> zipfile.ZipFile:
    page = desk.get(person or desk.cast.carla, f"/customers/{customer.number}")
    form = page.form("/export")
    answer = page.browser.client.post(
        f"/customers/{customer.number}/export",
        data=MultiDict(form.pairs()),
        headers={"Origin": "http://localhost"},
    )
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.is_streamed
    return zipfile.ZipFile(io.BytesIO(answer.get_data()))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return list(json.loads(archive.read(f"data/{name}.json")))


def test_archive_holds_every_part_of_the_file_and_nothing_of_others(desk: Desk) -> None:
    customer, other = filled(desk, "Nordwind AG"), filled(desk, "Fremd GmbH")
    archive = exported(desk, customer)
    assert archive.testzip() is None
    for name, few in {
        "customer": 1, "contact": 1, "information_item": 10, "owner": 1, "reference": 1, "credit_report": 1,
        "investigation": 1, "financial_statement": 1, "rating": 1, "credit_limit": 1, "receivable_item": 13,
        "receipt": 12, "allocation": 12, "comment": 1, "customer_document": 1, "credit_application": 1,
        "internal_record": 1, "instance": 1, "access_log": 1,
    }.items():  # fmt: skip
        assert len(table(archive, name)) >= few, name
    assert table(archive, "customer")[0]["name"] == "Nordwind AG"
    assert b"Fremd" not in b"".join(archive.read(name) for name in archive.namelist())
    assert {row["customer_id"] for row in table(archive, "receivable_item")} == {customer.id}
    events = [json.loads(line) for line in archive.read("history.jsonl").splitlines()]
    assert events[0]["kind"] == "started"
    assert len(events[0]["hash"]) == 64
    assert json.loads(archive.read("people.json"))[str(desk.cast.sara.id)] == "Sara Lind"
    assert other.id != customer.id


def test_manifest_vouches_for_every_file(desk: Desk) -> None:
    archive = exported(desk, filled(desk, "Nordwind AG"))
    manifest = json.loads(archive.read("manifest.json"))
    assert {one["file"] for one in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
    for one in manifest["files"]:
        content = archive.read(one["file"])
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (one["sha256"], one["size"])
    assert manifest["rows"]["contact"] == 1
    assert manifest["exported_by"] == "Carla Rossi"
    documents = [name for name in archive.namelist() if name.startswith("documents/")]
    assert len(documents) == 1
    assert archive.read(documents[0]) == PDF
    assert ".." not in documents[0]


def test_cells_that_could_be_formulas_are_text_and_numbers_stay_numbers(desk: Desk) -> None:
    archive = exported(desk, filled(desk, "Nordwind AG"))
    rows = list(csv.DictReader(io.StringIO(archive.read("csv/comment.csv").decode("utf-8-sig"))))
    assert rows[0]["body"] == '\'=HYPERLINK("http://evil","x")'
    assert table(archive, "comment")[0]["body"].startswith("=HYPERLINK"), "for programs it is as it was typed"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "\rx"])
def test_every_beginning_of_a_formula_is_made_harmless(text: str) -> None:
    assert cell(text) == "'" + text


def test_only_credit_managers_and_auditors_export_and_it_is_logged_first(desk: Desk) -> None:
    customer = filled(desk, "Nordwind AG")
    for one in (desk.cast.anna, desk.cast.sara, desk.cast.rita):
        page = desk.get(one, f"/customers/{customer.number}")
        assert not page.has_form("/export")
        token = str(page.all("//meta[@name='csrf-token']/@content")[0])
        assert page.browser.post(f"/customers/{customer.number}/export", {"csrf_token": token}).status == 403
    archive = exported(desk, customer, desk.cast.otto)
    desk.fresh()
    log = desk.session.scalars(select(AccessLog).where(AccessLog.kind == "export")).all()
    assert [(row.person.name, row.area) for row in log] == [("Otto Brunner", "everything")]
    assert table(archive, "access_log")[-1]["kind"] == "export", "the export itself stands in it"


def test_print_is_logged_and_the_page_says_who_printed(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = desk.get(desk.cast.anna, f"/customers/{customer.number}").form("/print").send()
    assert page.all("//*[@data-print-now]")
    assert "Printed by Anna Weiss" in page.text
    desk.fresh()
    log = desk.session.scalars(select(AccessLog).where(AccessLog.kind == "print")).all()
    assert [(row.person.name, row.area) for row in log] == [("Anna Weiss", "overview")]


def test_no_table_that_belongs_to_a_customer_is_forgotten() -> None:
    """Whatever refers to an exported table by a column of its own is exported, or only mentions it."""
    exported_tables = set(belonging(1))
    mentions = {
        ("customer", "parent_id"),
        ("owner", "owner_customer_id"),
        ("credit_application", "reviewed_limit_id"),
    }
    for one in Model.metadata.sorted_tables:
        for column in one.columns:
            owners = {key.column.table.name for key in column.foreign_keys} & exported_tables
            if owners and (one.name, column.name) not in mentions and column.name != "instance_id":
                assert one.name in exported_tables, f"{one.name}.{column.name}: add it to {sorted(OWNING)}"
