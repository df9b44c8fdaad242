"""Legal action through the screens: from the assessment to the end, by every way, and what is refused on it."""

import io
import json
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import jobs, legal
from credit_app.facts.evidence import claimed_items
from credit_app.facts.insolvency import insolvency_of
from credit_app.facts.interest_claims import unclaimed_of
from credit_app.facts.ledger_allocations import allocate_chosen
from credit_app.facts.ledger_receipts import enter_receipt
from credit_app.models import Customer, CustomerDocument, ItemBalance, LimitationInterruption, Person
from credit_app.models.late_interest import InterestClaim
from credit_app.models.legal import LegalCase, LegalCounsel, LegalDate, LegalDocument
from credit_app.models.write_off import WriteOff
from tests.factories import TODAY, make_customer, make_invoice
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Page
from workflows import Actor, Conflict

PDF = b"%PDF-1.4\n%%EOF\n"
DAY = timedelta(days=1)
YESTERDAY = (TODAY - DAY).isoformat()
ASSESSED: dict[str, Any] = {
    "amount": "1 000",
    "evidence": ["contract"],
    "prospects": "good",
    "solvency": "able",
    "cost_estimate": "150",
    "assessment": "Delivered and accepted; the debtor only lacks the will to pay",
}


def debtor(desk: Desk, country: str = "CN", amount: str = "1000.00", **values: Any) -> Customer:
    """A customer who owes one invoice, 120 days overdue, and a smaller one; law firm and own counsel are registered."""
    customer = make_customer(
        desk.session, "Nordwind AG", branch_id=desk.cast.north.id, country=country, **values
    )
    make_invoice(desk.session, customer, amount, TODAY - 120 * DAY, number="A-1")
    desk.session.add(LegalCounsel(kind="law_firm", name="Zhang & Partners"))
    desk.session.commit()
    return customer


def begin(desk: Desk, customer: Customer, by: Person | None = None) -> LegalCase:
    """The collector presses the button on the account page."""
    page = desk.get(by or desk.cast.cole, f"/receivables/customers/{customer.number}")
    page = page.form(f"/legal/customers/{customer.number}/start").send()
    assert page.messages == ["Legal action has begun."], page
    return newest(desk)


def newest(desk: Desk) -> LegalCase:
    desk.fresh()
    return desk.session.scalars(select(LegalCase).order_by(LegalCase.id.desc())).first()  # type: ignore[return-value]


def do(desk: Desk, case: LegalCase, node: str, by: Person | None = None, **values: Any) -> Page:
    """Somebody (counsel, unless said) opens the case's task, which has to be of that node, and answers it."""
    page = desk.at_task(by or desk.cast.lena, case, node)  # type: ignore[arg-type]
    document = values.pop("document", None)
    form = page.form("/tasks/").fill(**values)
    return (form.attach("file", document) if document else form).send()


def done(desk: Desk, case: LegalCase, node: str, by: Person | None = None, **values: Any) -> LegalCase:
    """The same; it has to be taken."""
    page = do(desk, case, node, by, **values)
    assert page.messages, page
    assert page.path == f"/legal/cases/{case.number}"
    return newest(desk)


def refused(
    desk: Desk, case: LegalCase, sentence: str, node: str, by: Person | None = None, **values: Any
) -> None:
    """It has to be refused with that sentence, and nothing changes."""
    before = (case.status, desk.task_ids(case))  # type: ignore[arg-type]
    page = do(desk, case, node, by, **values)
    assert page.status == 422, page
    assert any(sentence in one for one in page.problems), page.problems
    case = newest(desk)
    assert (case.status, desk.task_ids(case)) == before  # type: ignore[arg-type]


def approved(desk: Desk, case: LegalCase) -> LegalCase:
    done(desk, case, "assess_case", choice="proposed", **ASSESSED)
    return done(desk, case, "decide_action", desk.cast.carla, choice="approved")


