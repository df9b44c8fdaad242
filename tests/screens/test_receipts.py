"""The receipt of a decision as its readers get it: page, PDF in both languages, figures, and the set to check."""

import hashlib
import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from pypdf import PdfReader
from sqlalchemy import select, text, update

from credit_app.models import (
    AccessLog,
    CreditApplication,
    Customer,
    CustomerDocument,
    DecisionReceipt,
    Person,
)
from tests.screens.desk import Desk, File, Page
from tests.screens.shelf import kept

PAPER = b"%PDF-1.4 the balance sheet of Nordwind"


def receipt_of(desk: Desk, application: CreditApplication) -> DecisionReceipt:
    desk.fresh()
    query = select(DecisionReceipt).where(DecisionReceipt.application_id == application.id)
    return desk.session.scalars(query.order_by(DecisionReceipt.id.desc())).all()[0]


@kept
def decided(desk: Desk) -> CreditApplication:
    """A rep's application with a document, approved with a change by the analyst; the limit opens."""
    page = desk.draft(desk.cast.sara)
    form = desk.filled(page, desk.customer("Nordwind GmbH"))
    sent = form.attach("files", File("Bilanz.pdf", PAPER, "application/pdf")).send()
    assert sent.path.startswith("/applications/"), sent
    application = desk.application(sent.path.rsplit("/", 1)[-1])
    desk.assess(application)
    answered = desk.decide(
        desk.cast.anna,
        application,
        "approve_with_changes",
        limit="30 000",
        terms_days="30",
        reason="Start small, grow with proof",
    )
    assert answered.status == 200, answered
    return desk.again(application)


def raw(desk: Desk, person: Person, path: str) -> bytes:
    desk.get(person, "/")  # signed in
    answer = desk.browser(person).client.get(path)
    assert answer.status_code == 200, path
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return bytes(answer.data)


def words_of(content: bytes) -> str:
    found = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return found.replace("\u200b", "").replace("\n", "").replace(" ", "")


def opened(desk: Desk, application: CreditApplication) -> Page:
    """The receipt's page, reached from the application's."""
    page = desk.get(desk.cast.chen, f"/applications/{application.number}")
    (link,) = [str(one) for one in page.all("//a/@href") if str(one).startswith("/receipts/")]
    return desk.get(desk.cast.chen, link)


def test_a_receipt_is_reached_from_its_decision_and_says_what_it_rested_on(desk: Desk) -> None:
    page = opened(desk, decided(desk))
    for said in (
        "Approved with changes", "Anna Weiss", "Start small, grow with proof", "EUR 40,000.00 → EUR 30,000.00",
        "Bilanz.pdf", hashlib.sha256(PAPER).hexdigest(), "Authority matrix", "Sara Lind", "10 Mar 2026",
        "Verified: the history names this receipt",
    ):  # fmt: skip
        assert said in page.text, said


def test_the_history_leads_to_the_receipt_the_table_and_the_policy_of_the_day(desk: Desk) -> None:
    application = decided(desk)
    receipt = receipt_of(desk, application)
    page = desk.get(desk.cast.chen, f"/history/{application.instance_id}")
    for path in (
        f"/receipts/{receipt.id}",
        "/policy/tables/authority_matrix?version=0",
        "/policy/on/2026-03-10",
    ):
        assert page.all(f"//li[contains(@class, 'cd-event')]//a[@href='{path}']"), path
        desk.get(desk.cast.chen, path)
    # The sales rep sees the history and the receipt, not the policy.
    seen = desk.get(desk.cast.sara, f"/history/{application.instance_id}")
    assert seen.all(f"//a[@href='/receipts/{receipt.id}']")
    assert not seen.all("//a[starts-with(@href, '/policy')]")


def test_the_pdf_says_the_same_in_both_languages(desk: Desk) -> None:
    application = decided(desk)
    receipt = receipt_of(desk, application)
    base = f"/receipts/{receipt.id}/receipt"
    english = words_of(raw(desk, desk.cast.anna, f"{base}.en.pdf"))
    chinese = words_of(raw(desk, desk.cast.anna, f"{base}.zh_Hans_CN.pdf"))
    for content in (english, chinese):
        assert receipt.sha256 in content
        assert "NordwindGmbH" in content
        assert application.number in content
    assert "Approvedwithchanges" in english
    assert "Approvedwithchanges" not in chinese
    assert "信用" in chinese
    desk.get(desk.cast.anna, f"{base}.xx.pdf", 404)


def test_the_figures_are_handed_out_exactly_as_hashed(desk: Desk) -> None:
    receipt = receipt_of(desk, decided(desk))
    content = raw(desk, desk.cast.otto, f"/receipts/{receipt.id}/receipt.json")
    assert hashlib.sha256(content).hexdigest() == receipt.sha256
    assert json.loads(content)["decision"]["level"] == "credit_analyst"


