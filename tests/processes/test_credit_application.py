"""A credit application from draft to limit, by every way the diagram draws."""

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.models import (
    CreditApplication,
    CreditLimit,
    Customer,
    LimitProposal,
    PersonRole,
    Rating,
    active_limit,
)
from credit_app.steps.approval.decide_limit import Decision
from credit_app.steps.credit_application.enter_application import Entered
from tests.factories import TODAY, make_customer, make_limit, make_substitution
from tests.processes.conftest import Desk
from workflows import Actor, InvalidAnswer, NotAllowed, NotWaiting, StaleTask, history


def test_small_application_of_a_prompt_payer_needs_one_level_and_opens_the_limit(desk: Desk) -> None:
    application = desk.open(desk.customer("Nordwind AG"))
    desk.submit(application)
    desk.assess(application)
    task = desk.task(application)
    assert (task.node, task.role, task.scope) == ("decide_limit", "credit_analyst", desk.cast.north.id)
    assert desk.mails("decision_needed") == {"Anna Weiss", "Anton Fuchs"}
    rest = desk.decide(application, desk.cast.anna, "approve")
    assert rest.outcome == "limit_granted"
    limit = active_limit(desk.session, application.customer_id or 0, TODAY)
    assert limit is not None
    assert (limit.amount, limit.terms_days, limit.payment_method) == (Decimal(40_000), 30, "open_account")
    assert limit.valid_to >= (limit.review_on or TODAY) > TODAY
    assert application.status == "granted"
    assert desk.mails("application_granted") == {"Sara Lind"}
    assert desk.kinds(application)[-1] == "ended"
    assert history.verify(desk.session)[1] is None


def test_rating_and_proposals_are_kept_with_their_inputs(desk: Desk) -> None:
    application = desk.open(desk.customer(days_late=4))
    desk.submit(application)
    desk.assess(application)
    rating = desk.session.scalars(select(Rating).where(Rating.application_id == application.id)).one()
    assert rating.rated_by == desk.cast.alma.id
    assert rating.confidence < 1
    assert rating.inputs["rating"]["points"]
    rows = desk.session.scalars(
        select(LimitProposal).where(LimitProposal.application_id == application.id)
    ).all()
    methods = {row.method: row for row in rows}
    assert methods["proposed"].amount is not None
    assert methods["need"].inputs
    assert not methods["tangible_net_worth"].applicable
    assert application.status == "in_approval"


def test_each_level_up_to_the_exposure_decides_in_turn(desk: Desk) -> None:
    application = desk.open(desk.customer(), 600_000, terms_days=14)
    desk.submit(application)
    desk.assess(application)
    assert desk.task(application).role == "credit_manager"
    desk.decide(application, desk.cast.carla, "approve")
    assert desk.task(application).role == "finance_director"
    rest = desk.decide(application, desk.cast.felix, "approve")
    assert rest.ended or desk.task(application).role == "cfo"


def test_refused_application_never_opens_a_limit(desk: Desk) -> None:
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    rest = desk.decide(application, desk.cast.anna, "refuse", reason="Too many open disputes")
    assert rest.outcome == "credit_refused"
    assert application.status == "refused"
    assert application.outcome_reason == "Too many open disputes"
    assert desk.session.scalars(select(CreditLimit)).all() == []
    assert desk.mails("application_refused") == {"Sara Lind"}


def test_sent_back_application_returns_to_its_rep_and_starts_a_new_round(desk: Desk) -> None:
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    desk.decide(application, desk.cast.anna, "send_back", reason="Name the delivery plan")
    task = desk.task(application)
    assert (task.node, task.claimed_by) == ("enter_application", desk.cast.sara.id)
    assert application.status == "sent_back"
    assert desk.mails("application_sent_back") == {"Sara Lind"}
    desk.session.refresh(application)
    desk.submit(application, purpose="Deliveries every month from May on")
    desk.assess(application)
    assert application.round == 2
    rest = desk.decide(application, desk.cast.anna, "approve")
    assert rest.outcome == "limit_granted"


def test_changed_amount_asks_the_matrix_again(desk: Desk) -> None:
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    desk.decide(
        application,
        desk.cast.anna,
        "approve_with_changes",
        limit=Decimal(90_000),
        terms_days=30,
        reason="More is needed",
    )
    assert desk.task(application).role == "credit_manager"
    desk.decide(application, desk.cast.carla, "approve")
    limit = active_limit(desk.session, application.customer_id or 0, TODAY)
    assert limit is not None
    assert limit.amount == Decimal(90_000)


def test_a_smaller_amount_may_need_fewer_levels(desk: Desk) -> None:
    application = desk.open(desk.customer(), 600_000, terms_days=14)
    desk.submit(application)
    desk.assess(application)
    rest = desk.decide(
        application, desk.cast.carla, "approve_with_changes", limit=Decimal(45_000), terms_days=14,
        conditions="Monthly statement", reason="Enough for the need",
    )  # fmt: skip
    assert rest.outcome == "limit_granted"
    assert application.approved_limit == Decimal(45_000)
    assert application.approved_conditions == "Monthly statement"


