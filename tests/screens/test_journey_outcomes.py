"""Every outcome of every gateway and boundary event, taken through the screens by the people it concerns.

Each test asserts the credit row, the history, who is next (and who is not), and the mail.
"""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path

from credit_app.models import CreditApplication
from tests.factories import NOW, TODAY
from tests.screens.desk import Desk, Mail
from tests.screens.flows import COVERED, covers, outcomes
from tests.screens.shelf import kept

SUBMITTED = [
    "started - by Sara Lind",
    "task_completed enter_application by Sara Lind",
    "service_run collect_internal_record by Sara Lind",
    "decided automatic_grant by Sara Lind",
    "service_run open_assessment by Sara Lind",
]
ASSESSED = [
    "task_completed record_report by Alma Koch",
    "task_completed investigate_customer by Alma Koch",
    "task_completed enter_statements by Alma Koch",
    "service_run rate_customer by Alma Koch",
    "task_completed confirm_rating by Alma Koch",
    "decided apply_strategy by Alma Koch",
    "service_run propose_limit by Alma Koch",
    "task_completed set_proposal by Alma Koch",
    "decided next_level by Alma Koch",
    "service_run find_approver by Alma Koch",
]


def whom(mails: list[Mail]) -> list[tuple[str, str]]:
    """Who got what."""
    return [(mail.to, mail.template) for mail in mails]


@kept
def submitted(desk: Desk, name: str = "Nordwind AG", limit: str = "40 000") -> CreditApplication:
    """Entered by Sara and assessed by Alma, with what that left behind already looked at."""
    application = desk.usual(name, limit)
    assert application.status == "in_approval"
    desk.new_events(application)
    desk.mails()
    return application


@covers("credit_application/assessment_needed", "credit_assessment/begin_with_investigation")
def test_submitted_application_is_investigated_by_the_analysts_of_its_branch(desk: Desk) -> CreditApplication:
    application = desk.enter(desk.customer("Nordwind AG"))
    assert (application.status, application.round) == ("under_investigation", 1)
    assert (application.submitted_at, application.requested_limit) == (NOW, Decimal("40000.00"))
    assert desk.trail(application) == SUBMITTED
    names = {"Anna Weiss", "Anton Fuchs", "Alma Koch"}
    assert desk.who_sees(application, desk.cast.everyone()) == names
    for node in ("record_report", "investigate_customer", "enter_statements"):
        assert desk.sees(desk.cast.anna, application, node)
    assert desk.mails() == []
    return application


@covers(
    "credit_assessment/rating_confirmed",
    "credit_assessment/proposal_set",
    "credit_application/proposed",
    "approval/level_remains",
    "approval/someone_eligible",
)
def test_assessed_application_waits_for_those_who_did_not_assess_it(desk: Desk) -> CreditApplication:
    application = desk.enter(desk.customer("Nordwind AG"))
    desk.new_events(application)
    application = desk.assess(application)
    assert application.status == "in_approval"
    assert (application.proposed_limit, application.proposed_by) == (
        Decimal("40000.00"), desk.cast.alma.id,
    )  # fmt: skip
    assert desk.trail(application) == ASSESSED
    assert desk.who_sees(application, desk.cast.everyone()) == {"Anna Weiss", "Anton Fuchs"}
    mails = desk.mails()
    assert whom(mails) == [("Anna Weiss", "decision_needed"), ("Anton Fuchs", "decision_needed")]
    assert mails[0].subject == f"Decision needed: {application.number}, Nordwind AG"
    assert "waits for a decision of your level" in mails[0].body
    assert mails[0].body.endswith(f"/applications/{application.number}\n")
    return application


