"""The credit committee: convened, voting, counted, minuted; every result through the screens."""

from datetime import timedelta

from credit_app.models import CommitteeMeeting, CreditApplication, Person
from tests.factories import NOW, make_substitution
from tests.screens.desk import Desk, Mail
from tests.screens.flows import covers
from tests.screens.shelf import kept


def whom(mails: list[Mail], template: str) -> set[str]:
    return {mail.to for mail in mails if mail.template == template}


@kept
def before_the_committee(desk: Desk) -> CreditApplication:
    """A departure from policy: manager, director and CFO have approved, and the committee is asked."""
    cast = desk.cast
    application = desk.in_approval(desk.customer("Nordwind AG"), terms_days="150")
    for person in (cast.carla, cast.felix, cast.clara):
        desk.decide(person, application, "approve")
    desk.new_events(application)
    return desk.again(application)


def meetings(desk: Desk) -> list[CommitteeMeeting]:
    desk.fresh()
    return list(desk.session.query(CommitteeMeeting).order_by(CommitteeMeeting.id))


def vote(desk: Desk, person: Person, application: CreditApplication, how: str, reason: str = "") -> None:
    page = desk.open_task(person, application).form("/tasks/").fill(vote=how, reason=reason).send()
    assert page.status == 200, page


@covers(
    "approval/committee_needed", "approval/committee_approves", "credit_committee/enough_members",
    "credit_committee/vote_approves",
)  # fmt: skip
def test_the_vote_closes_once_nothing_can_change_it_and_the_minutes_say_who_voted_how(
    desk: Desk,
) -> CreditApplication:
    cast, application = desk.cast, before_the_committee(desk)
    (meeting,) = meetings(desk)
    assert (sorted(meeting.members), meeting.quorum, meeting.result) == (
        sorted(one.id for one in cast.committee), 3, None,
    )  # fmt: skip
    assert whom(desk.mails(), "vote_needed") == {one.name for one in cast.committee}
    assert desk.who_sees(application, cast.everyone()) == {one.name for one in cast.committee}
    page = desk.open_task(cast.karl, application)
    assert "Oskar Lund" in page.text
    late = desk.open_task(cast.oskar, application)
    vote(desk, cast.karl, application, "for")
    vote(desk, cast.ingrid, application, "against", "The terms are too long")
    open_minutes = desk.get(cast.carla, f"/applications/{application.number}/meetings/{meeting.id}")
    assert "voted" not in open_minutes.text
    vote(desk, cast.yusuf, application, "for")
    vote(desk, cast.maria, application, "for")
    application = desk.again(application)
    assert application.status == "granted"
    closed = desk.get(cast.oskar, late.path, 409)
    assert closed.heading == "Already changed"
    assert "This task closed when Maria Silva acted" in closed.text
    decision = desk.decisions(application)[-1]
    (meeting,) = meetings(desk)
    assert (decision.level, decision.decision, decision.person_id, decision.meeting_id) == (
        "committee", "approve", None, meeting.id,
    )  # fmt: skip
    shown = desk.get(cast.sara, f"/applications/{application.number}")
    minutes = desk.get(cast.sara, next(iter(shown.links("/meetings/")))).text
    for line in (
        "The committee approved the application with 3 votes for and 1 against.",
        "Karl Meyer voted for.",
        "Ingrid Dahl voted against.",
        "The terms are too long",
        "Oskar Lund did not vote.",
    ):
        assert line in minutes
    assert "by vote" in shown.text
    return application


@covers("approval/committee_refuses", "credit_committee/vote_refuses")
def test_a_refused_vote_ends_it_with_the_reasons_of_those_against(desk: Desk) -> CreditApplication:
    cast, application = desk.cast, before_the_committee(desk)
    owed = desk.open_task(cast.karl, application).form("/tasks/").fill(vote="against").send()
    assert "Say in a few words why you vote against." in " ".join(owed.problems)
    for person in (cast.karl, cast.ingrid, cast.yusuf):
        vote(desk, person, application, "against", f"{person.name} sees no reason")
    application = desk.again(application)
    assert application.status == "refused"
    assert "Karl Meyer sees no reason" in (application.outcome_reason or "")
    assert desk.limits(application) == []
    return application