def test_nobody_decides_on_what_they_asked_for(desk: Desk) -> None:
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    with pytest.raises(NotAllowed):
        desk.decide(application, desk.cast.sara, "approve")


def test_not_even_through_a_substitute(desk: Desk) -> None:
    desk.cast.anna.roles[0].role = "credit_analyst"
    make_substitution(desk.session, desk.cast.anna, desk.cast.sara)
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    with pytest.raises(NotAllowed, match="asked for"):
        desk.decide(application, desk.cast.sara, "approve", on_behalf_of=desk.cast.anna)


def test_the_wrong_role_and_the_wrong_branch_are_refused(desk: Desk) -> None:
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    for person in (desk.cast.cole, desk.cast.amir, desk.cast.ada):
        with pytest.raises(NotAllowed):
            desk.decide(application, person, "approve")
        desk.session.rollback()


def test_one_person_does_not_decide_at_two_levels(desk: Desk) -> None:
    desk.cast.anna.roles.append(PersonRole(role="credit_manager"))
    desk.session.commit()
    application = desk.open(desk.customer(), 90_000)
    desk.submit(application)
    desk.assess(application)
    desk.decide(application, desk.cast.anna, "approve")
    assert desk.cast.anna.id in desk.task(application).excluded
    with pytest.raises(NotAllowed, match="another level"):
        desk.decide(application, desk.cast.anna, "approve")


def test_two_small_applications_weigh_as_one(desk: Desk) -> None:
    customer = desk.customer()
    first = desk.open(customer)
    desk.submit(first)
    desk.assess(first)
    desk.decide(first, desk.cast.anna, "approve")
    second = desk.open(customer, 45_000)
    desk.submit(second)
    desk.assess(second)
    desk.decide(second, desk.cast.anna, "approve")
    assert desk.task(second).role == "credit_manager"


def test_the_group_counts_not_the_single_customer(desk: Desk) -> None:
    parent = desk.customer()
    make_limit(desk.session, parent, 300_000)
    daughter = desk.customer(parent_id=parent.id)
    application = desk.open(daughter)
    desk.submit(application)
    desk.assess(application)
    assert desk.task(application).role == "credit_manager"


def test_withdrawal_ends_it_at_entry_and_in_approval(desk: Desk) -> None:
    for submit in (False, True):
        application = desk.open(desk.customer())
        if submit:
            desk.submit(application)
            desk.assess(application)
        rest = desk.engine.send(
            desk.session, application.instance_id or 0, "withdrawn", Actor(desk.cast.sara.id), "test",
            {"withdrawn_from": "credit_analyst"},
        )  # fmt: skip
        desk.session.commit()
        assert rest.outcome == "application_withdrawn"
        assert application.status == "withdrawn"
        with pytest.raises(NotWaiting):
            desk.engine.send(
                desk.session, application.instance_id or 0, "withdrawn", Actor(desk.cast.sara.id), "test"
            )
    assert desk.mails("application_withdrawn") == {"Anna Weiss", "Anton Fuchs"}


def test_with_nobody_eligible_the_next_level_decides_and_administrators_are_told(desk: Desk) -> None:
    desk.cast.anna.active = desk.cast.anton.active = False
    desk.session.commit()
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    assert desk.task(application).role == "credit_manager"
    assert desk.mails("no_approver") == {"Ada Larsen"}
    rest = desk.decide(application, desk.cast.carla, "approve")
    assert rest.outcome == "limit_granted"


def test_with_nobody_at_the_highest_level_it_waits_and_is_not_approved(desk: Desk) -> None:
    for name in ("anna", "anton", "carla", "chen", "felix", "fatima", "clara", "carlos"):
        getattr(desk.cast, name).active = False
    desk.session.commit()
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    assert desk.task(application).role == "cfo"
    assert application.status == "in_approval"


def test_reminder_then_escalation_to_the_next_level_in_business_days(desk: Desk) -> None:
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    assert desk.pass_time(1) == 0
    assert desk.pass_time(2) == 1
    assert desk.mails("decision_reminder") == {"Anna Weiss", "Anton Fuchs"}
    assert desk.pass_time(7) == 1
    assert desk.task(application).role == "credit_manager"
    assert desk.task(application).due_at is not None
    assert desk.mails("decision_escalated") == {"Carla Rossi", "Chen Wei"}
    rest = desk.decide(application, desk.cast.carla, "approve")
    assert rest.outcome == "limit_granted"


def test_new_customer_is_put_on_file_at_submission_and_only_once(desk: Desk) -> None:
    new = {
        "name": "Neu GmbH",
        "registration_number": "HRB 77",
        "country": "DE",
        "city": "Kiel",
        "industry": "Steel",
    }
    application = desk.open(None, 20_000, new_customer=new)
    desk.submit(application)
    customer = desk.session.scalars(select(Customer).where(Customer.name == "Neu GmbH")).one()
    assert application.customer_id == customer.id
    again = desk.open(None, 20_000, new_customer=new | {"registration_number": "hrb-77"})
    with pytest.raises(InvalidAnswer, match="on file already"):
        desk.submit(again)