@covers(
    "approval/approve",
    "approval/no_level_left",
    "credit_application/approved",
    "conditions/nothing_open",
    "credit_application/conditions_confirmed",
)
def test_approved_by_every_level_the_limit_opens_and_the_rep_is_told(desk: Desk) -> CreditApplication:
    application = submitted(desk)
    page = desk.decide(desk.cast.anna, application, "approve")
    assert page.messages == ["Recorded. Result: Limit granted."]
    application = desk.again(application)
    assert (application.status, application.approved_limit, application.approved_terms_days) == (
        "granted", Decimal("40000.00"), 30,
    )  # fmt: skip
    assert application.decided_at == NOW
    (decision,) = desk.decisions(application)
    assert (decision.level, decision.decision, decision.person_id, decision.round) == (
        "credit_analyst", "approve", desk.cast.anna.id, 1,
    )  # fmt: skip
    assert (decision.limit_after, decision.total_exposure) == (Decimal("40000.00"), Decimal("40000.00"))
    (limit,) = desk.limits(application)
    assert (limit.amount, limit.currency, limit.terms_days, limit.payment_method, limit.status) == (
        Decimal("40000.00"), "EUR", 30, "open_account", "active",
    )  # fmt: skip
    assert limit.application_id == application.id
    assert limit.valid_from == TODAY < (limit.review_on or TODAY) <= limit.valid_to
    events = desk.new_events(application)
    assert [f"{event['kind']} {event['node'] or ''}".strip() for event in events] == [
        "task_completed decide_limit",
        "decided next_level",
        "service_run check_conditions",
        "service_run grant_limit",
        "ended",
    ]
    assert {event["source"] for event in events} == {"screen:approval/decide_limit"}
    answered, decided, _checked, granted = (event["payload"] for event in events[:4])
    assert answered["data"]["decision"] == [None, "approve"]
    assert decided["inputs"] == {"total_exposure": "40000.00", "score": "83.90", "exception": "none"}
    assert decided["rule"]["id"] == "small_amount"
    assert decided["outputs"] == {"first_level": "credit_analyst", "final_level": "credit_analyst"}
    assert decided["data"]["outcome"] == ["open", "approved"]
    assert {change["table"] for change in granted["changes"]} == {"credit_application", "credit_limit"}
    assert desk.who_sees(application) == set()
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("Sara Lind", "application_granted")
    assert mail.subject == f"Granted: {application.number}, Nordwind AG"
    assert "is open" in mail.body
    shown = desk.get(desk.cast.sara, f"/applications/{application.number}").text
    assert "granted" in shown
    assert "EUR 40,000" in shown
    return application


@covers("approval/level_remains", "approval/approve", "approval/no_level_left", "credit_application/approved")
def test_above_the_first_envelope_the_manager_decides_after_the_analyst(desk: Desk) -> CreditApplication:
    application = submitted(desk, limit="90 000")
    page = desk.decide(desk.cast.anna, application, "approve")
    assert page.messages == ["Recorded. Next: Decide limit, Credit manager."]
    application = desk.again(application)
    assert application.status == "in_approval"
    assert desk.limits(application) == []
    assert desk.trail(application) == [
        "task_completed decide_limit by Anna Weiss",
        "decided next_level by Anna Weiss",
        "service_run find_approver by Anna Weiss",
    ]
    assert desk.who_sees(application) == {"Carla Rossi", "Chen Wei"}
    assert whom(desk.mails()) == [("Carla Rossi", "decision_needed"), ("Chen Wei", "decision_needed")]
    desk.decide(desk.cast.chen, application, "approve")
    assert desk.again(application).status == "granted"
    assert [(row.level, row.person_id) for row in desk.decisions(application)] == [
        ("credit_analyst", desk.cast.anna.id),
        ("credit_manager", desk.cast.chen.id),
    ]
    assert [limit.amount for limit in desk.limits(application)] == [Decimal("90000.00")]
    assert desk.trail(application)[-1] == "ended - by Chen Wei"
    assert whom(desk.mails()) == [("Sara Lind", "application_granted")]
    return application


