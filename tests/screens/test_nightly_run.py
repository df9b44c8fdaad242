"""The nightly run through its page: how far it is, days without one, what could not be moved and is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from credit_app import collecting, jobs
from credit_app.models import AccessLog, CollectionCase, CollectionRun, CollectionSignal, Customer
from tests.factories import TODAY, make_customer, make_invoice, make_person, make_policy
from tests.screens.desk import Desk
from tests.screens.pages import Page
from workflows import clock

PAGE = "/collection/runs"


def morning(days: int) -> datetime:
    day = TODAY + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 7, tzinfo=UTC)


def worker(desk: Desk, *, move: bool = True) -> None:
    jobs.run_collection(desk.app)
    if move:
        jobs.move_cases(desk.app)
    desk.fresh()


def debtor(desk: Desk, name: str, days: int) -> Customer:
    made = make_customer(desk.session, name, branch_id=desk.cast.north.id)
    make_invoice(desk.session, made, 900, TODAY - timedelta(days=days))
    desk.session.commit()
    return made


def rows(page: Page) -> list[str]:
    found = [[cell.text_content() for cell in row] for row in page.all("//tbody[@data-rows]/tr")]
    return [" ".join(" ".join(cells).split()) for cells in found]


def case_of(desk: Desk, customer: Customer) -> CollectionCase | None:
    desk.fresh()
    return desk.session.scalars(
        select(CollectionCase).where(CollectionCase.customer_id == customer.id)
    ).one_or_none()


def test_the_page_shows_how_far_the_run_is_and_days_without_one(desk: Desk) -> None:
    make_policy(desk.session, "ledger.key_customers", 0)
    carla, ada = desk.cast.carla, desk.cast.ada
    debtor(desk, "Late & Sons", 4)
    with clock.at(morning(0)):
        assert "The run of today has not begun." in desk.get(carla, PAGE).text
        worker(desk, move=False)
        page = desk.get(carla, PAGE)
        run = desk.session.scalars(select(CollectionRun)).one()
        (asks,) = page.all("//div[@id='progress']/@hx-get")
        assert asks == f"{PAGE}/{run.id}/progress"
        assert "0 of 1 accounts are dealt with" in page.text
        assert not page.all("//form[@id='run-now']"), "it is at work"
        jobs.move_cases(desk.app)
        browser = desk.browser(carla)
        assert browser.client.get(asks).headers["HX-Refresh"] == "true"
        (row,) = rows(desk.get(carla, PAGE))
        assert row.split()[-4:] == ["1", "1", "0", "0"], "found, opened, moved, closed"
    with clock.at(morning(4)):
        page = desk.get(carla, PAGE)
        assert "On 3 days no run was made." in page.text
        worker(desk)
        newest, gap, first = rows(desk.get(carla, PAGE))
        assert newest.split()[-4:] == ["1", "0", "1", "0"]
        assert "not run" in gap
        assert first.split()[-4:] == ["1", "1", "0", "0"]

        debtor(desk, "Later GmbH", 5)
        worker(desk)
        assert desk.session.query(CollectionCase).count() == 1, "a day is run once"
        asked = desk.get(ada, PAGE).form_named("run-now").send()
        assert asked.messages == ["The worker looks at every account within seconds."]
        assert "asked for it" in asked.text
        worker(desk)
        assert desk.session.query(CollectionCase).count() == 2
        worker(desk)
        (run, _first) = desk.session.scalars(select(CollectionRun).order_by(CollectionRun.day.desc()))
        assert (run.found, run.asked_at, run.asked_by, run.ended_at) == (2, None, ada.id, morning(4))
        desk.get(desk.cast.cole, PAGE, 403)
        assert PAGE in desk.get(carla, "/collection").raw.decode()


def test_what_could_not_be_moved_is_told_and_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    make_policy(desk.session, "ledger.key_customers", 0)
    cast = desk.cast
    lea = make_person(desk.session, "credit_manager", name="Lea South", branch=cast.south)
    broken = debtor(desk, "Late & Sons", 8)
    desk.names[lea.id], desk.emails[lea.id] = lea.name, lea.email
    real = collecting.Collectors.give

    def fails(collectors: collecting.Collectors, who: Customer) -> int | None:
        if who.id == broken.id:
            raise RuntimeError("no luck")
        return real(collectors, who)

    monkeypatch.setattr(collecting.Collectors, "give", fails)
    with clock.at(morning(0)):
        worker(desk)
        assert "Every case could be moved" in desk.get(cast.carla, PAGE).text, "it is tried again by itself"
    for hours in range(1, 8):
        with clock.at(morning(0) + timedelta(hours=hours)):
            jobs.move_cases(desk.app)
    with clock.at(morning(0) + timedelta(hours=8)):
        page = desk.get(cast.carla, PAGE)
        (told,) = page.all("//section[@id='resting']//tbody/tr")
        assert "Late & Sons" in told.text_content()
        assert "An error of the program" in told.text_content()
        assert "60 minutes ago" in told.text_content()
        assert "waits for a person" in rows(page)[0]
        team = desk.get(cast.carla, "/collection/team")
        assert "1 case could not be moved and waits for you." in team.text
        assert "could not be moved" not in desk.get(lea, "/collection/team").text, "another branch"
        assert "Late & Sons" not in desk.get(lea, PAGE).text
        seen = desk.get(cast.ada, PAGE)
        assert "1 case could not be moved." in seen.text
        assert "Late & Sons" not in seen.text
        retry = page.form("/runs/retry/")
        stolen = desk.get(lea, PAGE).form("/sign-out").send(to=retry.element.get("action"))
        assert stolen.status == 403
        sent = retry.send()
        assert sent.messages == [
            "It is tried again within seconds. Should it fail again, it comes back here."
        ]
        assert retry.send().messages == [
            "Nothing of this customer rests any more; the worker has taken it up."
        ]
        line = desk.session.scalars(select(AccessLog).where(AccessLog.customer_id == broken.id)).one()
        assert (line.person_id, line.details) == (
            cast.carla.id,
            {"move_retried": ["RuntimeError: no luck", None]},
        )
        monkeypatch.setattr(collecting.Collectors, "give", real)
        jobs.move_cases(desk.app)
        case = case_of(desk, broken)
        assert case is not None
        assert case.stage == "call"
        assert desk.session.query(CollectionSignal).count() == 0
        # With a case, it stands in its history.
        held = {"cause": "payment", "held": True, "held_at": morning(0), "attempts": 8}
        desk.session.add(CollectionSignal(customer_id=broken.id, last_error="Conflict: it is busy", **held))
        desk.session.commit()
        page = desk.get(cast.carla, PAGE)
        assert "A rule did not let it be moved: it is busy" in page.text
        page.form("/runs/retry/").send()
        history = desk.get(cast.carla, f"/history/{case.instance_id}").text
        assert "Move of the case tried again by hand" in history
        # A look that succeeds takes along what rested of earlier ones.
        signal = desk.session.scalars(select(CollectionSignal)).one()
        signal.held, signal.held_at = True, morning(0)
        desk.session.add(CollectionSignal(customer_id=broken.id, cause="by_hand"))
        desk.session.commit()
        jobs.move_cases(desk.app)
        desk.fresh()
        assert desk.session.query(CollectionSignal).count() == 0


def test_a_worker_that_is_silent_is_told(desk: Desk) -> None:
    path = desk.app.extensions["config"].var / "worker.heartbeat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("1000\n")
    assert "The worker has given no sign of life" in desk.get(desk.cast.carla, PAGE).text
    jobs.heartbeat(desk.app)
    assert "no sign of life" not in desk.get(desk.cast.carla, PAGE).text
