"""Every decision leaves a receipt that anybody can check without the program, and that no change survives."""

import hashlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from credit_app import resources
from credit_app.domain.receipt import canonical, digest
from credit_app.facts.matrices import matrix, publish_matrix
from credit_app.facts.receipt_files import figures_of, files_of
from credit_app.models import Attachment, CreditApplication, DecisionReceipt
from tests.factories import TODAY, make_rating
from tests.processes.conftest import Desk
from workflows import history
from workflows.grid import read_grid

PAPER = b"%PDF-1.4 the balance sheet of Nordwind"


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    """The script as it is handed out, loaded from its file."""
    spec = importlib.util.spec_from_file_location("verify_receipt", resources.verifier())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def decided(
    desk: Desk, decision: str = "approve", **values: Any
) -> tuple[CreditApplication, DecisionReceipt]:
    """An application with a document, decided by the first level; and its receipt."""
    application = desk.open(desk.customer("Nordwind GmbH"))
    paper = Attachment(
        application_id=application.id,
        filename="Bilanz 2025.pdf",
        content_type="application/pdf",
        size=len(PAPER),
        sha256=hashlib.sha256(PAPER).hexdigest(),
        content=PAPER,
    )
    desk.session.add(paper)
    desk.session.commit()
    desk.submit(application)
    desk.assess(application)
    desk.decide(application, desk.cast.anna, decision, **values)
    return application, newest(desk, application)


def newest(desk: Desk, application: CreditApplication) -> DecisionReceipt:
    query = select(DecisionReceipt).where(DecisionReceipt.application_id == application.id)
    return desk.session.scalars(query.order_by(DecisionReceipt.id.desc())).all()[0]


@pytest.fixture
def unpacked(desk: Desk, tmp_path: Path) -> Callable[..., Path]:
    """Writes what is handed out with a receipt into a folder, changed as a test wants."""

    def write(receipt: DecisionReceipt, change: Callable[[dict[str, bytes]], None] | None = None) -> Path:
        files = files_of(desk.session, receipt, with_documents=True)
        if change:
            change(files)
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        return tmp_path

    return write


def test_a_receipt_says_what_was_seen_by_whom_by_which_rule_and_policy(desk: Desk) -> None:
    application, receipt = decided(
        desk, "approve_with_changes", limit=30_000, terms_days=30, reason="Start small"
    )
    said = figures_of(receipt)
    assert receipt.decision is not None
    assert receipt.sha256 == digest(receipt.body) == hashlib.sha256(receipt.body.encode()).hexdigest()
    assert said["application"]["number"] == application.number
    assert said["application"]["customer"]["name"] == "Nordwind GmbH"
    assert said["application"]["requested_by"]["name"] == "Sara Lind"
    decision = said["decision"]
    assert (decision["level"], decision["decision"], decision["reason"]) == (
        "credit_analyst", "approve_with_changes", "Start small",
    )  # fmt: skip
    assert (decision["limit_before"], decision["limit_after"]) == ("40000.00", "30000.00")
    assert decision["person"] == {"id": desk.cast.anna.id, "name": "Anna Weiss"}
    assert decision["on_behalf_of"] is None
    seen = said["seen"]
    assert seen["exposure"]["weight"]["currency"] == "EUR"
    assert [company["name"] for company in seen["exposure"]["companies"]] == ["Nordwind GmbH"]
    assert seen["rating"]["grade"] == seen["exposure"]["weight"]["grade"]
    assert seen["internal_record"]["payment_record"]["paid_count"] == 12
    assert [document["sha256"] for document in said["documents"]] == [hashlib.sha256(PAPER).hexdigest()]
    assert said["rule"]["table"].startswith("authority_matrix")
    assert said["rule"]["inputs"]["exception"] == "none"
    assert said["process"]["key"] == "credit_application"
    assert len(said["process"]["sha256"]) == 64
    assert said["policy"]["on"] == "2026-03-10"
    assert said["policy"]["values"]["limit.concentration_share"]["value"] == "0.10"
    assert not any(key.startswith("sign_in.") for key in said["policy"]["values"])


def test_each_decision_has_its_own_receipt_and_names_the_ones_before(desk: Desk) -> None:
    application, first = decided(desk, "send_back", reason="The statements are missing")
    desk.submit(application)
    desk.assess(application)
    desk.decide(application, desk.cast.anton, "refuse", reason="Nothing was added")
    second = newest(desk, application)
    assert first.decision_id != second.decision_id
    assert figures_of(second)["decision"]["decision"] == "refuse"
    assert [row["decision"] for row in figures_of(second)["seen"]["decisions_before"]] == ["send_back"]


def test_a_grant_by_rule_leaves_a_receipt_that_names_the_rule_and_no_person(
    desk: Desk, verifier: ModuleType, unpacked: Callable[..., Path]
) -> None:
    kept = matrix(desk.session, "automatic_grant")
    first = next(row for row in read_grid(kept.shipped).rows if row.results[0] == '"yes"')
    always = replace(first, conditions=tuple("-" for _condition in first.conditions))
    publish_matrix(desk.session, kept, [always], TODAY, "Everybody", desk.cast.carla.id, TODAY)
    customer = desk.customer("Nordwind GmbH")
    values = {"rated_by": desk.cast.anna.id, "valid_until": TODAY + timedelta(days=90)}
    make_rating(desk.session, customer, "A", score=Decimal(75), **values)
    application = desk.open(customer)
    desk.submit(application)
    receipt = newest(desk, application)
    said = figures_of(receipt)
    assert receipt.decision_id is None
    assert said["decision"]["by_rule"] is True
    assert said["decision"]["person"] is None
    assert said["decision"]["limit_after"] == "40000.00"
    assert (said["rule"]["decision"], said["rule"]["version"]) == ("automatic_grant", 1)
    assert said["rule"]["sha256"] == matrix(desk.session, "automatic_grant").versions[0].sha256
    assert verifier.main([str(unpacked(receipt))]) == 0


