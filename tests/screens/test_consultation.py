"""Before a level decides it may ask colleagues, add an approver, or return the case: every way, through the screens."""

from credit_app.models import AddedApprover, CreditApplication, OpinionRequest, Policy
from tests.factories import TODAY, make_substitution
from tests.screens.desk import Desk, Mail
from tests.screens.flows import covers
from tests.screens.shelf import kept

QUESTION = "Does this customer order enough for it?"


def whom(mails: list[Mail]) -> list[tuple[str, str]]:
    return [(mail.to, mail.template) for mail in mails]


@kept
def waiting(desk: Desk) -> CreditApplication:
    """An application in approval, with what that left behind already looked at."""
    application = desk.usual()
    desk.new_events(application)
    desk.mails()
    return application


def opinions(desk: Desk) -> list[OpinionRequest]:
    desk.fresh()
    return list(desk.session.query(OpinionRequest).order_by(OpinionRequest.id))


@covers("approval/not_yet", "approval/opinion_wanted", "approval/approve")
def test_colleagues_answer_and_the_same_approver_decides(desk: Desk) -> CreditApplication:
    cast, application = desk.cast, waiting(desk)
    people = {str(cast.carla.id), str(cast.cole.id)}
    page = desk.decide(cast.anna, application, "ask_opinion", people=people, question=QUESTION)
    assert page.messages == ["Recorded. Next: Give opinion, Credit manager."]
    assert whom(desk.mails()) == [("Carla Rossi", "opinion_wanted"), ("Cole Baxter", "opinion_wanted")]
    assert desk.who_sees(application, cast.everyone()) == {"Carla Rossi", "Cole Baxter"}
    asked = desk.open_task(cast.carla, application)
    assert QUESTION in asked.text
    form = asked.form("/tasks/").fill(opinion="in_favour", words="Their orders doubled since May.")
    assert form.send().messages == ["Recorded. Still waited for: Give opinion."]
    assert desk.who_sees(application, cast.everyone()) == {"Cole Baxter"}
    given = desk.open_task(cast.cole, application).form("/tasks/")
    assert given.fill(opinion="against", words="Two promises were broken.").send().path == "/inbox"
    assert [(row.status, row.opinion, row.answered_by) for row in opinions(desk)] == [
        ("answered", "in_favour", cast.carla.id), ("answered", "against", cast.cole.id),
    ]  # fmt: skip
    assert whom(desk.mails()) == [("Anna Weiss", "decision_returned")]
    assert desk.sees(cast.anna, application) is not None
    assert desk.sees(cast.anton, application) is None
    page = desk.open_task(cast.anna, application)
    assert "Their orders doubled since May." in page.text
    assert "Two promises were broken." in page.text
    page.form("/tasks/").fill(decision="approve").send()
    assert desk.again(application).status == "granted"
    assert [row.level for row in desk.decisions(application)] == ["credit_analyst"]
    return application


@covers("opinions/opinions_late", "approval/refuse")
def test_an_opinion_that_does_not_come_in_time_is_closed_on_record(desk: Desk) -> CreditApplication:
    cast, application = desk.cast, waiting(desk)
    desk.decide(cast.anna, application, "ask_opinion", people={str(cast.carla.id)}, question=QUESTION)
    late = desk.open_task(cast.carla, application)
    assert desk.timers(4) == 1
    assert [row.status for row in opinions(desk)] == ["expired"]
    assert desk.get(cast.carla, late.path, 409).heading == "Already changed"
    page = desk.decide(cast.anna, application, "refuse", reason="Nobody could say")
    assert page.messages == ["Recorded. Result: Credit refused."]
    return desk.again(application)


@covers("approval/approver_wanted", "approval/added_agrees", "added_approval/agrees")
def test_an_added_approver_agrees_and_the_level_still_decides(desk: Desk) -> CreditApplication:
    cast, application = desk.cast, waiting(desk)
    page = desk.decide(
        cast.anna, application, "add_approver", added=str(cast.felix.id), reason="His largest customer"
    )
    assert page.messages == ["Recorded. Next: Decide as added, Finance director."]
    assert whom(desk.mails()) == [("Felix Brandt", "added_approver")]
    assert desk.who_sees(application, cast.everyone()) == {"Felix Brandt"}
    asked = desk.open_task(cast.felix, application)
    assert "His largest customer" in asked.text
    asked.form("/tasks/").fill(decision="approve").send()
    assert desk.again(application).status == "in_approval"
    assert desk.who_sees(application, cast.everyone()) == {"Anna Weiss"}
    desk.decide(cast.anna, application, "approve")
    assert desk.again(application).status == "granted"
    assert [(row.level, row.is_added, row.decision) for row in desk.decisions(application)] == [
        ("finance_director", True, "approve"), ("credit_analyst", False, "approve"),
    ]  # fmt: skip
    return application