def test_the_zip_checks_itself_with_nothing_but_python(desk: Desk, tmp_path: Path) -> None:
    application = decided(desk)
    receipt = receipt_of(desk, application)
    for query, documents in (("", 0), ("?documents=1", 1)):
        packed = tmp_path / "receipt.zip"
        packed.write_bytes(raw(desk, desk.cast.carla, f"/receipts/{receipt.id}/receipt.zip{query}"))
        with ZipFile(packed) as archive:
            assert sum(name.startswith("documents/") for name in archive.namelist()) == documents
            archive.extractall(tmp_path)
        command = [
            sys.executable,
            "-I",
            str(tmp_path / "verify_receipt.py"),
            str(packed),
            "--sha256",
            receipt.sha256,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("as it was" in done.stdout) == bool(documents)


def test_what_changed_since_is_said(desk: Desk) -> None:
    application = decided(desk)
    assert "in force until" in opened(desk, application).text
    desk.session.execute(text("UPDATE approval_decision SET retracted_at = now()"))
    desk.session.execute(text("UPDATE credit_limit SET status = 'replaced'"))
    desk.session.execute(
        text(
            "INSERT INTO policy (key, valid_from, value) VALUES ('limit.concentration_share', '2026-03-10', '\"0.2\"')"
        )
    )
    desk.session.commit()
    page = opened(desk, application)
    for said in ("was taken back on", "now “replaced”", "Policy figures that are otherwise today: 1."):
        assert said in page.text, said


def test_a_receipt_changed_in_the_database_is_shown_as_broken(desk: Desk, owner_session: object) -> None:
    application = decided(desk)
    desk.session.rollback()
    owner_session.execute(text("ALTER TABLE decision_receipt DISABLE TRIGGER ALL"))  # type: ignore[attr-defined]
    owner_session.execute(  # type: ignore[attr-defined]
        text(
            "UPDATE decision_receipt SET sha256 = encode(sha256(convert_to(replace(body, '40000.00', '90000.00'),"
            " 'UTF8')), 'hex'), body = replace(body, '40000.00', '90000.00')"
        )
    )
    owner_session.commit()  # type: ignore[attr-defined]
    assert "No event of the history names this receipt" in opened(desk, application).text


def test_a_body_that_does_not_fit_its_hash_is_not_called_verified(desk: Desk, owner_session: object) -> None:
    application = decided(desk)
    receipt = receipt_of(desk, application).id
    desk.session.rollback()
    owner_session.execute(text("ALTER TABLE decision_receipt DISABLE TRIGGER ALL"))  # type: ignore[attr-defined]
    change = text("UPDATE decision_receipt SET body = replace(body, '40000.00', '90000.00')")
    owner_session.execute(change)  # type: ignore[attr-defined]
    owner_session.commit()  # type: ignore[attr-defined]
    page = opened(desk, application)
    assert "This receipt was changed after it was made" in page.text
    assert "Verified" not in page.text
    desk.get(desk.cast.carla, f"/receipts/{receipt}/receipt.en.pdf", 409)


def test_papers_of_the_file_go_out_only_to_whom_the_file_is_open(desk: Desk) -> None:
    customer = desk.customer("Nordwind GmbH")
    content = b"%PDF-1.4 of the file"
    desk.session.add(
        CustomerDocument(
            customer_id=customer.id, kind="other", filename="Secret.pdf", content_type="application/pdf",
            size=len(content), sha256=hashlib.sha256(content).hexdigest(), content=content,
            uploaded_by=desk.cast.carla.id,
        )
    )  # fmt: skip
    desk.session.commit()
    application = desk.in_approval(customer)
    desk.decide(desk.cast.anna, application, "approve")
    path = f"/receipts/{receipt_of(desk, application).id}/receipt.zip?documents=1"

    def names(person: Person) -> str:
        return " ".join(ZipFile(BytesIO(raw(desk, person, path))).namelist())

    assert "Secret.pdf" in names(desk.cast.carla)
    desk.session.execute(
        update(Customer).where(Customer.id == customer.id).values(branch_id=desk.cast.south.id)
    )
    desk.session.commit()
    assert "Secret.pdf" not in names(desk.cast.anna)


def test_who_looks_at_prints_or_takes_out_a_receipt_stands_in_the_customers_file(desk: Desk) -> None:
    receipt = receipt_of(desk, decided(desk))
    before = desk.count("access_log")
    desk.get(desk.cast.otto, f"/receipts/{receipt.id}")
    for form in ("json", "zip", "en.pdf"):
        raw(desk, desk.cast.otto, f"/receipts/{receipt.id}/receipt.{form}")
    desk.fresh()
    query = select(AccessLog).order_by(AccessLog.id).offset(before)
    logged = [(row.person_id, row.kind, row.area) for row in desk.session.scalars(query)]
    kinds = ("view", "export", "export", "print")
    assert logged == [(desk.cast.otto.id, kind, "applications") for kind in kinds]


def test_receipts_are_seen_with_their_application_only(desk: Desk) -> None:
    receipt = receipt_of(desk, decided(desk))
    for form in ("", "/receipt.json", "/receipt.zip", "/receipt.en.pdf"):
        desk.get(desk.cast.amir, f"/receipts/{receipt.id}{form}", 404)  # another branch
        desk.get(desk.cast.ada, f"/receipts/{receipt.id}{form}", 403)  # administrators see no credit data
    desk.get(desk.cast.otto, f"/receipts/{receipt.id}")
    desk.get(desk.cast.otto, "/receipts/999999", 404)