@covers("approval/level_remains", "approval/approve", "approval/no_level_left", "credit_application/approved")
def test_a_larger_limit_asks_the_matrix_again_and_its_conditions_reach_the_limit(
    desk: Desk,
) -> CreditApplication:
    application = submitted(desk)
    page = desk.decide(
        desk.cast.anna, application, "approve_with_changes", limit="90 000", terms_days="14",
        conditions="Monthly statement", reason="The new plant needs more",
    )  # fmt: skip
    assert page.messages == ["Recorded. Next: Decide limit, Credit manager."]
    application = desk.again(application)
    assert (application.approved_limit, application.requested_limit) == (
        Decimal("90000.00"),
        Decimal("40000.00"),
    )
    assert desk.who_sees(application) == {"Carla Rossi", "Chen Wei"}
    assert whom(desk.mails()) == [("Carla Rossi", "decision_needed"), ("Chen Wei", "decision_needed")]
    desk.decide(desk.cast.carla, application, "approve")
    (limit,) = desk.limits(application)
    assert (limit.amount, limit.terms_days, limit.conditions) == (
        Decimal("90000.00"),
        14,
        "Monthly statement",
    )
    first = desk.decisions(application)[0]
    assert (first.limit_before, first.limit_after, first.terms_before, first.terms_after) == (
        Decimal("40000.00"), Decimal("90000.00"), 30, 14,
    )  # fmt: skip
    changed = desk.new_events(application)[0]["payload"]["changes"]
    row = next(change for change in changed if change["table"] == "credit_application")
    assert Decimal(row["after"]["approved_limit"]) == Decimal(90_000)
    assert row["before"]["approved_limit"] is None
    assert whom(desk.mails()) == [("Sara Lind", "application_granted")]
    return application


@covers("approval/refuse", "credit_application/not_approved", "credit_application/refused")
def test_refused_application_opens_no_limit_and_the_rep_reads_the_reason(desk: Desk) -> CreditApplication:
    application = submitted(desk)
    page = desk.decide(desk.cast.anna, application, "refuse", reason="Too many open disputes")
    assert page.messages == ["Recorded. Result: Credit refused."]
    application = desk.again(application)
    assert (application.status, application.outcome_reason) == ("refused", "Too many open disputes")
    assert (application.decided_at, application.approved_limit) == (NOW, None)
    assert desk.limits(application) == []
    assert desk.trail(application) == [
        "task_completed decide_limit by Anna Weiss",
        "service_run report_refusal by Anna Weiss",
        "ended - by Anna Weiss",
    ]
    assert desk.who_sees(application) == set()
    (mail,) = desk.mails()
    assert (mail.to, mail.subject) == ("Sara Lind", f"Refused: {application.number}, Nordwind AG")
    assert "Reason: Too many open disputes" in mail.body
    assert "Too many open disputes" in desk.get(desk.cast.sara, f"/applications/{application.number}").text
    return application


@covers(
    "approval/not_yet",
    "approval/send_back",
    "credit_application/not_approved",
    "credit_application/sent_back",
    "credit_application/back_to_entry",
)
def test_sent_back_application_is_reworked_by_its_rep_and_decided_anew(desk: Desk) -> CreditApplication:
    application = submitted(desk)
    page = desk.decide(
        desk.cast.anna, application, "send_back", rework_to="entry", reason="Name the delivery plan"
    )
    assert page.messages == ["Recorded. Next: Enter application, Sales rep."]
    assert desk.again(application).status == "sent_back"
    assert desk.trail(application) == [
        "task_completed decide_limit by Anna Weiss",
        "service_run return_application by Anna Weiss",
    ]
    assert desk.who_sees(application, desk.cast.everyone()) == {"Sara Lind"}
    (mail,) = desk.mails()
    assert (mail.to, mail.subject) == ("Sara Lind", f"Sent back: {application.number}, Nordwind AG")
    assert "sent back to you for rework" in mail.body
    task = desk.open_task(desk.cast.sara, application)
    assert "Anna Weiss sent it back" in task.text
    assert "Name the delivery plan" in task.text
    form = task.form("/tasks/")
    assert form.value("requested_limit") == "40 000"
    form.fill(purpose="Deliveries every month from May on", requested_limit="45 000").send()
    application = desk.again(application)
    assert (application.status, application.round, application.purpose) == (
        "under_investigation", 2, "Deliveries every month from May on",
    )  # fmt: skip
    change = desk.new_events(application)[0]["payload"]["changes"][0]
    assert change["before"]["requested_limit"] == "40000.00"
    assert Decimal(change["after"]["requested_limit"]) == Decimal(45_000)
    desk.assess(application)
    assert desk.who_sees(application) == {"Anna Weiss", "Anton Fuchs"}
    assert whom(desk.mails()) == [("Anna Weiss", "decision_needed"), ("Anton Fuchs", "decision_needed")]
    desk.decide(desk.cast.anna, application, "approve")
    assert desk.again(application).status == "granted"
    assert [row.round for row in desk.decisions(application)] == [1, 2]
    assert whom(desk.mails()) == [("Sara Lind", "application_granted")]
    return application


