"""Visits on site through the screens: planned, put off, reported, signed for, and what was agreed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from credit_app import jobs, starting
from credit_app.models import CollectionContact, LimitationInterruption
from credit_app.models.visits import SiteVisit
from tests.factories import TODAY
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Page
from tests.screens.shelf import kept
from tests.screens.test_holds import PDF, late_payer, pay
from workflows.outbox import Posted

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
DAY = TODAY + timedelta(days=3)  # a Friday
PLAN = {
    "choice": "planned",
    "planned_on": DAY.isoformat(),
    "address": "Quay 1, Hamburg",
    "purpose": "Statement signed, a date for the rest",
}
SEEN = {"choice": "visited", "premises": "A rented hall, half empty", "visited_on": DAY.isoformat()}
MET = {**SEEN, "finding": "met", "whom_met": "Mr Late, owner", "willingness": "hesitant"}


def newest(desk: Desk) -> SiteVisit:
    desk.fresh()
    return desk.session.scalars(select(SiteVisit).order_by(SiteVisit.id.desc())).first()  # type: ignore[return-value]


@kept
def wanted(desk: Desk, **values: Any) -> SiteVisit:
    """The worker begins the visit that a stage of collection asks for."""
    customer = late_payer(desk, **values)
    asked = Posted(
        1, "k", None, "process", "site_visit", "start", {"customer_id": customer.id, "case_id": 1}, 0
    )
    with desk.app.test_request_context():
        first = starting.start(desk.session, desk.app.extensions["engine"], asked)
        desk.session.commit()
        assert starting.start(desk.session, desk.app.extensions["engine"], asked) == first
    desk.session.commit()
    return newest(desk)


def work(desk: Desk, files: dict[str, File] | None = None, **values: str | None) -> Page:
    """Cole opens the open task of the newest visit and answers it."""
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    form = desk.get(desk.cast.cole, f"/tasks/{number}").form(f"/tasks/{number}").fill(**values)
    for name, file in (files or {}).items():
        form.attach(name, file)
    return form.send()


def plan(desk: Desk, **values: str | None) -> Page:
    return work(desk, **PLAN | {"visitor": str(desk.cast.cole.id)} | values)


@covers("site_visit/planned", "site_visit/put_off", "site_visit/visited", "site_visit/met",
        "site_visit/to_remind_visitor")  # fmt: skip
def test_a_visit_is_planned_put_off_reported_signed_and_ends_in_a_promise(desk: Desk) -> SiteVisit:
    visit, cast = wanted(desk), desk.cast
    past = plan(desk, planned_on=(TODAY - timedelta(days=1)).isoformat())
    assert past.problems == ["Give a day from today up to 60 days ahead."]
    sunday = (DAY + timedelta(days=2)).isoformat()
    assert "Nobody works on that day" in plan(desk, planned_on=sunday).problems[0]
    for field, sentence in (
        ("visitor", "Choose who goes"),
        ("address", "where"),
        ("purpose", "what the visit is for"),
    ):
        assert sentence in plan(desk, **{field: ""}).problems[0]
    assert "Next: Make visit" in plan(desk, planned_on=sunday, anyway="y").messages[0], (
        "warned, not forbidden"
    )
    early = work(desk, **MET | {"visited_on": TODAY.isoformat()})
    assert "report it then" in early.problems[0]
    move = {"choice": "put_off", "planned_on": DAY.isoformat(), "reason": "The owner is abroad"}
    assert "why" in work(desk, **move | {"reason": ""}).problems[0]
    work(desk, **move | {"planned_on": (DAY + timedelta(days=3)).isoformat()})
    work(desk, **move)
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    page = desk.get(cast.cole, f"/tasks/{number}")
    assert "Another day" not in page.text, "twice at most"
    forged = page.form(f"/tasks/{number}").forge(**move).send()
    assert "2 times at most" in forged.problems[0]
    assert len(newest(desk).moves) == 2
    desk.mails()
    assert desk.timers(3) == 1
    with desk.later(3):
        (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("Cole Baxter", "visit_reminder")
    assert "Quay 1" in mail.body
    with desk.later(3):
        wrong = work(desk, {"photos": File("hall.png", PDF)}, **MET)
        assert "is not a picture" in wrong.problems[0]
        assert "what was found" in work(desk, **SEEN).problems[0]
        assert "whom you met" in work(desk, **MET | {"whom_met": ""}).problems[0]
        assert "how willing" in work(desk, **MET | {"willingness": ""}).problems[0]
        assert "what you saw" in work(desk, **MET | {"premises": ""}).problems[0]
        assert (
            "the day of the visit, to today"
            in work(desk, **MET | {"visited_on": TODAY.isoformat()}).problems[0]
        )
        files = {"photos": File("hall.png", PNG), "documents": File("order.pdf", PDF)}
        work(desk, files, **MET)
        papers = {(paper.document.filename, paper.is_photo) for paper in newest(desk).papers}
        assert papers == {("hall.png", True), ("order.pdf", False)}
        page = desk.get(cast.cole, f"/collection/visits/{visit.number}")
        (link,) = page.links("/statement.en.pdf")
        assert desk.browser(cast.cole).client.get(link).data.startswith(b"%PDF")
        signed = {"choice": "signed", "signed_by": "Mr Late, owner"}
        assert "bears the signature" in work(desk, **signed).problems[0]
        after = {"statement_on": (DAY + timedelta(days=1)).isoformat()}
        assert "or of one before" in work(desk, {"file": File("s.pdf", PDF)}, **signed | after).problems[0]
        assert "who signed" in work(desk, {"file": File("s.pdf", PDF)}, choice="signed").problems[0]
        before = {"signed_on": TODAY.isoformat()}
        assert (
            "the day of the visit" in work(desk, {"file": File("s.pdf", PDF)}, **signed | before).problems[0]
        )
        work(desk, {"file": File("s.pdf", PDF)}, **signed)
        found = newest(desk)
        (row,) = desk.session.scalars(select(LimitationInterruption))
        assert (row.ground, row.interrupted_on, row.document_id, row.evidence) == (
            "balance_confirmed", DAY, found.document_id, f"site_visit:{found.id}",
        )  # fmt: skip
        (number,) = desk.task_ids(found)  # type: ignore[arg-type]
        assert desk.get(cast.cole, f"/tasks/{number}").links("/collection/cases/COL-")
        assert work(desk, choice="promise").status == 422
        work(desk, choice="promise", note="300 a week from Monday on")
    logged = desk.session.scalars(select(CollectionContact).where(CollectionContact.channel == "visit"))
    assert [row.outcome for row in logged.all()] == ["reached", "promise"]
    page = desk.get(cast.otto, f"/collection/visits/{visit.number}")
    assert page.facts()["What was agreed"] == "promise to pay"
    assert newest(desk).status == "done"
    return newest(desk)


@covers("site_visit/not_met")
def test_a_visit_at_which_nobody_was_met_asks_for_no_signature(desk: Desk) -> SiteVisit:
    wanted(desk)
    plan(desk, planned_on=TODAY.isoformat())
    first = newest(desk)
    page = work(desk, **SEEN | {"finding": "moved_away", "visited_on": TODAY.isoformat()})
    assert page.messages == ["Recorded. Result: Nobody met."]
    assert (newest(desk).status, newest(desk).willingness) == ("nobody_met", None)
    case = desk.get(desk.cast.cole, "/collection").links("/collection/cases/")[0]
    asked = desk.get(desk.cast.cole, case).form("/visit").send()
    assert asked.messages == ["A visit is asked for; it is planned next."]
    again = desk.get(desk.cast.cole, case).form("/visit").send()
    assert "under way already" in again.messages[0]
    assert not desk.get(desk.cast.otto, case).has_form("/visit")
    assert "nobody was there" not in desk.get(desk.cast.otto, "/collection/visits?status=nobody_met").text
    assert "moved away" in desk.get(desk.cast.otto, "/collection/visits?status=nobody_met").text
    desk.fresh()
    return desk.session.get_one(SiteVisit, first.id)


@covers("site_visit/cancelled")
def test_a_visit_is_cancelled_and_two_on_one_day_are_warned_of(desk: Desk) -> SiteVisit:
    wanted(desk)
    plan(desk)
    first = newest(desk)
    wanted(desk, email="")
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    assert "Late & Sons" in desk.get(desk.cast.cole, f"/tasks/{number}").text
    assert f"has the visit {first.number} on that day" in plan(desk).problems[0]
    plan(desk, anyway="y")
    assert "why" in work(desk, choice="cancelled").problems[0]
    work(desk, choice="cancelled", reason="They have filed for insolvency")
    assert newest(desk).status == "cancelled"
    return newest(desk)


@covers("site_visit/not_needed")
def test_a_visit_that_is_not_needed_ends_with_a_reason(desk: Desk) -> SiteVisit:
    wanted(desk, country="FR")
    assert "why nobody goes" in work(desk, choice="not_needed").problems[0]
    work(desk, choice="not_needed", reason="They pay tomorrow")
    assert newest(desk).status == "not_needed"
    return newest(desk)


def test_without_a_signature_or_where_the_law_says_nothing_limitation_goes_on(desk: Desk) -> None:
    wanted(desk, country="FR")
    plan(desk, planned_on=TODAY.isoformat())
    work(desk, **MET | {"visited_on": TODAY.isoformat()})
    work(desk, {"file": File("s.pdf", PDF)}, choice="signed", signed_by="Mr Late")
    work(desk, choice="none", note="They will not pay")
    wanted(desk)
    plan(desk, planned_on=TODAY.isoformat(), anyway="y")
    work(desk, **MET | {"visited_on": TODAY.isoformat()})
    assert "why it was not signed" in work(desk, choice="not_signed").problems[0]
    work(desk, choice="not_signed", reason="He denies two of the invoices")
    assert newest(desk).status == "agreeing"
    assert desk.session.scalars(select(LimitationInterruption)).all() == []


@covers("site_visit/planning_over")
def test_a_visit_that_is_being_planned_is_dropped_when_everything_is_paid(desk: Desk) -> SiteVisit:
    visit = wanted(desk)
    assert jobs.follow_visits(desk.app) == 0
    pay(desk, visit.customer)
    assert jobs.follow_visits(desk.app) == 1
    assert jobs.follow_visits(desk.app) == 0
    assert (newest(desk).status, desk.task_ids(visit)) == ("cancelled", set())  # type: ignore[arg-type]
    return newest(desk)


@covers("site_visit/visit_over")
def test_the_visitor_is_told_that_everything_is_paid(desk: Desk) -> SiteVisit:
    visit = wanted(desk)
    plan(desk)
    pay(desk, visit.customer)
    desk.mails()
    assert jobs.follow_visits(desk.app) == 1
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("Cole Baxter", "visit_dropped")
    return newest(desk)