def warned(desk: Desk, case: LegalCase, days: int = 30) -> None:
    """A demand that the debtor received so many days ago is among the papers of the case."""
    paper = CustomerDocument(
        customer_id=case.customer_id, kind="other", filename="demand.pdf", content_type="application/pdf",
        size=len(PDF), sha256=sha256(PDF).hexdigest(), content=PDF,
    )  # fmt: skip
    desk.session.add(paper)
    desk.session.flush()
    desk.session.add(
        LegalDocument(case_id=case.id, piece="demands", document_id=paper.id, received_on=TODAY - days * DAY)
    )
    desk.session.commit()


def filed(desk: Desk, case: LegalCase, way: str = "suit") -> LegalCase:
    approved(desk, case)
    warned(desk, case)
    counsel = desk.session.scalars(select(LegalCounsel)).first()
    assert counsel is not None
    done(desk, case, "choose_counsel", counsel_id=str(counsel.id), way=way, preserve="no")
    return done(desk, case, "file_claim", forum="Pudong court", filed_on=TODAY.isoformat())


def judged(desk: Desk, case: LegalCase, awarded: str = "1 000") -> LegalCase:
    filed(desk, case)
    done(desk, case, "record_hearing", choice="judgment", held_on=TODAY.isoformat())
    return done(desk, case, "record_title", title_on=TODAY.isoformat(), awarded=awarded)


def pays(desk: Desk, case: LegalCase, amount: str) -> int:
    """The debtor pays a part of the first claimed item; the worker looks; returns how many cases heard of it."""
    session = desk.session
    receipt = enter_receipt(session, case.customer_id, Decimal(amount), "EUR", TODAY, TODAY)
    allocate_chosen(session, receipt, {case.items[0].item_id: Decimal(amount)}, TODAY, TODAY)
    session.commit()
    return jobs.tell_legal_cases(desk.app)


def dates(desk: Desk, case: LegalCase) -> dict[str, date]:
    query = select(LegalDate.kind, LegalDate.due_on).where(
        LegalDate.case_id == case.id, LegalDate.settled_on.is_(None)
    )
    return {row.kind: row.due_on for row in desk.session.execute(query)}


def test_the_pack_the_statement_and_the_claim_name_the_same_late_interest(desk: Desk) -> None:
    # A part is paid, the interest until then is claimed and let go again, and goes on for 20 days.
    customer = debtor(desk, "DE", "5000")
    case = begin(desk, customer)
    pays(desk, case, "2000")
    address = f"/collection/customers/{customer.number}/interest"
    with desk.later(10):
        assert desk.get(desk.cast.rita, address).form_named("act").send().messages
        page = desk.get(desk.cast.carla, address)
        (claimed,) = desk.session.scalars(select(InterestClaim))
        page.form_named("act").forge(posted=str(claimed.interest_item_id)).fill(
            **{"waive-reason": "Part of a settlement"}
        ).send()
    with desk.later(30):
        row = desk.get(desk.cast.rita, address).text
        page = desk.get(desk.cast.lena, f"/legal/cases/{case.number}")
        page.form("/evidence").send()
        (left,) = unclaimed_of(desk.session, [case.items[0].item_id], "DE", TODAY + 30 * DAY).values()
        assert left.days == 20
        assert left.amount == Decimal("16.68")  # 3,000 at 2.15 + 8 % for 20 days
        assert "EUR 16.68" in row
        assert "EUR 16.68" in desk.get(desk.cast.lena, f"/legal/cases/{case.number}").text
        statement = desk.get(desk.cast.rita, f"/receivables/customers/{customer.number}/statement").text
        assert "16.68" in statement
        answer = desk.browser(desk.cast.lena).client.get(f"/legal/cases/{case.number}/evidence.zip")
        lines = zipfile.ZipFile(io.BytesIO(answer.data)).read("interest.csv").decode("utf-8-sig").splitlines()
        assert lines[0] == "number,from,to,days,open,rate_a_year,interest"
        assert lines[1:] == ["A-1,2026-03-21,2026-04-09,20,3000.00,10.1500,16.6849"]
        one = claimed_items(desk.session, newest(desk), TODAY + 30 * DAY)[0]
        assert (one.claimed_before, one.waived) == (0, claimed.amount)