def test_the_history_names_the_receipt_by_its_hash_and_does_not_repeat_it(desk: Desk) -> None:
    application, receipt = decided(desk)
    events = history.timeline(desk.session, application.instance_id or 0)
    changes = [change for event in events for change in event["payload"].get("changes", [])]
    (named,) = [change for change in changes if change["table"] == "decision_receipt"]
    assert named["after"]["sha256"] == receipt.sha256
    assert "body" not in named["after"]


def test_a_receipt_is_never_changed_nor_removed(desk: Desk) -> None:
    decided(desk)
    for statement in ("UPDATE decision_receipt SET body = '{}'", "DELETE FROM decision_receipt"):
        with pytest.raises(DBAPIError, match="only added"):
            desk.session.execute(text(statement))
        desk.session.rollback()


def test_what_is_handed_out_verifies_without_the_program(
    desk: Desk, verifier: ModuleType, unpacked: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    application, receipt = decided(desk)
    folder = unpacked(receipt)
    head = history.head_of(desk.session, application.instance_id or 0)[1]
    assert verifier.main([str(folder), "--sha256", receipt.sha256, "--head", head]) == 0
    told = capsys.readouterr().out
    assert "Bilanz 2025.pdf (38 bytes): as it was" in told
    assert f"SHA-256 of the receipt {receipt.sha256} (as known)" in told
    assert "Everything holds." in told


def test_signs_that_end_lines_elsewhere_do_not_break_the_chain(
    desk: Desk, verifier: ModuleType, unpacked: Callable[..., Path]
) -> None:
    _application, receipt = decided(desk, "refuse", reason="Pasted from a paper\u2028second line\u0085third")
    assert verifier.main([str(unpacked(receipt)), "--sha256", receipt.sha256]) == 0


def test_the_script_checks_by_the_rules_that_the_program_writes_by(verifier: ModuleType) -> None:
    assert verifier.SCHEMA == "credit-desk.decision-receipt.1"
    text_of_it = canonical({"schema": verifier.SCHEMA, "b": [1, None, "ä信用"], "a": {"z": "1", "y": True}})
    assert text_of_it.startswith('{"a":{"y":true,"z":"1"},"b":[1,null,"ä信用"]')
    with pytest.raises(TypeError):
        canonical({"figure": 0.1})


def changed_receipt(files: dict[str, bytes]) -> None:
    files["receipt.json"] = files["receipt.json"].replace(b'"40000.00"', b'"90000.00"')


def rewritten_receipt(files: dict[str, bytes]) -> None:
    files["receipt.json"] = json.dumps(json.loads(files["receipt.json"]), indent=1).encode()


def changed_document(files: dict[str, bytes]) -> None:
    name = next(name for name in files if name.startswith("documents/"))
    files[name] += b" "


def added_document(files: dict[str, bytes]) -> None:
    files["documents/another.pdf"] = b"never seen"


def rows_of(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["chain.jsonl"].splitlines()]


def put_rows(files: dict[str, bytes], rows: list[dict[str, Any]]) -> None:
    files["chain.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def removed_event(files: dict[str, bytes]) -> None:
    put_rows(files, rows_of(files)[1:])


def changed_person(files: dict[str, bytes]) -> None:
    rows = rows_of(files)
    rows[0]["head"] = rows[0]["head"].replace("task_completed", "task_withdrawn")
    put_rows(files, rows)


def changed_content(files: dict[str, bytes]) -> None:
    rows = rows_of(files)
    told = next(row for row in rows if "payload" in row)
    told["payload"] = told["payload"].replace("approve", "refused")
    put_rows(files, rows)


def no_event_about_it(files: dict[str, bytes]) -> None:
    rows = rows_of(files)
    for row in rows:
        row.pop("payload", None)
    put_rows(files, rows)


def broken_form(files: dict[str, bytes]) -> None:
    put_rows(files, [{"seq": row["seq"]} for row in rows_of(files)])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed_receipt, "no event of the chain names this receipt"),
        (rewritten_receipt, "canonical form"),
        (changed_document, "none of the receipt's documents"),
        (added_document, "documents/another.pdf"),
        (removed_event, "lacks event"),
        (changed_person, "was changed"),
        (changed_content, "content of event"),
        (no_event_about_it, "no event of the chain names this receipt"),
        (broken_form, "do not have the form"),
    ],
)
def test_every_tampering_is_found(
    desk: Desk,
    verifier: ModuleType,
    unpacked: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, bytes]], None],
    says: str,
) -> None:
    _application, receipt = decided(desk)
    assert verifier.main([str(unpacked(receipt, change))]) == 1
    assert says in capsys.readouterr().out


def test_a_whole_set_made_anew_is_found_by_a_hash_known_from_elsewhere(
    desk: Desk, verifier: ModuleType, unpacked: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _application, receipt = decided(desk)
    folder = unpacked(receipt)
    assert verifier.main([str(folder), "--sha256", "0" * 64]) == 1
    assert verifier.main([str(folder), "--head", "0" * 64]) == 1
    assert "not with" in capsys.readouterr().out
    (folder / "receipt.json").unlink()
    assert verifier.main([str(folder)]) == 2