def test_decided_task_says_who_and_when(desk: Desk) -> None:
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    task_id = desk.task(application).id
    desk.decide(application, desk.cast.anna, "approve")
    with pytest.raises(StaleTask) as stale:
        desk.engine.claim(desk.session, task_id, Actor(desk.cast.anton.id), "test")
    assert stale.value.by_person == desk.cast.anna.id
    assert stale.value.at is not None


def test_defaulted_customer_goes_to_the_highest_level(desk: Desk) -> None:
    customer = make_customer(desk.session, status="in_default", branch_id=desk.cast.north.id)
    application = desk.open(customer)
    desk.submit(application)
    desk.assess(application)
    for person in (desk.cast.carla, desk.cast.felix):
        desk.decide(application, person, "approve")
    assert desk.task(application).role == "cfo"
    loaded = desk.session.get(CreditApplication, application.id)
    assert loaded is not None
    assert loaded.status == "in_approval"


def test_customer_barred_meanwhile_goes_to_the_highest_level(desk: Desk) -> None:
    customer = desk.customer()
    application = desk.open(customer)
    desk.submit(application)
    desk.assess(application)
    customer.status = "blacklisted"
    desk.session.commit()
    desk.decide(application, desk.cast.anna, "approve")
    assert application.status == "in_approval"
    assert desk.task(application).role == "credit_manager"


def test_two_decisions_on_one_group_at_once_weigh_each_other(desk: Desk, app: Flask) -> None:
    customer = desk.customer()
    first, second = desk.open(customer, 1_000), desk.open(customer, 1_000)
    for application in (first, second):
        desk.submit(application)
        desk.assess(application)
    raised = {
        "decision": "approve_with_changes",
        "limit": Decimal(49_000),
        "terms_days": 30,
        "reason": "More business",
    }
    step = desk.engine.handlers.step("approval", "decide_limit")
    task, other = desk.task(first), desk.task(second)
    answers = {row.id: Decision(version=row.version, **raised) for row in (first, second)}

    def decide_second() -> None:
        with app.test_request_context(), Session(desk.session.get_bind()) as session:
            desk.engine.complete(
                session, other.id, Actor(desk.cast.anton.id), "test",
                lambda action: step.complete(action, answers[second.id]),
            )  # fmt: skip
            session.commit()

    desk.engine.complete(
        desk.session, task.id, Actor(desk.cast.anna.id), "test",
        lambda action: step.complete(action, answers[first.id]),
    )  # fmt: skip
    thread = threading.Thread(target=decide_second)
    thread.start()
    thread.join(1)
    desk.session.commit()
    thread.join(30)
    desk.session.expire_all()
    assert (first.status, second.status) == ("granted", "in_approval")
    assert desk.task(second).role == "credit_manager"


def test_nobody_decides_for_somebody_they_do_not_stand_in_for(desk: Desk) -> None:
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    with pytest.raises(NotAllowed, match="You do not stand in for Anna Weiss today"):
        desk.decide(application, desk.cast.chen, "approve", on_behalf_of=desk.cast.anna)


def test_a_colleague_of_another_branch_decides_as_substitute(desk: Desk) -> None:
    make_substitution(desk.session, desk.cast.anna, desk.cast.amir)
    application = desk.open(desk.customer())
    desk.submit(application)
    desk.assess(application)
    desk.decide(application, desk.cast.amir, "approve", on_behalf_of=desk.cast.anna)
    assert application.status == "granted"


def test_a_company_entered_twice_at_once_is_put_on_file_once(desk: Desk, app: Flask) -> None:
    new = {
        "name": "Neuwerk GmbH", "registration_number": "HRB 1", "country": "DE", "city": "Kiel", "industry": "Tools"
    }  # fmt: skip
    first, second = (desk.open(None, new_customer=new) for _ in range(2))
    other, refusals = desk.task(second), list[InvalidAnswer]()
    entered = Entered(
        second.version, None, new, second.requested_limit, "EUR", 30, "open_account", second.yearly_purchases,
        second.purpose,
    )  # fmt: skip
    step = desk.engine.handlers.step("credit_application", "enter_application")
    task, answer = desk.task(first), replace(entered, version=first.version)

    def submit_second() -> None:
        with app.test_request_context(), Session(desk.session.get_bind()) as session:
            try:
                desk.engine.complete(
                    session, other.id, Actor(desk.cast.sara.id), "test",
                    lambda action: step.complete(action, entered),
                )  # fmt: skip
            except InvalidAnswer as refused:
                refusals.append(refused)

    desk.engine.complete(
        desk.session, task.id, Actor(desk.cast.sara.id), "test", lambda action: step.complete(action, answer)
    )
    thread = threading.Thread(target=submit_second)
    thread.start()
    thread.join(1)
    desk.session.commit()
    thread.join(30)
    assert [refused.field for refused in refusals] == ["new_registration_number"]
