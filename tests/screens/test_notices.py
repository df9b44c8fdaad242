"""How people are told: at once, in one digest a working day, or both; what the digest says, and when."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from credit_app import jobs
from credit_app.models import CreditApplication, DigestSent, Person
from tests.factories import make_holiday, make_policy
from tests.screens.desk import Desk
from workflows import clock
from workflows.tables import Outbox

NEXT_MORNING = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)  # 08:00 in Berlin, a Wednesday


def wants(desk: Desk, person: Person, notices: str) -> None:
    """The person chooses on the account page."""
    page = desk.get(person, "/account")
    (form,) = [form for form in page.html.forms if form.xpath(".//input[@name='notices']")]
    form.fields["notices"] = notices
    answer = desk.browser(person).post("/preferences", dict(form.form_values()))
    assert answer.status == 200
    assert "From now on you are told that way." in answer.text


def at_analysts(desk: Desk, name: str = "Nordwind AG") -> CreditApplication:
    return desk.usual(name)


def states(desk: Desk) -> dict[str, str]:
    desk.fresh()
    query = select(Outbox).where(Outbox.template == "decision_needed")
    return {
        desk.names[int(row.recipient.removeprefix("person:"))]: row.state
        for row in desk.session.scalars(query)
    }


def test_mails_of_somebody_who_wants_a_digest_wait_for_it_and_are_kept(desk: Desk) -> None:
    cast = desk.cast
    wants(desk, cast.anna, "digest")
    at_analysts(desk)
    desk.mails()
    assert states(desk) == {"Anna Weiss": "digest", "Anton Fuchs": "held"}  # held: no mail server is set here
    row = desk.session.scalars(select(Outbox).where(Outbox.state == "digest")).one()
    assert "Decision needed" in (row.sent_text or "")
    page = desk.get(cast.ada, "/admin/outbox?state=digest")
    assert "left for the digest" in page.text
    assert "Anna Weiss" in page.text


def test_who_wants_both_gets_the_mail_at_once(desk: Desk) -> None:
    wants(desk, desk.cast.anna, "both")
    at_analysts(desk)
    desk.mails()
    assert states(desk) == {"Anna Weiss": "held", "Anton Fuchs": "held"}


def test_the_digest_lists_tasks_mentions_follow_ups_and_what_was_left(desk: Desk) -> None:
    cast = desk.cast
    wants(desk, cast.anna, "digest")
    first, second = at_analysts(desk, "Nordwind AG"), at_analysts(desk, "Südwerk AG")
    desk.open_task(cast.anna, first).form("/claim").send()
    form = desk.get(cast.anton, f"/applications/{second.number}").form("/comments")
    form.fill(body="@Anna Weiss: the bank\nhas called").send()
    page = desk.get(cast.anna, f"/applications/{second.number}")
    page.form("/follow-ups").fill(on_day="2026-03-11", note="call the bank").send()
    desk.mails()
    with clock.at(NEXT_MORNING):
        assert jobs.post_digests(desk.app) == 1
        (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("Anna Weiss", "digest")
    assert mail.subject == "Your day, 11 Mar 2026: 2 open tasks"
    mine, groups = mail.body.index("Yours:"), mail.body.index("For anybody of your groups:")
    assert mine < mail.body.index(f"Decide limit: {first.number}, Nordwind AG") < groups
    assert groups < mail.body.index(f"Decide limit: {second.number}, Südwerk AG")
    assert f"11 Mar 2026: {second.number}, Südwerk AG: call the bank" in mail.body
    assert "- Anton Fuchs: @Anna Weiss: the bank has called" in mail.body
    assert f"- Decision needed: {first.number}, Nordwind AG" in mail.body
    for address in (word for word in mail.body.split() if word.startswith("http")):
        path = "/" + address.split("/", 3)[3]
        answer = desk.app.test_client().get(path)
        assert "/sign-in" in answer.headers["Location"]  # a link signs nobody in


def test_a_digest_is_sent_once_a_working_day_from_the_policys_hour_on(desk: Desk) -> None:
    wants(desk, desk.cast.anna, "both")
    at_analysts(desk)

    def posted(when: str) -> int:
        with clock.at(datetime.fromisoformat(when)):
            return jobs.post_digests(desk.app)

    make_holiday(desk.session, date(2026, 3, 12))
    desk.session.commit()
    assert posted("2026-03-11T06:29:00+00:00") == 0  # 07:29 in Berlin
    assert posted("2026-03-11T06:30:00+00:00") == 1
    assert posted("2026-03-11T06:31:00+00:00") == 0
    assert posted("2026-03-11T15:00:00+00:00") == 0
    assert posted("2026-03-12T09:00:00+00:00") == 0  # a holiday
    assert posted("2026-03-13T09:00:00+00:00") == 1
    assert posted("2026-03-14T09:00:00+00:00") == 0  # a Saturday
    assert desk.count("digest_sent") == 2
    make_policy(desk.session, "notices.digest_at", "12:00")
    desk.session.commit()
    assert posted("2026-03-16T09:00:00+00:00") == 0
    assert posted("2026-03-16T11:00:00+00:00") == 1


def test_what_was_told_in_one_digest_is_not_news_in_the_next(desk: Desk) -> None:
    wants(desk, desk.cast.anna, "digest")
    application = at_analysts(desk)
    desk.mails()
    with clock.at(NEXT_MORNING):
        jobs.post_digests(desk.app)
        (mail,) = desk.mails()
        assert "What happened:" in mail.body
    with desk.later(2):
        jobs.post_digests(desk.app)
        (mail,) = [one for one in desk.mails() if one.template == "digest"]
    assert "What happened:" not in mail.body
    assert application.number in mail.body


def test_nothing_to_tell_sends_no_mail(desk: Desk) -> None:
    wants(desk, desk.cast.carla, "digest")
    with clock.at(NEXT_MORNING):
        assert jobs.post_digests(desk.app) == 0
    assert desk.mails() == []
    assert [row.person_id for row in desk.session.scalars(select(DigestSent))] == [desk.cast.carla.id]


def test_overdue_tasks_stand_in_the_subject(desk: Desk) -> None:
    wants(desk, desk.cast.anna, "both")
    at_analysts(desk)
    desk.mails()
    with clock.at(datetime(2026, 3, 13, 9, 0, tzinfo=UTC)):
        jobs.post_digests(desk.app)
        (mail,) = desk.mails()
    assert mail.subject == "Your day, 13 Mar 2026: 1 open task, 1 overdue"
    assert "overdue)" in mail.body


def test_the_digest_speaks_its_readers_language(desk: Desk) -> None:
    wants(desk, desk.cast.anna, "both")
    at_analysts(desk)
    person = desk.session.get_one(Person, desk.cast.anna.id)
    person.locale = "zh_Hans_CN"
    desk.session.commit()
    desk.mails()
    with clock.at(NEXT_MORNING):
        jobs.post_digests(desk.app)
        (mail,) = desk.mails()
    assert "2026" in mail.subject
    assert "Nordwind AG" in mail.body


@pytest.mark.parametrize("value", ["never", "", "digest' OR 1=1"])
def test_a_choice_that_is_none_changes_nothing(desk: Desk, value: str) -> None:
    form = desk.get(desk.cast.anna, "/account").form("/preferences").forge(notices=value)
    form.send()
    assert desk.session.get_one(Person, desk.cast.anna.id).notices == "at_once"