# --- from the assessment to the end -------------------------------------------------------------------------------


@covers(
    "legal_preparation/assess", "legal_preparation/proposed", "legal_preparation/approved",
    "legal_preparation/preserve", "legal_action/go", "legal_proceedings/file",
    "legal_proceedings/by_hearing", "legal_proceedings/next_date", "legal_proceedings/judgment",
    "legal_proceedings/contested", "legal_proceedings/stands", "legal_action/title_won",
    "legal_enforcement/apply", "legal_enforcement/another", "legal_enforcement/over", "legal_enforcement/recovered",
    "legal_action/recovered",
)  # fmt: skip
def test_a_suit_is_assessed_approved_filed_judged_and_enforced(desk: Desk) -> LegalCase:
    case, today = begin(desk, debtor(desk, sales_rep_id=desk.cast.sara.id)), TODAY.isoformat()
    assert (case.number, case.status, case.amount) == ("LEG-2026-00001", "assessment", 1000)
    assert (
        "Number LEG-2026-00001" in desk.get(desk.cast.lena, "/inbox/groups").text
    )  # the preview beside the list
    page = desk.at_task(desk.cast.lena, case, "assess_case")  # type: ignore[arg-type]
    assert "Should the debts of Nordwind AG be taken to law?" in page.heading
    assert "No contract is filed." in page.text
    assert "Limitation of" not in page.text
    for sentence, change in (
        ("Only 1,000.00 is open", {"amount": "1 000.01"}),
        ("without any there is no case", {"evidence": []}),
        ("what the prospects are", {"prospects": ""}),
        ("whether the debtor can pay", {"solvency": ""}),
        ("Estimate the costs", {"cost_estimate": ""}),
        ("for and against", {"assessment": "no"}),
        ("whether the case is pursued", {"choice": None}),
    ):
        refused(desk, case, sentence, "assess_case", **{"choice": "proposed", **ASSESSED, **change})
    case = done(desk, case, "assess_case", choice="proposed", **ASSESSED)
    assert (case.status, case.proposed_by, case.evidence) == ("approval", desk.cast.lena.id, ["contract"])

    case = done(desk, case, "decide_action", desk.cast.carla, choice="approved")
    assert (case.status, case.decided_by) == ("preparation", desk.cast.carla.id)
    pack = desk.session.get_one(CustomerDocument, case.pack_id)
    assert pack.filename == f"LEG-2026-00001-evidence-{today}.zip"
    answer = desk.browser(desk.cast.lena).client.get(f"/legal/cases/{case.number}/evidence.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    manifest = json.loads(archive.read("manifest.json"))
    assert {one["file"]: one["sha256"] for one in manifest["files"]} == {
        name: sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != "manifest.json"
    }
    assert manifest["missing"] == ["contract", "delivery", "demands"] == case.pack_missing
    assert archive.read("00-cover.pdf").startswith(b"%PDF")
    assert [name for name in archive.namelist() if name.startswith("items/")]
    file = f"/customers/{case.customer.number}"
    assert pack.filename in desk.get(desk.cast.lena, f"{file}?tab=documents").text
    # The rep sees the file, and no legal case: nor what counsel gathered.
    assert pack.filename not in desk.get(desk.cast.sara, f"{file}?tab=documents").text
    desk.get(desk.cast.sara, f"{file}/documents/{pack.id}", 404)
    by_law = unclaimed_of(desk.session, [row.item_id for row in case.items], "CN", TODAY)
    claimed = claimed_items(desk.session, case, TODAY)
    assert [one.interest for one in claimed] == list(by_law.values())  # the figure of letters and statements
    assert sum(one.amount for one in by_law.values()) > 0

    counsel = desk.session.scalars(select(LegalCounsel)).one()
    for sentence, change in (
        ("Choose counsel", {"counsel_id": ""}),
        ("payment order, arbitration or suit", {"way": ""}),
        ("assets are preserved", {"preserve": None}),
    ):
        given = {"counsel_id": str(counsel.id), "way": "suit", "preserve": "yes"} | change
        refused(desk, case, sentence, "choose_counsel", **given)
    done(desk, case, "choose_counsel", counsel_id=str(counsel.id), way="suit", preserve="yes")
    given = {"choice": "granted", "forum": "Pudong court", "decided_on": today, "amount": "800"}
    refused(desk, case, "before 10 Mar 2026", "preserve_assets", **given | {"decided_on": YESTERDAY})
    refused(desk, case, "Only 1,000.00", "preserve_assets", **given | {"amount": "1 100"})
    refused(desk, case, "Name the court", "preserve_assets", **given | {"forum": ""})
    case = done(desk, case, "preserve_assets", **given)
    assert dates(desk, case) == {
        "preservation": TODAY + 30 * DAY,
        "filing": date(2026, 4, 7),
    }  # 20 business days

    given = {"forum": "Pudong court", "file_number": "(2026) 115-7", "filed_on": today}
    early = "has to reach the debtor 15 days before the suit"
    assert early in desk.at_task(desk.cast.lena, case, "file_claim").text  # type: ignore[arg-type]
    refused(desk, case, early, "file_claim", **given)
    warned(desk, case, 14)
    refused(desk, case, "may be filed from 11 Mar 2026, after 15 days of notice", "file_claim", **given)
    page = desk.get(desk.cast.lena, f"/legal/cases/{case.number}")
    given_in = {"paper-piece": "contract", "paper-received_on": YESTERDAY}
    form = page.form("/papers").fill(**given_in).attach("paper-file", File("demand.pdf", PDF))
    sent = form.send()
    assert any("Only a demand is received by the debtor" in one for one in sent.problems)
    received = (TODAY - 15 * DAY).isoformat()
    form = page.form("/papers").fill(**{"paper-piece": "demands", "paper-received_on": received})
    sent = form.attach("paper-file", File("demand.pdf", PDF)).send()
    assert sent.messages == ["The paper is filed."]
    refused(desk, case, "before 10 Mar 2026", "file_claim", **given | {"filed_on": YESTERDAY})
    refused(desk, case, "after 10 Mar 2026", "file_claim", **given | {"filed_on": (TODAY + DAY).isoformat()})
    refused(desk, case, "The next hearing lies ahead", "file_claim", **given | {"next_on": YESTERDAY})
    refused(desk, case, "is not a PDF", "file_claim", **given, document=File("claim.pdf", b"no pdf"))
    hearing = (TODAY + 20 * DAY).isoformat()
    case = done(desk, case, "file_claim", **given, next_on=hearing, document=File("claim.pdf", PDF))
    assert (case.status, case.forum, case.filed_on) == ("hearing", "Pudong court", TODAY)
    assert dates(desk, case) == {"hearing": TODAY + 20 * DAY}
    page = desk.at_task(desk.cast.lena, case, "record_hearing")  # type: ignore[arg-type]
    assert "30 Mar 2026" in page.text.partition("The claim")[0]  # due on the day of the hearing
    row = desk.session.scalars(select(LimitationInterruption)).one()
    assert (row.ground, row.interrupted_on, row.evidence) == ("filing", TODAY, f"legal_case:{case.id}")
    page = desk.get(desk.cast.lena, f"/receivables/items/{case.items[0].item_id}")
    assert "claim filed" in page.text
    assert "10 Mar 2029" in page.text  # three years in China

    refused(desk, case, "what came of the hearing", "record_hearing", held_on=today)
    refused(desk, case, "Give the day of the next", "record_hearing", choice="next_date", held_on=today)
    refused(desk, case, "before 10 Mar 2026", "record_hearing", choice="judgment", held_on=YESTERDAY)
    far = {"choice": "next_date", "held_on": today, "next_on": "9999-12-31"}
    refused(desk, case, "after 10 Mar 2036", "record_hearing", **far)
    done(desk, case, "record_hearing", choice="next_date", held_on=today, next_on=hearing)
    done(desk, case, "record_hearing", choice="judgment", held_on=today)
    given = {"title_on": today, "awarded": "900"}
    refused(desk, case, "before 10 Mar 2026", "record_title", **given | {"title_on": YESTERDAY})
    refused(desk, case, "Give the amount granted", "record_title", **given | {"awarded": ""})
    refused(desk, case, "more than the 1,000.00 claimed", "record_title", **given | {"awarded": "1 200"})
    refused(desk, case, "before 10 Mar 2026", "record_title", **given, contest_by=YESTERDAY)
    case = done(desk, case, "record_title", **given)
    assert (case.status, case.title_kind, case.awarded) == ("title", "judgment", 900)
    assert dates(desk, case) == {"appeal": TODAY + 15 * DAY}

    refused(desk, case, "what became of the title", "follow_title", on=today)
    refused(desk, case, "before 10 Mar 2026", "follow_title", choice="enforce", on=YESTERDAY)
    refused(desk, case, "An amount was granted", "follow_title", choice="lost", on=today)
    refused(desk, case, "say in a note why", "follow_title", choice="settled", on=today)
    case = done(desk, case, "follow_title", choice="contested", on=today, next_on=hearing)
    assert (case.status, case.title_kind, case.awarded) == ("hearing", None, None)
    done(desk, case, "record_hearing", choice="judgment", held_on=today)
    done(desk, case, "record_title", title_on=today, awarded="1 200", note="With the contractual penalty")
    case = done(desk, case, "follow_title", choice="enforce", on=today)
    assert (case.status, case.final_on) == ("execution", TODAY)
    assert dates(desk, case) == {"enforcement": date(2028, 3, 10)}  # two years

    given = {"forum": "Enforcement bureau", "applied_on": today}
    refused(
        desk, case, "nothing is enforced before", "apply_enforcement", **given | {"applied_on": YESTERDAY}
    )
    refused(desk, case, "Name the court or the bailiff", "apply_enforcement", **given | {"forum": ""})
    with desk.later(800):
        late = (TODAY + 800 * DAY).isoformat()
        refused(
            desk, case, "The period to enforce ended on", "apply_enforcement", **given | {"applied_on": late}
        )
    done(desk, case, "apply_enforcement", **given)
    given = {"choice": "another", "on": today, "amount": "1 000", "note": "The bank account was seized"}
    refused(desk, case, "what came of this step", "record_step", **given | {"choice": None})
    refused(desk, case, "Say what was done", "record_step", **given | {"note": ""})
    done(desk, case, "record_step", **given)
    refused(desk, case, "is still open", "record_step", **given | {"choice": "recovered"})
    session, item = desk.session, case.items[0].item_id
    receipt = enter_receipt(session, case.customer_id, Decimal("1000"), "EUR", TODAY, TODAY)
    allocate_chosen(session, receipt, {item: Decimal("1000")}, TODAY, TODAY)
    session.commit()
    case = done(desk, case, "record_step", **given | {"choice": "recovered"})
    assert (case.status, case.ended_on, dates(desk, case)) == ("enforced", TODAY, {})
    page = desk.get(desk.cast.otto, f"/legal/cases/{case.number}")
    assert "Recovered EUR 1,000.00" in page.text
    assert "Enforcement applied for" in page.text
    return case


@covers(
    "legal_preparation/file_at_once", "legal_proceedings/by_order", "legal_enforcement/insolvency",
    "legal_enforcement/uncollectable", "legal_action/uncollectable",
)  # fmt: skip
def test_a_payment_order_that_ends_in_insolvency_proposes_a_write_off(desk: Desk) -> LegalCase:
    case, today = begin(desk, debtor(desk)), TODAY.isoformat()
    filed(desk, case, "payment_order")
    case = done(desk, case, "record_title", title_on=today, awarded="1 000")
    assert (case.title_kind, dates(desk, case)) == ("payment_order", {"objection": TODAY + 15 * DAY})
    done(desk, case, "follow_title", choice="enforce", on=today)
    done(desk, case, "apply_enforcement", forum="Enforcement bureau", applied_on=today)
    done(desk, case, "record_step", choice="insolvency", on=today, note="The debtor has filed for insolvency")
    known = insolvency_of(desk.session, case.customer_id, TODAY)
    assert known is not None
    assert (known.since, known.case_number) == (TODAY, case.number)
    given = {"administrator": "Dr. Weiss", "filed_on": today, "amount": "1 000"}
    refused(desk, case, "Only 1,000.00 is open", "file_insolvency", **given | {"amount": "2 000"})
    refused(desk, case, "Name the administrator", "file_insolvency", **given | {"administrator": ""})
    refused(desk, case, "before 10 Mar 2026", "file_insolvency", **given, examined_on=YESTERDAY)
    case = done(desk, case, "file_insolvency", **given, examined_on=(TODAY + 60 * DAY).isoformat())
    assert dates(desk, case) == {"insolvency": TODAY + 60 * DAY}
    refused(desk, case, "anything more is to be had", "record_dividend", on=today, note="Nothing was paid")
    desk.mails()
    case = done(desk, case, "record_dividend", choice="uncollectable", on=today, note="No quota was paid")
    assert (case.status, case.end_note) == ("uncollectable", "No quota was paid")
    assert insolvency_of(desk.session, case.customer_id, TODAY) is None
    told = [(mail.to, mail.template) for mail in desk.mails()]
    assert ("Carla Rossi", "legal_write_off") in told
    assert desk.session.scalars(select(WriteOff.customer_id)).all() == [case.customer_id]
    return case


@covers("legal_proceedings/no_title", "legal_proceedings/not_met", "legal_action/lost")
def test_a_claim_that_is_dismissed_for_good_is_lost(desk: Desk) -> LegalCase:
    case, today = begin(desk, debtor(desk)), TODAY.isoformat()
    judged(desk, case, awarded="0")
    refused(desk, case, "Nothing was granted", "follow_title", choice="enforce", on=today)
    case = done(desk, case, "follow_title", choice="lost", on=today)
    assert (case.status, case.ended_on) == ("lost", TODAY)
    return case


@covers("legal_proceedings/agreement", "legal_proceedings/met", "legal_action/settled")
def test_a_settlement_that_is_kept_ends_the_case(desk: Desk) -> LegalCase:
    case, today = begin(desk, debtor(desk)), TODAY.isoformat()
    filed(desk, case)
    done(desk, case, "record_hearing", choice="settlement", held_on=today)
    given = {"settled_on": today, "amount": "800", "pay_by": (TODAY + 30 * DAY).isoformat()}
    refused(desk, case, "before 10 Mar 2026", "record_settlement", **given | {"pay_by": YESTERDAY})
    refused(desk, case, "more than the 1,000.00 claimed", "record_settlement", **given | {"amount": "1 500"})
    case = done(desk, case, "record_settlement", **given)
    assert (case.title_kind, dates(desk, case)) == ("settlement", {"payment": TODAY + 30 * DAY})
    refused(desk, case, "A settlement is kept or enforced", "follow_title", choice="contested", on=today)
    case = done(desk, case, "follow_title", choice="settled", on=today, note="800 was agreed and paid")
    assert (case.status, case.end_note) == ("settled", "800 was agreed and paid")
    return case


# --- who decides --------------------------------------------------------------------------------------------------


@covers("legal_preparation/sent_back", "legal_preparation/refused", "legal_action/no_go")
def test_a_larger_claim_is_the_finance_directors_who_may_send_back_and_refuse(desk: Desk) -> LegalCase:
    case = begin(desk, debtor(desk, amount="60000.00"), desk.cast.carla)
    assert "3 claimed" not in desk.at_task(desk.cast.lena, case, "assess_case").text  # type: ignore[arg-type]
    given = ASSESSED | {"amount": "60 000"}
    done(desk, case, "assess_case", choice="proposed", **given)
    (number,) = desk.task_ids(case)  # type: ignore[arg-type]
    desk.get(desk.cast.chen, f"/tasks/{number}", 403)
    refused(desk, case, "Choose what you decide", "decide_action", desk.cast.felix)
    refused(desk, case, "Give a reason", "decide_action", desk.cast.felix, choice="refused", reason="no")
    case = done(
        desk, case, "decide_action", desk.cast.felix, choice="sent_back", reason="Where is the contract?"
    )
    assert case.status == "assessment"
    # Of a smaller claim a credit manager decides, but not the one who asked for the action.
    done(desk, case, "assess_case", choice="proposed", **ASSESSED)
    (number,) = desk.task_ids(case)  # type: ignore[arg-type]
    desk.get(desk.cast.carla, f"/tasks/{number}", 403)
    case = done(
        desk, case, "decide_action", desk.cast.chen, choice="refused", reason="The costs are too high"
    )
    assert (case.status, case.end_note) == ("refused", "The costs are too high")
    return case


@covers("legal_preparation/dropped")
def test_a_claim_whose_limitation_has_passed_is_warned_of_and_may_be_dropped(desk: Desk) -> LegalCase:
    customer = debtor(desk)
    make_invoice(desk.session, customer, "50.00", TODAY - 4 * 366 * DAY, number="OLD-1")
    desk.session.commit()
    case = begin(desk, customer)
    page = desk.at_task(desk.cast.lena, case, "assess_case")  # type: ignore[arg-type]
    assert "Limitation of 1 claimed item has passed" in page.text
    case = done(
        desk, case, "assess_case", choice="dropped", assessment="Nothing to be had; limitation has passed"
    )
    assert case.status == "dropped"
    return case


# --- payments -----------------------------------------------------------------------------------------------------


@covers(
    "legal_action/payment_before_filing", "legal_action/payment_in_proceedings", "legal_action/payment_in_enforcement",
    "legal_action/go_on", "legal_action/withdraw", "legal_action/back_to_preparation",
    "legal_action/back_to_proceedings", "legal_action/back_to_enforcement", "legal_preparation/decide",
    "legal_preparation/arrange", "legal_proceedings/hear", "legal_proceedings/title", "legal_enforcement/go_on",
    "legal_enforcement/insolvent",
)  # fmt: skip
def test_each_payment_asks_counsel_and_the_case_resumes_where_it_stood(desk: Desk) -> LegalCase:
    case, today = begin(desk, debtor(desk)), TODAY.isoformat()

    def pays_and_goes_on(node: str, part: str = "10") -> LegalCase:
        assert pays(desk, case, part) == 1
        assert pays(desk, case, part) == 0  # nobody has decided on the first one yet
        page = desk.at_task(desk.cast.lena, case, "decide_on_suit")  # type: ignore[arg-type]
        assert "Nordwind AG has paid" in page.heading
        done(desk, case, "decide_on_suit", choice="go_on")
        assert jobs.tell_legal_cases(desk.app) == 0  # both were seen
        assert desk.task_ids(case, node), desk.way(case)  # type: ignore[arg-type]
        return newest(desk)

    case = pays_and_goes_on("assess_case")
    assert case.amount == 980
    refused(desk, case, "Only 980.00 is open", "assess_case", choice="proposed", **ASSESSED)
    done(desk, case, "assess_case", choice="proposed", **ASSESSED | {"amount": "980"})
    # The worker has not looked yet: what is no longer open cannot be approved.
    session = desk.session
    receipt = enter_receipt(session, case.customer_id, Decimal("80"), "EUR", TODAY, TODAY)
    allocate_chosen(session, receipt, {case.items[0].item_id: Decimal("80")}, TODAY, TODAY)
    session.commit()
    refused(desk, case, "A payment came in meanwhile", "decide_action", desk.cast.carla, choice="approved")
    assert jobs.tell_legal_cases(desk.app) == 1
    done(desk, case, "decide_on_suit", choice="go_on")
    assert newest(desk).amount == 900
    done(desk, case, "decide_action", desk.cast.carla, choice="approved")
    pays_and_goes_on("choose_counsel")
    counsel = desk.session.scalars(select(LegalCounsel)).one()
    done(desk, case, "choose_counsel", counsel_id=str(counsel.id), way="arbitration", preserve="no")
    pays_and_goes_on("file_claim")
    warned(desk, case)
    done(desk, case, "file_claim", forum="CIETAC", filed_on=today)
    pays_and_goes_on("record_hearing")
    done(desk, case, "record_hearing", choice="judgment", held_on=today)
    done(desk, case, "record_title", title_on=today, awarded="800")
    case = pays_and_goes_on("follow_title")
    assert case.title_kind == "award"
    done(desk, case, "follow_title", choice="enforce", on=today)
    pays_and_goes_on("apply_enforcement")
    done(desk, case, "apply_enforcement", forum="Enforcement bureau", applied_on=today)
    pays_and_goes_on("record_step")
    done(desk, case, "record_step", choice="insolvency", on=today, note="The debtor is insolvent")
    case = pays_and_goes_on("file_insolvency")
    left = desk.session.get_one(ItemBalance, case.items[0].item_id).open_amount
    pays(desk, case, "10")
    refused(desk, case, "say why the suit is withdrawn", "decide_on_suit", choice="withdraw")
    refused(desk, case, "Choose whether the suit", "decide_on_suit")
    pays(desk, case, str(left - 10))
    refused(desk, case, "for which costs the suit goes on", "decide_on_suit", choice="go_on")
    case = done(desk, case, "decide_on_suit", choice="withdraw")
    assert (case.status, case.ended_on) == ("paid", TODAY)
    return case


def test_nothing_goes_on_when_all_is_paid_before_anything_was_filed(desk: Desk) -> None:
    case = begin(desk, debtor(desk))
    pays(desk, case, "1000")
    refused(
        desk, case, "there is no suit to go on with", "decide_on_suit", choice="go_on", note="For the costs"
    )
    assert done(desk, case, "decide_on_suit", choice="withdraw").status == "paid"


# --- starting, dates, costs ---------------------------------------------------------------------------------------


def test_one_case_of_a_customer_is_open_at_a_time_and_only_overdue_debts_are_claimed(
    desk: Desk, app: Any
) -> None:
    customer = debtor(desk)
    engine, session = app.extensions["engine"], desk.session
    case = begin(desk, customer)
    page = desk.get(desk.cast.lena, f"/receivables/customers/{customer.number}")
    page = page.form(f"/legal/customers/{customer.number}/start").send()
    assert page.messages == ["The legal case LEG-2026-00001 of this customer is open already."]
    # Two at once: the second waits for the first and then sees it.
    with Session(session.get_bind()) as other, pytest.raises(Conflict):
        legal.start(other, engine, customer.id, Actor(desk.cast.cole.id), "test")
    # Another process that asks again starts nothing new.
    with app.test_request_context():
        assert legal.start_asked(session, engine, {"customer_id": customer.id}) == case.number
        other_customer = make_customer(session, "Südwind AG", branch_id=desk.cast.north.id)
        assert "Nothing of this customer is overdue" in legal.start_asked(
            session, engine, {"customer_id": other_customer.id}
        )
        due = make_invoice(session, other_customer, "70.00", TODAY + DAY)
        with pytest.raises(legal.NothingToClaim, match="overdue and still open"):
            legal.start(session, engine, other_customer.id, Actor(desk.cast.cole.id), "test", [due.id])
        late = [make_invoice(session, other_customer, "70.00", TODAY - DAY) for _ in range(2)]
        number = legal.start_asked(
            session,
            engine,
            {"customer_id": other_customer.id, "items": [late[0].id], "actor": desk.cast.cole.id},
        )
    assert number == "LEG-2026-00002"
    made = session.scalars(select(LegalCase).where(LegalCase.number == number)).one()
    assert [row.item_id for row in made.items] == [late[0].id]
    assert made.made_by == desk.cast.cole.id
    session.rollback()
    # Sales do not see it at all.
    desk.get(desk.cast.sara, f"/legal/cases/{case.number}", 403)