@covers("approval/added_refuses", "added_approval/refuses")
def test_an_added_approver_who_refuses_ends_it(desk: Desk) -> CreditApplication:
    cast, application = desk.cast, waiting(desk)
    desk.decide(cast.anna, application, "add_approver", added=str(cast.chen.id), reason="Knows the trade")
    asked = desk.open_task(cast.chen, application).form("/tasks/")
    assert "Give a reason" in asked.fill(decision="refuse").send().text
    desk.decide(cast.chen, application, "refuse", reason="The trade is falling")
    application = desk.again(application)
    assert (application.status, application.outcome_reason) == ("refused", "The trade is falling")
    assert desk.limits(application) == []
    return application


@covers("added_approval/to_close_request", "approval/added_agrees")
def test_a_silent_added_approver_replaces_no_level(desk: Desk) -> CreditApplication:
    cast, application = desk.cast, waiting(desk)
    desk.decide(cast.anna, application, "add_approver", added=str(cast.chen.id), reason="Knows the trade")
    assert desk.timers(4) == 1
    with desk.later(4):
        assert "added_approver_silent" in {mail.template for mail in desk.mails()}
        assert desk.sees(cast.chen, application) is None
        desk.decide(cast.anna, application, "approve")
    assert [(row.is_added, row.decision) for row in desk.decisions(application)] == [
        (True, "escalated"), (False, "approve"),
    ]  # fmt: skip
    return desk.again(application)


def test_whom_a_level_may_not_ask_and_what_it_owes(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk)
    page = desk.open_task(cast.anna, application)
    offered = {box.get("value") for box in page.all("//input[@name='people']")}
    assert str(cast.sara.id) not in offered
    assert str(cast.anna.id) not in offered
    assert str(cast.amir.id) not in offered  # another branch

    def refused(**values: str) -> str:
        form = desk.open_task(cast.anna, application).form("/tasks/").fill(decision=values.pop("decision"))
        return " ".join(form.forge(**values).send().problems)

    ask = {"decision": "ask_opinion", "question": QUESTION}
    assert "Sara Lind asked for this credit" in refused(**ask, people=str(cast.sara.id))
    assert "Nobody asks themselves" in refused(**ask, people=str(cast.anna.id))
    assert "no part in this branch" in refused(**ask, people=str(cast.amir.id))
    assert "does not exist" in refused(**ask, people="999999")
    assert "at least one" in refused(**ask)
    assert "Write the question" in refused(decision="ask_opinion", people=str(cast.chen.id), question="?")
    past = refused(**ask, people=str(cast.chen.id), due_on="2026-03-09")
    assert "still to come" in past
    add = {"decision": "add_approver", "reason": "Because of him"}
    assert "may not decide" in refused(**add, added=str(cast.sara.id))
    assert "Nobody adds themselves" in refused(**add, added=str(cast.anna.id))
    assert "Choose the person" in refused(**add, added="")
    assert opinions(desk) == []
    assert desk.session.query(AddedApprover).count() == 0


def test_whoever_has_decided_already_is_not_added(desk: Desk) -> None:
    cast, application = desk.cast, desk.usual(limit="90 000")
    desk.decide(cast.anna, application, "approve")
    page = desk.open_task(cast.carla, application)
    offered = {one.get("value") for one in page.all("//select[@name='added']/option")}
    assert str(cast.anna.id) not in offered
    assert str(cast.felix.id) in offered
    form = page.form("/tasks/").fill(decision="add_approver", reason="Knows the trade")
    answer = form.forge(added=str(cast.anna.id)).send()
    assert "Anna Weiss may not decide on this application." in " ".join(answer.problems)
    long = (
        page.form("/tasks/").fill(decision="add_approver", added=str(cast.felix.id), reason="x" * 1001).send()
    )
    assert long.error_at("reason") == "Say in at most 1000 characters why."
    assert desk.session.query(AddedApprover).count() == 0


