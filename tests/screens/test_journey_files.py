"""Files handed in with an application: taken by what they hold, never by what their name claims."""

import gc
import io
import zipfile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from credit_app.forms.uploads import LARGEST
from credit_app.models import Attachment
from tests.screens.desk import Desk, File
from tests.screens.test_refusals import nothing_changes

PDF = b"%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)


def office(*members: str) -> bytes:
    """A zip archive with these members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for member in members:
            archive.writestr(member, "<xml/>")
    return held.getvalue()


def test_attachment_is_kept_and_read_by_those_who_decide(desk: Desk) -> None:
    form = desk.filled(desk.draft(desk.cast.sara), desk.customer("Nordwind AG"))
    form.attach(
        "files",
        File("Balance 2025.pdf", PDF),
        File("order.docx", office("word/document.xml")),
        File("seal.PNG", PNG),
    )
    application = desk.application(form.send().path.rpartition("/")[2])
    assert [one.filename for one in application.attachments] == ["Balance 2025.pdf", "order.docx", "seal.PNG"]
    investigating = desk.open_task(desk.cast.alma, application, "investigate_customer").links("/attachments/")
    application = desk.assess(application)
    address, *others = desk.open_task(desk.cast.anna, application).links("/attachments/")
    assert investigating == [address, *others]
    answer = desk.browser(desk.cast.anna).client.get(address)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    desk.get(desk.cast.amir, address, 404)
    desk.get(desk.cast.stefan, address, 404)
    event = next(event for event in desk.events(application) if event["node"] == "enter_application")
    kept = [change for change in event["payload"]["changes"] if change["table"] == "attachment"]
    assert len(kept) == 3
    assert "sha256" in str(
        kept[0]["after"]["content"]
    )  # the history knows the file by its hash, not its bytes


FORBIDDEN = {
    "setup.exe": b"MZ\x90\x00" + b"\x00" * 600,
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "invoice.pdf": b"<!doctype html><script>alert(1)</script>",
    "macro.docx": office("word/document.xml", "word/vbaProject.bin"),
    "macro.xlsx": office("xl/workbook.xml", "xl/vbaProject.bin"),
    "archive.zip": office("readme.txt"),
    "broken.docx": b"PK\x03\x04" + b"\x00" * 100,
    "page.html": b"<html></html>",
    "script.png": b"#!/bin/sh\nrm -rf /\n",
    "notes.txt": b"hello",
}


def test_file_of_a_type_that_is_not_accepted_is_refused_whatever_its_name(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    customer = desk.customer("Nordwind AG")
    save = page.form("/tasks/").element.xpath(".//button/@formaction")[0]
    with nothing_changes(desk):
        for name, content in FORBIDDEN.items():
            answer = desk.filled(page, customer).attach("files", File(name, content)).send(to=save)
            assert answer.status == 422, name
            sentence = f"“{name}” is not a PDF, PNG, JPEG, Word or Excel file; these are accepted."
            assert answer.error_at("files") == sentence
            assert answer.form("/tasks/").value("requested_limit") == "40 000"
        answer = desk.filled(page, customer).attach("files", File("empty.pdf", b"")).send()
        assert answer.error_at("files") == "The file “empty.pdf” is empty."


# Werkzeug leaves a file that it stopped reading to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_file_that_is_too_large_is_refused(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    customer = desk.customer("Nordwind AG")
    with nothing_changes(desk):
        large = File("scan.pdf", PDF + b"\x00" * LARGEST)
        answer = desk.filled(page, customer).attach("files", large).send()
        assert answer.status == 422
        assert answer.error_at("files") == "The file “scan.pdf” is larger than 10 MB."
        assert answer.form("/tasks/").value("purpose") == "Growing business with the new plant"
        many = [File(f"page {number}.pdf", PDF) for number in range(11)]
        answer = desk.filled(page, customer).attach("files", *many).send()
        assert answer.error_at("files") == "At most 10 files can be attached at a time."
        huge = File("scan.pdf", PDF + b"\x00" * (21 * 1024 * 1024))
        answer = desk.filled(page, customer).attach("files", huge).send()
        assert answer.status == 413
        assert "larger than accepted here" in answer.text
    del answer
    gc.collect()


HOSTILE = {
    "../../../etc/passwd.pdf": "passwd.pdf",
    "..\\..\\windows\\system.pdf": "windowssystem.pdf",
    "C:\\\\files\\\\system.pdf": "system.pdf",
    "invoice\u202efdp.exe": "invoicefdp.pdf",
    "tab\tand\x07bell.pdf": "tabandbell.pdf",
    'quote";filename=x.exe.pdf': "x.exe.pdf",
    "<img src=x onerror=alert(1)>.pdf": "img src=x onerror=alert(1).pdf",
    "...": "file.pdf",
    "说明书.pdf": "说明书.pdf",
}


def test_text_in_place_of_a_file_is_no_file(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    save = page.form("/tasks/").element.xpath(".//button/@formaction")[0]
    saved = page.form("/tasks/").forge(files="../../etc/passwd").send(to=save)
    assert saved.messages == ["The draft is saved."], saved
    assert desk.count("attachment") == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_name_of_a_file_is_made_harmless(desk: Desk, name: str) -> None:
    page = desk.draft(desk.cast.sara)
    save = page.form("/tasks/").element.xpath(".//button/@formaction")[0]
    saved = page.form("/tasks/").attach("files", File(name, PDF)).send(to=save)
    assert saved.messages == ["The draft is saved."], saved
    desk.fresh()
    row = desk.session.scalars(select(Attachment).options(undefer(Attachment.content))).one()
    assert (row.filename, row.content_type, row.content) == (HOSTILE[name], "application/pdf", PDF)
    (address,) = saved.links("/attachments/")
    answer = desk.browser(desk.cast.sara).client.get(f"{address}?download=1")
    sent = answer.headers["Content-Disposition"]
    assert sent.startswith("attachment;")
    assert "\n" not in sent
    assert answer.mimetype == "application/octet-stream"


def test_file_of_a_draft_is_taken_out_again(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    save = page.form("/tasks/").element.xpath(".//button/@formaction")[0]
    kept = desk.filled(page, desk.customer("Nordwind AG")).attach("files", File("Old.pdf", PDF)).send(to=save)
    remove = next(
        one for one in kept.form("/tasks/").element.xpath(".//button/@formaction") if "remove" in one
    )
    number = remove.split("/")[2]
    after = kept.form("/tasks/").send(to=remove)
    assert after.status == 200
    assert desk.application(number).attachments == []
