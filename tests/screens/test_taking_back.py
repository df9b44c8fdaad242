"""A decision is taken back on the application's page, while nobody else has opened the case."""

from datetime import timedelta
from decimal import Decimal

from credit_app.models import CreditApplication, CreditLimit, Person
from tests.factories import make_limit
from tests.screens.desk import Desk, Page
from tests.screens.shelf import kept
from workflows import history
from workflows.tables import Outbox


def page_of(desk: Desk, person: Person, application: CreditApplication) -> Page:
    return desk.get(person, f"/applications/{application.number}")


def taken_back(desk: Desk, person: Person, application: CreditApplication) -> Page:
    """The button on the application's page; leads back to the open decision."""
    page = page_of(desk, person, application)
    assert "You can take your decision back until" in page.text
    done = page.form("/take-back").send()
    assert done.messages == ["The decision is taken back; nobody was told of it. Decide anew."], done
    assert done.path.startswith("/tasks/")
    desk.fresh()
    assert history.verify(desk.session)[1] is None
    return done


@kept
def waiting(desk: Desk, limit: str = "40 000") -> CreditApplication:
    application = desk.usual(limit=limit)
    desk.mails()
    return application


def posted(desk: Desk) -> list[str]:
    desk.fresh()
    query = desk.session.query(Outbox.template).where(Outbox.id > desk.read_mails).order_by(Outbox.id)
    return [row.template for row in query]


def test_an_approval_that_went_to_the_next_level_comes_back(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk, "90 000")
    desk.decide(
        cast.anna,
        application,
        "approve_with_changes",
        limit="80 000",
        terms_days="30",
        reason="Enough for them",
    )
    assert desk.who_sees(application) == {"Carla Rossi", "Chen Wei"}
    assert posted(desk) == ["decision_needed", "decision_needed"]
    page = taken_back(desk, cast.anna, application)
    application = desk.again(application)
    assert (application.status, application.approved_limit) == ("in_approval", None)
    (row,) = desk.decisions(application)
    assert (row.decision, row.retracted_at is not None) == ("approve_with_changes", True)
    assert posted(desk) == []
    assert desk.who_sees(application) == {"Anna Weiss"}
    page.form("/tasks/").fill(decision="approve").send()
    assert desk.who_sees(application) == {"Carla Rossi", "Chen Wei"}
    assert [(one.decision, one.retracted_at is None) for one in desk.decisions(application)] == [
        ("approve_with_changes", False), ("approve", True),
    ]  # fmt: skip
    assert "taken back" in page_of(desk, cast.otto, application).text
    assert desk.trail(application)[-3:] == [
        "task_completed decide_limit by Anna Weiss", "decided next_level by Anna Weiss",
        "service_run find_approver by Anna Weiss",
    ]  # fmt: skip


def test_the_last_approval_comes_back_with_its_limit_and_the_earlier_one_holds_again(desk: Desk) -> None:
    cast = desk.cast
    customer = desk.customer("Nordwind AG")
    earlier = make_limit(desk.session, customer, 20_000)
    desk.session.commit()
    until = earlier.valid_to
    application = desk.in_approval(customer)
    desk.mails()
    desk.decide(cast.anna, application, "approve")
    assert [row.status for row in desk.limits(application)] == ["replaced", "active"]
    taken_back(desk, cast.anna, application)
    application = desk.again(application)
    assert (application.status, application.decided_at, application.approved_limit) == (
        "in_approval",
        None,
        None,
    )
    first, second = desk.limits(application)
    assert (first.status, first.valid_to, second.status) == ("active", until, "retracted")
    assert posted(desk) == []
    desk.decide(cast.anna, application, "approve")
    limits = desk.limits(application)
    assert [(row.status, row.amount) for row in limits] == [
        ("replaced", Decimal("20000.00")), ("retracted", Decimal("40000.00")), ("active", Decimal("40000.00")),
    ]  # fmt: skip
    assert {mail.template for mail in desk.mails()} == {"application_granted"}


def test_a_refusal_and_a_return_come_back(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk)
    for decision, more, status in (
        ("refuse", {}, "refused"),
        ("send_back", {"rework_to": "entry"}, "sent_back"),
        ("send_back", {"rework_to": "investigation"}, "under_investigation"),
        ("send_back", {"rework_to": "proposal"}, "under_investigation"),
    ):
        desk.decide(cast.anna, application, decision, reason="Not like this", **more)
        assert desk.again(application).status == status
        taken_back(desk, cast.anna, application)
        application = desk.again(application)
        assert (application.status, application.round, application.outcome_reason) == ("in_approval", 1, None)
        assert posted(desk) == []
        assert desk.who_sees(application, desk.cast.everyone()) == {"Anna Weiss"}
    assert {row.retracted_at is None for row in desk.decisions(application)} == {False}
    desk.decide(cast.anna, application, "approve")
    assert desk.again(application).status == "granted"


def test_a_question_to_colleagues_comes_back(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk)
    ask = {"people": {str(cast.chen.id)}, "question": "Do they order enough?"}
    desk.decide(cast.anna, application, "ask_opinion", **ask)
    taken_back(desk, cast.anna, application)
    assert desk.sees(cast.chen, application) is None
    desk.decide(cast.anna, application, "add_approver", added=str(cast.felix.id), reason="Knows them")
    taken_back(desk, cast.anna, application)
    desk.decide(cast.anna, application, "add_approver", added=str(cast.felix.id), reason="Knows them")
    assert desk.sees(cast.felix, application) is not None


def test_once_somebody_else_has_opened_the_case_it_stands_and_its_mail_leaves(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk, "90 000")
    desk.decide(cast.anna, application, "approve")
    offered = page_of(desk, cast.anna, application).form("/take-back")
    desk.fresh()
    assert desk.session.query(Outbox).where(Outbox.state == "queued").count() == 2
    desk.open_task(cast.carla, application)
    refused = offered.send()
    assert refused.status == 409
    assert "Somebody has opened the case since; the decision stands." in refused.text
    assert not page_of(desk, cast.anna, application).has_form("/take-back")
    assert {mail.template for mail in desk.mails()} == {"decision_needed"}
    assert desk.who_sees(application) == {"Carla Rossi", "Chen Wei"}


def test_it_is_refused_to_others_twice_and_after_the_window(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk)
    desk.decide(cast.anna, application, "refuse", reason="Too many disputes")
    offered = page_of(desk, cast.anna, application).form("/take-back")
    taken_back(desk, cast.anna, application)
    assert "The decision was taken back already." in offered.send().text
    desk.decide(cast.anna, application, "refuse", reason="Too many disputes")
    late = page_of(desk, cast.anna, application).form("/take-back")
    with desk.later_by(timedelta(minutes=16)):
        assert "The time in which the decision could be taken back is over." in late.send().text
        assert not page_of(desk, cast.anna, application).has_form("/take-back")
    assert desk.again(application).status == "refused"
    assert desk.session.query(CreditLimit).count() == 0