def test_questions_that_were_taken_back_do_not_count(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk)
    desk.session.add(Policy(key="approval.most_opinions", valid_from=TODAY, value=1))
    desk.session.commit()
    for _turn in range(2):
        asked = desk.decide(
            cast.anna, application, "ask_opinion", people={str(cast.carla.id)}, question=QUESTION
        )
        assert asked.status == 200, asked
        page = desk.get(cast.anna, f"/applications/{application.number}")
        assert page.form("/take-back").send().path.startswith("/tasks/")
    assert [row.status for row in opinions(desk)] == ["cancelled", "cancelled"]


def test_a_substitute_who_entered_the_application_gives_no_opinion_on_it(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk)
    make_substitution(desk.session, cast.carla, cast.sara)
    desk.session.commit()
    desk.decide(cast.anna, application, "ask_opinion", people={str(cast.carla.id)}, question=QUESTION)
    task = desk.open_task(cast.carla, application)
    page = desk.get(cast.sara, task.path, 403)
    assert "Nobody gives an opinion on the credit they asked for" in page.text


def test_a_substitute_answers_and_both_names_are_kept(desk: Desk) -> None:
    cast, application = desk.cast, waiting(desk)
    make_substitution(desk.session, cast.felix, cast.fatima)
    desk.session.commit()
    desk.decide(cast.anna, application, "add_approver", added=str(cast.felix.id), reason="Knows the trade")
    task = desk.open_task(cast.felix, application)
    desk.get(cast.fatima, task.path).form("/tasks/").fill(decision="approve").send()
    (row,) = desk.decisions(application)
    assert (row.person_id, row.on_behalf_of, row.is_added) == (cast.fatima.id, cast.felix.id, True)


def test_each_choice_says_what_the_diagram_has_next(desk: Desk) -> None:
    application = desk.in_approval(desk.customer("Nordwind AG"), "90 000")
    page = desk.open_task(desk.cast.anna, application)
    said = {
        one.getprevious().get("value"): " ".join(one.itertext())
        for one in page.all("//div[@class='cd-choice']/label")
    }
    assert "Next: Decide limit, Credit manager." in said["approve"]
    assert "Ends with: Credit refused." in said["refuse"]
    assert "It returns to the step that you choose." in said["send_back"]
    steps = [
        " ".join(" ".join(one.itertext()).split()) for one in page.all("//fieldset[@id='rework_to']//label")
    ]
    assert steps == [
        "Entry Enter application, Sales rep",
        "Investigation Record report, Investigate customer, Enter statements, Credit analyst",
        "Rating Confirm rating, Credit analyst",
        "Proposal Set proposal, Credit analyst",
    ]
    assert "Next: Give opinion, Colleague asked." in said["ask_opinion"]
    assert "Next: Decide as added, Added approver." in said["add_approver"]


@covers(
    "credit_application/back_to_assessment", "credit_assessment/begin_with_rating",
    "credit_assessment/begin_with_proposal", "approval/send_back",
)  # fmt: skip
def test_a_level_sends_the_application_back_to_the_step_it_names(desk: Desk) -> CreditApplication:
    cast, application = desk.cast, waiting(desk)
    unnamed = desk.decide(cast.anna, application, "send_back", reason="The grade is too good")
    assert "Choose the step that the application returns to." in unnamed.problems
    for step, node in (("rating", "confirm_rating"), ("proposal", "set_proposal")):
        reason = "The grade is too good"
        page = desk.decide(cast.anna, application, "send_back", rework_to=step, reason=reason)
        assert page.status == 200, page
        application = desk.again(application)
        assert application.status == "under_investigation"
        assert desk.who_sees(application, cast.everyone()) == {"Alma Koch", "Anna Weiss", "Anton Fuchs"}
        assert desk.sees(cast.alma, application, node) is not None
        last = desk.decisions(application)[-1]
        assert (last.decision, last.rework_to, last.reason) == ("send_back", step, reason)
        application = desk.assess(application)
        assert application.status == "in_approval"
        assert desk.who_sees(application) == {"Anna Weiss", "Anton Fuchs"}
    desk.decide(cast.anna, application, "approve")
    assert desk.again(application).status == "granted"
    return application
