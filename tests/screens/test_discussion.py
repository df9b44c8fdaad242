"""Comments with mentions, watching, follow-up dates, saved filters: what people keep beside a case."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from credit_app.models import Comment, CreditApplication, FollowUp, Person, SavedFilter, Watch
from tests.factories import make_substitution
from tests.screens.desk import Desk, Page
from tests.screens.shelf import kept


@kept
def waiting(desk: Desk, name: str = "Nordwind AG") -> CreditApplication:
    application = desk.usual(name)
    desk.mails()
    return application


def says(desk: Desk, person: Person, application: CreditApplication, body: str, **values: str) -> Page:
    """The person comments on the application's page."""
    form = desk.get(person, f"/applications/{application.number}").form("/comments")
    return form.fill(body=body, **values).send()


def comments(desk: Desk) -> list[Comment]:
    desk.fresh()
    return list(desk.session.scalars(select(Comment).order_by(Comment.id)))


# --- comments ------------------------------------------------------------------------------------------------------


def test_a_comment_tells_whom_it_mentions_and_stands_in_the_chain(desk: Desk) -> None:
    application, cast = waiting(desk), desk.cast
    desk.new_events(application)
    answer = says(
        desk, cast.anna, application, "Is the plant real? @Sara Lind, and @carla.rossi\nplease look."
    )
    assert "Your comment is recorded; told: Sara Lind, Carla Rossi." in answer.text
    (row,) = comments(desk)
    assert (row.author_id, set(row.mentions)) == (cast.anna.id, {cast.sara.id, cast.carla.id})
    mails = desk.mails()
    assert {(mail.to, mail.template) for mail in mails} == {
        ("Sara Lind", "mentioned"),
        ("Carla Rossi", "mentioned"),
    }
    assert "Is the plant real?" in mails[0].body
    assert f"/applications/{application.number}#comment-{row.id}" in mails[0].body
    (event,) = desk.new_events(application)
    assert (event["kind"], event["actor_id"]) == ("commented", cast.anna.id)
    assert event["payload"]["comment"].startswith("Is the plant real?")
    assert "Is the plant real?" in desk.get(cast.sara, f"/applications/{application.number}").text
    assert "Is the plant real?" in desk.get(cast.otto, f"/history/{application.instance_id}").text
    assert desk.decide(cast.anton, application, "approve").status == 200  # the chain goes on


def test_people_are_also_told_by_the_list_without_an_at(desk: Desk) -> None:
    application, cast = waiting(desk), desk.cast
    form = desk.get(cast.anna, f"/applications/{application.number}").form("/comments")
    names = [label.text for label in form.element.xpath(".//fieldset//label")]
    assert "Sara Lind" in names
    assert "Amir Nasser" not in names  # an analyst of the other branch
    assert "Anna Weiss" not in names
    form.fill(body="Please have a look").element.fields["told"].add(str(cast.carla.id))
    form.send()
    assert [(mail.to, mail.template) for mail in desk.mails()] == [("Carla Rossi", "mentioned")]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("@Amir Nasser what do you think?", "Amir Nasser may not see this case"),
        ("@Rita Novak is he paying?", "Rita Novak may not see this case"),
        ("@Nobody Atall look", "“@Nobody” is the name of nobody"),
        ("   ", "Please fill in this field."),
        ("x" * 4001, "At most 4000 characters, please."),
    ],
)
def test_who_may_not_see_the_case_is_not_told_and_the_text_is_kept(
    desk: Desk, body: str, sentence: str
) -> None:
    application = waiting(desk)
    answer = says(desk, desk.cast.anna, application, body)
    assert answer.status == 422
    assert sentence in answer.error_at("comment")
    assert answer.form("/comments").value("body") == body.strip()
    assert comments(desk) == []
    assert desk.mails() == []


def test_a_substitute_may_be_told_for_the_days_they_act(desk: Desk) -> None:
    application = waiting(desk)
    make_substitution(desk.session, desk.cast.anna, desk.cast.rita)
    desk.session.commit()
    assert says(desk, desk.cast.anton, application, "@Rita Novak: he called").status == 200
    assert [mail.to for mail in desk.mails()] == ["Rita Novak"]


