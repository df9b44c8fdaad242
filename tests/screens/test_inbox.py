"""The inbox: filters and search in the address, claims of people who may no longer act, handing on."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from credit_app.models import CreditApplication, Person, PersonRole
from tests.factories import make_substitution
from tests.screens.desk import Desk, Page
from workflows import clock


def waiting(desk: Desk, name: str = "Nordwind AG", limit: str = "40 000") -> CreditApplication:
    return desk.usual(name, limit)


def loses_roles(desk: Desk, person: Person) -> None:
    desk.session.execute(delete(PersonRole).where(PersonRole.person_id == person.id))
    desk.session.commit()


def listed(page: Page) -> list[str]:
    """The customers of the list's rows."""
    return [
        row.xpath("string(./td[span[contains(@class, 'cd-id')]]/text())").strip()
        for row in page.all("//tbody[@data-rows]/tr")
    ]


# --- claims --------------------------------------------------------------------------------------------------------


def test_the_claim_of_somebody_who_lost_the_role_is_taken_over_on_record(desk: Desk) -> None:
    anna, anton = desk.cast.anna, desk.cast.anton
    application = waiting(desk)
    desk.open_task(anna, application).form("/claim").send()
    assert "Left behind" not in desk.get(anton, "/inbox/groups").text
    loses_roles(desk, anna)
    page = desk.get(anton, "/inbox/groups")
    assert "Left behind" in page.text
    taken = page.form("/claim").send()
    assert "The task is yours now." in taken.text
    assert taken.form(taken.path).fill(decision="approve").send().status == 200
    trail = desk.trail(application)
    assert "taken_over decide_limit by Anton Fuchs" in trail
    assert desk.again(application).status == "granted"


def test_the_claim_of_a_substitute_ends_with_the_substitution(desk: Desk) -> None:
    anna, rita, anton = desk.cast.anna, desk.cast.rita, desk.cast.anton
    make_substitution(desk.session, anna, rita)
    desk.session.commit()
    application = waiting(desk)
    desk.open_task(rita, application).form("/claim").send()
    assert "Left behind" not in desk.get(anton, "/inbox/groups").text
    with desk.later(1):
        page = desk.get(anton, "/inbox/groups")
        assert page.form("/claim").send().status == 200
        assert desk.decide(anton, application, "approve").status == 200


def test_a_claim_that_holds_is_not_taken_over(desk: Desk) -> None:
    application = waiting(desk)
    late = desk.open_task(desk.cast.anton, application).form("/claim")
    desk.open_task(desk.cast.anna, application).form("/claim").send()
    assert late.send().status == 409
    assert desk.sees(desk.cast.anna, application) is not None


def test_who_lost_the_role_still_puts_the_task_back(desk: Desk) -> None:
    anna = desk.cast.anna
    desk.session.add(PersonRole(person_id=anna.id, role="collector"))  # keeps an inbox
    desk.session.commit()
    application = waiting(desk)
    page = desk.open_task(anna, application).form("/claim").send()
    query = delete(PersonRole).where(PersonRole.person_id == anna.id, PersonRole.role == "credit_analyst")
    desk.session.execute(query)
    desk.session.commit()
    assert page.form("/put-back").send().status == 200
    assert desk.sees(desk.cast.anton, application) is not None


def test_with_two_absent_principals_the_inbox_takes_the_one_who_may(desk: Desk) -> None:
    """Anna entered the draft for Sara and is barred; Rita also stands in for Anton, who is not."""
    cast = desk.cast
    make_substitution(desk.session, cast.anna, cast.rita)
    make_substitution(desk.session, cast.anton, cast.rita)
    make_substitution(desk.session, cast.sara, cast.anna)
    desk.session.commit()
    path = desk.draft(cast.sara).path
    sent = desk.filled(desk.get(cast.anna, path), desk.customer("Nordwind AG")).send()
    application = desk.session.scalars(select(CreditApplication)).one()
    assert sent.status == 200, sent
    page = desk.open_task(cast.rita, application)
    claimed = page.form("/claim").send()
    assert "You act for Anton Fuchs." in claimed.text
    events = [event for event in desk.events(application) if event["kind"] == "claimed"]
    assert [(event["actor_id"], event["on_behalf_of"]) for event in events] == [(cast.rita.id, cast.anton.id)]