@covers("approval/nobody_eligible", "approval/someone_eligible", "credit_application/approved")
def test_level_without_anybody_is_skipped_on_record_and_the_administrator_is_told(
    desk: Desk,
) -> CreditApplication:
    desk.cast.anna.active = desk.cast.anton.active = False
    desk.session.commit()
    application = desk.usual()
    (skipped,) = desk.decisions(application)
    assert (skipped.level, skipped.decision, skipped.person_id) == ("credit_analyst", "skipped", None)
    assert "service_run alert_no_approver by Alma Koch" in desk.trail(application)
    cast = desk.cast
    assert desk.who_sees(application, (cast.sara, cast.amir, cast.carla, cast.chen, cast.felix)) == {
        "Carla Rossi", "Chen Wei",
    }  # fmt: skip
    mails = desk.mails()
    assert whom(mails) == [
        ("Ada Larsen", "no_approver"),
        ("Carla Rossi", "decision_needed"),
        ("Chen Wei", "decision_needed"),
    ]
    assert "nobody who may decide" in mails[0].body
    desk.decide(desk.cast.carla, application, "approve")
    assert desk.again(application).status == "granted"
    assert len(desk.limits(application)) == 1
    return application


@covers("credit_application/entry_withdrawn")
def test_draft_withdrawn_at_entry_ends_quietly(desk: Desk) -> CreditApplication:
    customer = desk.customer("Nordwind AG")
    page = desk.draft(desk.cast.sara)
    saved = desk.filled(page, customer).send(
        to=page.form("/tasks/").element.xpath(".//button/@formaction")[0]
    )
    assert saved.messages == ["The draft is saved."]
    application = desk.application(next(iter(page.links("/applications/"))).rpartition("/")[2])
    assert (application.status, application.requested_limit) == ("draft", Decimal("40000.00"))
    assert desk.who_sees(application) == {"Sara Lind"}
    done = desk.withdraw(desk.cast.sara, application, "Order lost to a rival")
    assert done.messages == ["The application is withdrawn."]
    application = desk.again(application)
    assert (application.status, application.outcome_reason) == ("withdrawn", "Order lost to a rival")
    assert application.decided_at == NOW
    assert desk.limits(application) == []
    assert desk.trail(application) == [
        "started - by Sara Lind",
        "message withdrawn_at_entry by Sara Lind",
        "service_run record_withdrawal by Sara Lind",
        "cancelled enter_application by Sara Lind",
        "ended - by Sara Lind",
    ]
    assert desk.who_sees(application) == set()
    assert desk.mails() == []
    return application