def test_a_list_that_was_forged_tells_nobody_else(desk: Desk) -> None:
    application = waiting(desk)
    form = desk.get(desk.cast.anna, f"/applications/{application.number}").form("/comments")
    answer = form.fill(body="secret").forge(told=str(desk.cast.amir.id)).send()
    assert answer.status == 422
    assert comments(desk) == []


def test_a_second_click_comments_once(desk: Desk) -> None:
    application = waiting(desk)
    form = desk.get(desk.cast.anna, f"/applications/{application.number}").form("/comments").fill(body="once")
    form.send()
    assert "nothing was done twice" in form.send().text
    assert [row.body for row in comments(desk)] == ["once"]


def test_who_may_not_open_the_case_neither_reads_nor_comments(desk: Desk) -> None:
    application = waiting(desk)
    form = desk.get(desk.cast.anna, f"/applications/{application.number}").form("/comments").fill(body="mine")
    token = desk.get(desk.cast.amir, "/account").form("/preferences").value("csrf_token")
    client = desk.browser(desk.cast.amir)
    answer = client.post(form.element.get("action"), {"csrf_token": token or "", "body": "other branch"})
    assert answer.status == 404
    assert comments(desk) == []


def test_a_comment_is_never_changed(desk: Desk) -> None:
    application = waiting(desk)
    says(desk, desk.cast.anna, application, "<script>alert(1)</script> & so on")
    page = desk.get(desk.cast.anton, f"/applications/{application.number}")
    assert page.all("//script[contains(., 'alert')]") == []
    with pytest.raises(DBAPIError, match="only added"):
        desk.session.execute(text("UPDATE comment SET body = 'other'"))
    desk.session.rollback()