@covers("credit_committee/votes_late", "credit_committee/vote_fails", "approval/committee_gap")
def test_below_the_quorum_at_the_deadline_it_meets_once_more_then_the_cfo_decides_in_its_place(
    desk: Desk,
) -> CreditApplication:
    cast, application = desk.cast, before_the_committee(desk)
    vote(desk, cast.karl, application, "for")
    desk.mails()
    assert desk.timers(6) == 1
    first, second = meetings(desk)
    assert (first.result, second.result) == ("no_quorum", None)
    with desk.later(6):
        mails = desk.mails()
        assert whom(mails, "no_quorum") == {"Ada Larsen"}
        assert whom(mails, "vote_needed") == {one.name for one in cast.committee}
    assert desk.timers(12) == 1
    assert [row.result for row in meetings(desk)] == ["no_quorum", "no_quorum"]
    with desk.later(12):
        decisions = desk.decisions(application)
        assert (decisions[-1].level, decisions[-1].decision) == ("committee", "skipped")
        assert desk.who_sees(application) == {"Clara Stein"}
        desk.decide(cast.clara, application, "approve")
    application = desk.again(application)
    assert application.status == "granted"
    assert application.decided_at == NOW + timedelta(days=12)
    return application


@covers("credit_committee/too_few_members", "approval/committee_gap")
def test_too_few_members_are_not_convened_at_all(desk: Desk) -> CreditApplication:
    cast = desk.cast
    for person in (cast.karl, cast.ingrid, cast.yusuf):
        person.active = False
    desk.session.commit()
    application = before_the_committee(desk)
    (meeting,) = meetings(desk)
    assert (len(meeting.members), meeting.quorum, meeting.result) == (2, 3, "no_quorum")
    assert whom(desk.mails(), "no_quorum") == {"Ada Larsen"}
    minutes = desk.get(cast.carla, f"/applications/{application.number}/meetings/{meeting.id}").text
    assert "The meeting had no quorum: 0 of 2 members voted, 3 were needed." in minutes
    assert desk.who_sees(application) == {"Clara Stein"}
    return application


def test_only_members_vote_once_and_not_after_the_close(desk: Desk) -> None:
    cast, application = desk.cast, before_the_committee(desk)
    task = desk.open_task(cast.karl, application)
    other = desk.get(cast.ingrid, task.path, 403)
    assert "Only the members of this meeting vote, each for themselves." in other.text
    assert "belongs to another role" in desk.get(cast.chen, task.path, 403).text
    vote(desk, cast.karl, application, "abstain")
    again = task.form("/tasks/").fill(vote="for").forge(request_key="another").send()
    assert again.status == 409
    with desk.later(6):
        closed = desk.open_task(cast.ingrid, application).form("/tasks/").fill(vote="for").send()
        assert "The vote is closed; nothing of yours was saved." in " ".join(closed.problems)
    assert [len(row.votes) for row in meetings(desk)] == [1]


def test_a_member_who_decided_at_a_level_has_no_seat_in_the_meeting(desk: Desk) -> None:
    cast = desk.cast
    cast.clara.roles.append(type(cast.clara.roles[0])(role="committee"))
    desk.session.commit()
    before_the_committee(desk)
    assert cast.clara.id not in meetings(desk)[0].members


def test_a_substitute_votes_for_a_member_and_both_names_are_in_the_minutes(desk: Desk) -> None:
    cast, application = desk.cast, before_the_committee(desk)
    make_substitution(desk.session, cast.karl, cast.rita)
    make_substitution(desk.session, cast.ingrid, cast.sara)
    desk.session.commit()
    path = desk.open_task(cast.karl, application).path
    desk.get(cast.rita, path).form("/tasks/").fill(vote="for").send()
    forbidden = desk.open_task(cast.ingrid, application).path
    assert "Nobody decides on what they asked for." in desk.get(cast.sara, forbidden, 403).text
    for person in (cast.yusuf, cast.maria):
        vote(desk, person, application, "for")
    (meeting,) = meetings(desk)
    assert (meeting.votes[0].person_id, meeting.votes[0].cast_by) == (cast.karl.id, cast.rita.id)
    texts = [line["text"] for line in meeting.minutes]
    assert "Rita Novak voted for on behalf of Karl Meyer." in texts


def test_nobody_casts_two_votes_whomever_they_stand_in_for(desk: Desk) -> None:
    cast, application = desk.cast, before_the_committee(desk)
    for absent in (cast.karl, cast.ingrid):
        make_substitution(desk.session, absent, cast.rita)
    desk.session.commit()
    first, second = (desk.open_task(absent, application).path for absent in (cast.karl, cast.ingrid))
    desk.get(cast.rita, first).form("/tasks/").fill(vote="for").send()
    again = desk.get(cast.rita, second).form("/tasks/").fill(vote="for").send()
    assert "You have cast a vote in this meeting already" in again.text
    desk.fresh()
    assert [vote.person_id for vote in meetings(desk)[0].votes] == [cast.karl.id]