def test_a_task_is_handed_on_only_to_those_who_may_do_it(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.open_task(desk.cast.anna, application)
    names = [button.text for button in page.all("//form[contains(@action, '/delegate')]//button")]
    assert names == ["Anton Fuchs"]
    page.form("/delegate").send(person_id=str(desk.cast.anton.id))
    assert desk.sees(desk.cast.anton, application) is not None
    assert [event["kind"] for event in desk.events(application)][-1] == "delegated"


# --- filters and search --------------------------------------------------------------------------------------------


def test_the_search_finds_starts_of_words_numbers_and_running_numbers(desk: Desk) -> None:
    anna = desk.cast.anna
    first, second = waiting(desk, "Nordwind Antriebe AG"), waiting(desk, "Südwerk & Söhne")

    def found(words: str) -> list[str]:
        return listed(desk.browser(anna).get("/inbox/groups", 200, [("q", words)]))

    assert found("antr") == ["Nordwind Antriebe AG"]
    assert found("NORD anT") == ["Nordwind Antriebe AG"]
    assert found("söh") == ["Südwerk & Söhne"]
    assert found(second.number.lower()) == ["Südwerk & Söhne"]
    assert found(first.number[:8]) == ["Nordwind Antriebe AG", "Südwerk & Söhne"]
    assert found(str(int(first.number[-5:]))) == ["Nordwind Antriebe AG"]
    assert found(second.customer.number if second.customer else "") == ["Südwerk & Söhne"]
    for none in ("wind", "zz", "' | !x:*", "!!", "a & b | (", "%", "_"):
        assert found(none) == []


def test_a_draft_for_a_new_customer_is_found_by_its_name(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    new = {"customer_kind": "new", "new_name": "Ostsee Werften", "new_country": "DE"}
    desk.filled(page, "", **new).send(to=f"{page.path}/draft")
    found = desk.browser(desk.cast.sara).get("/inbox", 200, [("q", "werft")])
    assert listed(found) == ["Ostsee Werften"]


def test_the_kinds_of_task_are_those_of_ones_roles(desk: Desk) -> None:
    waiting(desk)
    anna = desk.get(desk.cast.anna, "/inbox/groups")
    assert "approval/decide_limit" in anna.all("//select[@name='task']//option/@value")
    assert "credit_application/enter_application" not in anna.all("//select[@name='task']//option/@value")
    sara = desk.get(desk.cast.sara, "/inbox")
    offered = sara.all("//select[@name='task']//option/@value")
    assert "credit_application/enter_application" in offered
    assert "approval/decide_limit" not in offered
    narrowed = desk.browser(desk.cast.anna).get("/inbox/groups", 200, [("task", "approval/decide_limit")])
    assert listed(narrowed) == ["Nordwind AG"]
    wrong = desk.browser(desk.cast.anna).get(
        "/inbox/groups", None, [("task", "credit_application/enter_application")]
    )
    assert (wrong.status, "There is no such kind of task." in wrong.text) == (400, True)


def test_the_amount_is_the_one_in_question(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.get(desk.cast.anna, "/inbox/groups")
    assert "40,000" in page.text
    application = desk.again(application)
    application.approved_limit = application.requested_limit and application.requested_limit - 5_000
    desk.session.commit()
    assert "35,000" in desk.get(desk.cast.anna, "/inbox/groups").text


# --- an open list --------------------------------------------------------------------------------------------------


def asks(page: Page) -> str:
    """The address that an open inbox asks by itself."""
    (found,) = page.all("//*[@id='news']/@hx-get")
    return str(found)


def test_an_open_inbox_hears_of_new_tasks_and_of_rows_that_others_took(desk: Desk) -> None:
    anna, anton = desk.cast.anna, desk.cast.anton
    first, second = waiting(desk, "Nordwind AG"), waiting(desk, "Südwerk AG")
    with clock.at(clock.now() + timedelta(minutes=1)):
        url = asks(desk.get(anna, "/inbox/groups"))
        assert plain_text(desk, anna, url) == ""
    with clock.at(clock.now() + timedelta(minutes=2)):
        waiting(desk, "Ostsee AG")
        waiting(desk, "West AG")
        desk.open_task(anton, first).form("/claim").send()
        desk.decide(anton, second, "approve")
        page = desk.get(anna, url)
    assert "2 new tasks" in page.text
    said = {span.get("id"): span.text for span in page.all("//span[@hx-swap-oob]")}
    assert sorted(said.values()) == ["Anton Fuchs has it now", "no longer open: it was done meanwhile"]


def plain_text(desk: Desk, person: Person, url: str) -> str:
    desk.get(person, "/")
    return desk.browser(person).client.get(url).text.strip()


def test_ones_own_list_hears_of_what_was_handed_over(desk: Desk) -> None:
    anna, anton = desk.cast.anna, desk.cast.anton
    application = waiting(desk)
    url = asks(desk.get(anna, "/inbox"))
    with clock.at(clock.now() + timedelta(minutes=1)):
        desk.open_task(anton, application).form("/delegate").send(person_id=str(anna.id))
        assert "1 new task" in desk.get(anna, url).text


def test_the_news_names_nobody_outside_ones_groups(desk: Desk) -> None:
    application = waiting(desk)
    found = desk.sees(desk.cast.anna, application)
    assert found is not None
    number = found[1].rpartition("/")[2]
    desk.open_task(desk.cast.anna, application).form("/claim").send()
    url = f"/inbox/news?tab=groups&since=2026-03-10T09:00:00%2B00:00&ids={number}"
    assert "Anna Weiss has it now" in desk.get(desk.cast.anton, url).text
    for person in (desk.cast.amir, desk.cast.carla, desk.cast.sara):
        assert "Anna" not in plain_text(desk, person, url)


@pytest.mark.parametrize(
    "query",
    ["tab=x&since=2026-03-10T09:00:00%2B00:00", "tab=mine", "since=2026-03-10", "since=now", "since=%00"],
)
def test_news_asked_for_with_nonsense_are_refused(desk: Desk, query: str) -> None:
    assert desk.browser(desk.cast.anna).get(f"/inbox/news?{query}").status == 400


def test_ids_that_are_none_are_left_out(desk: Desk) -> None:
    url = "/inbox/news?since=2026-03-10T12:00:00%2B00:00&ids=x,-1,,99999999999999999999"
    assert plain_text(desk, desk.cast.anna, url) == ""


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(desk: Desk) -> None:
    anna = desk.cast.anna
    url = asks(desk.get(anna, "/inbox/groups"))
    client = desk.browser(anna).client
    for minutes in (20, 40, 59):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            assert client.get(url).status_code == 200
    with clock.at(clock.now() + timedelta(minutes=62)):
        assert "/sign-in" in client.get("/inbox/groups").headers.get("Location", "")