def test_the_task_page_has_the_discussion_and_comes_back_to_it(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.open_task(desk.cast.anna, application)
    answer = page.form("/comments").fill(body="from the task").send()
    assert answer.path == page.path
    assert "from the task" in answer.text
    assert answer.form(page.path).fill(decision="approve").send().status == 200


# --- watching ------------------------------------------------------------------------------------------------------


def watched(desk: Desk, person: Person, query: str = "") -> list[str]:
    page = desk.get(person, f"/inbox/watching{query}")
    return [row.text for row in page.all("//tbody[@data-rows]//a[@class='cd-rowlink']")]


def test_who_entered_decided_commented_or_was_told_watches(desk: Desk) -> None:
    application, cast = waiting(desk, "Nordwind AG"), desk.cast
    number = application.number
    assert watched(desk, cast.sara) == [number]
    assert watched(desk, cast.anna) == []
    says(desk, cast.anton, application, "@Carla Rossi look")
    assert watched(desk, cast.anton) == watched(desk, cast.carla) == [number]
    desk.decide(cast.anna, application, "approve")
    assert watched(desk, cast.anna) == []  # it has ended
    assert watched(desk, cast.anna, "?ended=1") == [number]


def test_watching_is_begun_and_ended_on_the_page(desk: Desk) -> None:
    application, felix = waiting(desk), desk.cast.felix
    page = desk.get(felix, f"/applications/{application.number}").form("/watch").send()
    assert watched(desk, felix) == [application.number]
    assert "Decide limit" in desk.get(felix, "/inbox/watching").text
    assert not page.has_form("/watch")
    page.form("/unwatch").send()
    assert watched(desk, felix) == []


def test_what_one_may_no_longer_see_is_not_in_the_tab(desk: Desk) -> None:
    application, amir = waiting(desk), desk.cast.amir
    desk.session.add(Watch(person_id=amir.id, application_id=application.id))
    desk.session.commit()
    assert watched(desk, amir) == []


def test_the_tab_goes_on_page_by_page(desk: Desk) -> None:
    first, second = waiting(desk, "Nordwind AG"), waiting(desk, "Südwerk AG")
    assert watched(desk, desk.cast.sara) == [second.number, first.number]
    assert watched(desk, desk.cast.sara, f"?before={second.id}") == [first.number]
    assert desk.browser(desk.cast.sara).get("/inbox/watching?before=x").status == 400


# --- follow-up dates -----------------------------------------------------------------------------------------------


def test_a_follow_up_comes_back_on_its_day_and_is_done(desk: Desk) -> None:
    application, anna = waiting(desk), desk.cast.anna
    page = desk.get(anna, f"/applications/{application.number}")
    page.form("/follow-ups").fill(on_day="2026-03-12", note="balance sheet").send()
    assert "balance sheet" not in desk.get(anna, "/").text
    assert watched(desk, anna) == [application.number]
    with desk.later(2):
        start = desk.get(anna, "/")
        assert "Follow-ups due" in start.text
        assert "balance sheet" in start.text
        assert "balance sheet" not in desk.get(desk.cast.anton, "/").text
        assert any("due=1" in href for href in desk.get(anna, "/inbox").links("watching"))
        assert watched(desk, anna, "?due=1") == [application.number]
        start.form("/done").send()
        assert "Follow-ups due" not in desk.get(anna, "/").text
        assert watched(desk, anna, "?due=1") == []
    desk.fresh()
    (row,) = desk.session.scalars(select(FollowUp))
    assert row.done_at is not None


def test_a_follow_up_needs_a_day_to_come(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.get(desk.cast.anna, f"/applications/{application.number}")
    for day in ("2026-03-09", "2036-01-01", "", "soon"):
        answer = page.form("/follow-ups").fill(on_day=day, note="kept").send()
        assert answer.status == 422, day
        assert answer.error_at("follow-up"), day
        assert answer.form("/follow-ups").value("note") == "kept", day
        assert desk.count("follow_up") == 0, day


def test_a_follow_up_is_its_owners_alone(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.get(desk.cast.anna, f"/applications/{application.number}")
    kept = page.form("/follow-ups").fill(on_day="2026-03-12").send()
    action = kept.form("/done").element.get("action")
    other = desk.get(desk.cast.anton, f"/applications/{application.number}")
    assert not other.has_form("/done")
    assert other.form("/watch").send(to=action).status == 404
    desk.fresh()
    assert [row.done_at for row in desk.session.scalars(select(FollowUp))] == [None]


# --- saved filters -------------------------------------------------------------------------------------------------


def test_a_filter_is_saved_used_replaced_and_deleted(desk: Desk) -> None:
    waiting(desk, "Nordwind AG")
    waiting(desk, "Südwerk AG")
    anna = desk.browser(desk.cast.anna)
    assert not anna.get("/inbox/groups").has_form("/filters")
    page = anna.get("/inbox/groups?q=nord&sort=newest&evil=1")
    saved = page.form("/filters").fill(name="The north").send()
    assert "The filter “The north” is saved." in saved.text
    (row,) = desk.session.scalars(select(SavedFilter))
    assert (row.area, row.query) == ("inbox.groups", "q=nord&sort=newest")
    (href,) = anna.get("/inbox/groups").all("//a[@class='cd-chip'][text()='The north']/@href")
    assert "Südwerk" not in anna.get(href).text
    anna.get("/inbox/groups?q=süd").last_form("/filters").fill(name="The north").send()
    assert [row.query for row in fresh_filters(desk)] == ["q=s%C3%BCd"]
    assert "The north" not in anna.get("/inbox").text  # another list
    assert "The north" not in desk.get(desk.cast.anton, "/inbox/groups").text  # another person
    anna.get("/inbox/groups").form("/delete").send()
    assert fresh_filters(desk) == []


def fresh_filters(desk: Desk) -> list[SavedFilter]:
    desk.fresh()
    return list(desk.session.scalars(select(SavedFilter)))


def test_a_filter_of_somebody_else_or_of_no_list_is_refused(desk: Desk) -> None:
    waiting(desk)
    anna, anton = desk.browser(desk.cast.anna), desk.browser(desk.cast.anton)
    saved = anna.get("/applications?status=in_approval").form("/filters").fill(name="Mine").send()
    action = saved.form("/delete").element.get("action")
    form = anton.get("/inbox/groups?q=x").form("/filters")
    assert form.fill(name="y").send(to=action).status == 404
    forged = anton.get("/inbox/groups?q=x").form("/filters").fill(name="y").forge(area="auth.sign_out")
    assert forged.send().status == 400
    empty = anton.get("/inbox/groups?q=x").form("/filters").fill(name="y").forge(query="evil=1&next=//x")
    assert "There is nothing to save" in empty.send().text
    assert [row.name for row in fresh_filters(desk)] == ["Mine"]