@covers("credit_application/approval_withdrawn")
def test_withdrawal_in_approval_takes_the_task_away_and_tells_the_level(desk: Desk) -> CreditApplication:
    application = submitted(desk)
    task = desk.open_task(desk.cast.anton, application)
    desk.withdraw(desk.cast.sara, application, "Order lost to a rival")
    application = desk.again(application)
    assert (application.status, application.outcome_reason) == ("withdrawn", "Order lost to a rival")
    assert desk.limits(application) == []
    assert desk.decisions(application) == []
    assert desk.trail(application) == [
        "message withdrawn_in_approval by Sara Lind",
        "service_run record_withdrawal by Sara Lind",
        "cancelled decide_limit by Sara Lind",
        "ended - by Sara Lind",
    ]
    assert desk.who_sees(application) == set()
    assert desk.get(desk.cast.anton, task.path, 409).heading == "Already changed"
    mails = desk.mails()
    assert whom(mails) == [("Anna Weiss", "application_withdrawn"), ("Anton Fuchs", "application_withdrawn")]
    assert mails[0].subject == f"Withdrawn: {application.number}, Nordwind AG"
    assert "nothing is left to decide" in mails[0].body
    assert desk.timers(30) == 0
    return application


@covers("approval/to_send_reminder")
def test_reminder_after_a_business_day_leaves_the_decision_open(desk: Desk) -> CreditApplication:
    application = submitted(desk)
    assert desk.timers(1) == 0  # before the next business day ends
    assert desk.timers(2) == 1
    assert desk.timers(2) == 0
    assert desk.again(application).status == "in_approval"
    assert desk.trail(application) == [
        "timer_fired remind_approver by system",
        "service_run send_reminder by system",
    ]
    assert desk.who_sees(application) == {"Anna Weiss", "Anton Fuchs"}
    with desk.later(2):
        mails = desk.mails()
    assert whom(mails) == [("Anna Weiss", "decision_reminder"), ("Anton Fuchs", "decision_reminder")]
    assert mails[0].subject == f"Reminder, decision needed: {application.number}, Nordwind AG"
    desk.decide(desk.cast.anton, application, "approve")
    assert desk.again(application).status == "granted"
    assert desk.timers(30) == 0
    return application


@covers("approval/to_send_reminder", "approval/to_escalate_decision", "credit_application/approved")
def test_overdue_decision_moves_to_the_next_level(desk: Desk) -> CreditApplication:
    application = submitted(desk)
    late = desk.open_task(desk.cast.anna, application)
    assert desk.timers(7) == 2
    with desk.later(7):
        assert desk.trail(application) == [
            "timer_fired remind_approver by system",
            "service_run send_reminder by system",
            "timer_fired escalate_approval by system",
            "service_run escalate_decision by system",
            "decided next_level by system",
            "service_run find_approver by system",
            "cancelled decide_limit by system",
        ]
        mails = [mail for mail in desk.mails() if mail.template != "decision_reminder"]
        assert whom(mails) == [
            ("Anna Weiss", "decision_late"),
            ("Anton Fuchs", "decision_late"),
            ("Ada Larsen", "decision_late"),
            ("Carla Rossi", "decision_escalated"),
            ("Chen Wei", "decision_escalated"),
        ]
        assert mails[-1].subject == f"Escalated to you: {application.number}, Nordwind AG"
        assert desk.who_sees(application) == {"Carla Rossi", "Chen Wei"}
        assert desk.get(desk.cast.anna, late.path, 409).heading == "Already changed"
        (escalated,) = desk.decisions(application)
        assert (escalated.level, escalated.decision, escalated.person_id) == (
            "credit_analyst", "escalated", None,
        )  # fmt: skip
        desk.decide(desk.cast.carla, application, "approve")
        application = desk.again(application)
        assert (application.status, application.decided_at) == ("granted", NOW + timedelta(days=7))
        assert [limit.valid_from for limit in desk.limits(application)] == [TODAY + timedelta(days=7)]
        assert whom(desk.mails()) == [("Sara Lind", "application_granted")]
    return application


def test_every_outcome_that_the_diagrams_draw_is_gone_through_by_a_test() -> None:
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        import_module(f"tests.screens.{path.stem}")
    drawn = set(outcomes())
    assert drawn - set(COVERED) == set(), "no test takes these outcomes"
    assert set(COVERED) - drawn == set(), "these outcomes are not drawn any more"
