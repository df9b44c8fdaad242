"""Several approvals at a time: confirmed case by case, each in its own transaction, failures stay selected."""

from typing import Any

from credit_app.models import CreditApplication, Person
from tests.factories import make_policy
from tests.screens.desk import Desk, Page

REASON = "Small, known, pays on time"


def ticked(desk: Desk, person: Person, *applications: CreditApplication, path: str = "/inbox/groups") -> Any:
    """The inbox's form with these applications ticked."""
    page = desk.get(person, path)
    form = page.form("/inbox/bulk")
    for application in applications:
        (row,) = [
            row for row in page.all("//tbody[@data-rows]/tr") if application.number in row.text_content()
        ]
        (box,) = row.xpath(".//input[@type='checkbox']/@value")
        form.forged.add("task_id", box)
    return form


def cases(page: Page) -> list[str]:
    return [" ".join(row.text_content().split()) for row in page.all("//tbody/tr")]


def test_small_cases_are_approved_together_each_with_its_own_result(desk: Desk) -> None:
    anna = desk.cast.anna
    first = desk.usual()
    second = desk.in_approval(desk.customer("Südwerk AG"), "30 000")
    third = desk.in_approval(desk.customer("Ostsee AG"), "20 000")
    desk.mails()
    page = ticked(desk, anna, first, second).send()
    assert ["Nordwind AG" in cases(page)[0], "40,000" in cases(page)[0]] == [True, True]
    assert "Südwerk AG" in cases(page)[1]
    assert len(cases(page)) == 2
    assert [desk.again(one).status for one in (first, second)] == ["in_approval"] * 2
    result = page.form("/bulk/approve").fill(reason=REASON).send()
    assert [("done" in line, "not done" in line) for line in cases(result)] == [(True, False)] * 2
    assert [desk.again(one).status for one in (first, second, third)] == ["granted", "granted", "in_approval"]
    for one in (first, second):
        (decision,) = desk.decisions(one)
        assert (decision.decision, decision.person_id, decision.reason) == ("approve", anna.id, REASON)
        assert desk.trail(one)[-1].startswith("ended")
        assert "together with others" in desk.get(desk.cast.otto, f"/history/{one.instance_id}").text
    assert {(mail.to, mail.template) for mail in desk.mails()} == {("Sara Lind", "application_granted")}


def test_a_case_that_fails_stops_none_of_the_others_and_stays_selected(desk: Desk) -> None:
    anna, anton = desk.cast.anna, desk.cast.anton
    stale, changed, good = (
        desk.in_approval(desk.customer(name)) for name in ("Nord AG", "Süd AG", "West AG")
    )
    page = ticked(desk, anna, stale, changed, good).send()
    desk.decide(anton, stale, "refuse", reason="Known to be late")
    row = desk.again(changed)
    row.purpose = "changed meanwhile, by hand"
    desk.session.commit()
    result = page.form("/bulk/approve").fill(reason=REASON).send()
    lines = cases(result)
    assert "Anton Fuchs has already decided this task" in lines[0]
    assert "not done The application changed while you were reading it" in lines[1]
    assert lines[2].startswith("done")
    assert [desk.again(one).status for one in (stale, changed, good)] == ["refused", "in_approval", "granted"]
    form = result.form("/inbox/bulk")
    assert len(form.element.xpath(".//input[@type='checkbox'][@checked]")) == 1
    again = form.send()
    assert "Süd AG" in cases(again)[0]
    again.form("/bulk/approve").fill(reason=REASON).send()
    assert desk.again(changed).status == "granted"


def test_what_policy_wants_by_itself_is_said_before_and_refused_after(desk: Desk) -> None:
    anna = desk.cast.anna
    big, small = (
        desk.in_approval(desk.customer("Groß AG"), "60 000"),
        desk.in_approval(desk.customer("Klein AG"), "20 000"),
    )
    assert [desk.again(one).status for one in (big, small)] == ["in_approval"] * 2
    page = ticked(desk, anna, big, small).send()
    assert "Limits above 50,000 EUR are decided one by one." in cases(page)[0]
    boxes = page.all("//input[@name='task_id']")
    assert len(boxes) == 1
    number = desk.sees(anna, big)
    assert number is not None
    form = page.form("/bulk/approve").fill(reason=REASON)
    form.forged.add("task_id", number[1].rpartition("/")[2])
    form.forged.add("version-" + number[1].rpartition("/")[2], str(desk.again(big).version))
    result = form.send()
    assert "Limits above 50,000 EUR are decided one by one." in " ".join(cases(result))
    assert [desk.again(one).status for one in (big, small)] == ["in_approval", "granted"]


def test_a_policy_that_became_stricter_meanwhile_holds(desk: Desk) -> None:
    application = desk.usual()
    page = ticked(desk, desk.cast.anna, application).send()
    make_policy(
        desk.session, "approval.bulk", {"highest_amount": "100", "levels": ["credit_analyst"], "most": 5}
    )
    desk.session.commit()
    result = page.form("/bulk/approve").fill(reason=REASON).send()
    assert "not done Limits above 100 EUR" in cases(result)[0]
    assert desk.again(application).status == "in_approval"


def test_a_departure_from_policy_is_decided_by_itself(desk: Desk) -> None:
    """Terms beyond the grade's raise the final level; the first one sees the departure already."""
    application = desk.in_approval(desk.customer("Nordwind AG", days_late=25), terms_days="180")
    (who,) = [one for one in (desk.cast.anna, desk.cast.carla) if desk.sees(one, application)]
    page = ticked(desk, who, application).send()
    assert "This case departs from policy and is decided by itself." in cases(page)[0]
    assert not page.all("//textarea[@name='reason']")


def test_levels_that_policy_does_not_name_have_nothing_to_tick(desk: Desk) -> None:
    make_policy(desk.session, "approval.bulk", {"highest_amount": "50000", "levels": [], "most": 25})
    desk.session.commit()
    application = desk.usual()
    page = desk.get(desk.cast.anna, "/inbox/groups")
    assert desk.sees(desk.cast.anna, application) is not None
    assert not page.has_form("/inbox/bulk")
    assert page.all("//tbody[@data-rows]//input[@type='checkbox']") == []


def forged(desk: Desk, person: Person, path: str, *numbers: object, **values: str) -> Page:
    """What somebody sends who never saw the page."""
    token = desk.get(person, "/account").form("/preferences").value("csrf_token") or ""
    data = {"csrf_token": token, "task_id": [str(number) for number in numbers], **values}
    return desk.browser(person).post(path, data)


def test_separation_of_duties_holds_for_every_row(desk: Desk) -> None:
    """Mona asked for one and holds the analyst's role too; the other branch's case is not hers to see."""
    cast = desk.cast
    application = desk.usual()
    found = desk.sees(cast.anna, application)
    assert found is not None
    number = found[1].rpartition("/")[2]
    for person in (cast.amir, cast.sara, cast.carla):
        seen = forged(desk, person, "/inbox/bulk", number)
        assert seen.status == 200
        assert "Nordwind" not in " ".join(cases(seen))
        result = forged(desk, person, "/inbox/bulk/approve", number, reason=REASON)
        assert "not done" in cases(result)[0]
        assert "Nordwind" not in cases(result)[0]
    assert desk.again(application).status == "in_approval"
    assert desk.decisions(application) == []


def test_a_second_click_decides_nothing_twice(desk: Desk) -> None:
    application = desk.usual()
    form = ticked(desk, desk.cast.anna, application).send().form("/bulk/approve").fill(reason=REASON)
    form.send()
    assert "done This was already recorded" in cases(form.send())[0]
    assert len(desk.decisions(application)) == 1


def test_a_colleagues_claim_is_not_decided_past(desk: Desk) -> None:
    application = desk.usual()
    form = ticked(desk, desk.cast.anna, application)
    desk.open_task(desk.cast.anton, application).form("/claim").send()
    page = form.send()
    assert "A colleague has claimed this task." in cases(page)[0]


def test_a_reason_is_owed_and_the_cases_stay(desk: Desk) -> None:
    application = desk.usual()
    form = ticked(desk, desk.cast.anna, application).send().form("/bulk/approve")
    for reason in ("", "  ", "ok", "x" * 4001):
        page = form.fill(reason=reason).send()
        assert page.status == 422, reason
        assert page.error_at("reason"), reason
        assert len(cases(page)) == 1, reason
        assert desk.again(application).status == "in_approval", reason


def test_nothing_ticked_nonsense_and_too_many_are_asked_back(desk: Desk) -> None:
    anna = desk.cast.anna
    for numbers in ((), ("x",), ("-1",), ("9" * 30,)):
        page = forged(desk, anna, "/inbox/bulk", *numbers)
        assert (page.status, "Choose the cases first" in page.text) == (400, True)
    many = forged(desk, anna, "/inbox/bulk", *range(1, 27))
    assert (many.status, "At most 25 cases are decided at a time." in many.text) == (400, True)
    unknown = forged(desk, anna, "/inbox/bulk", 999)
    assert "There is no such task." in cases(unknown)[0]


def test_other_tasks_are_done_on_their_own_page(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    number = page.path.rpartition("/")[2]
    assert (
        "This task is done on its own page." in cases(forged(desk, desk.cast.sara, "/inbox/bulk", number))[0]
    )


def test_an_approval_among_others_is_taken_back_like_any_other(desk: Desk) -> None:
    anna = desk.cast.anna
    application = desk.usual()
    desk.mails()
    ticked(desk, anna, application).send().form("/bulk/approve").fill(reason=REASON).send()
    assert desk.again(application).status == "granted"
    page = desk.get(anna, f"/applications/{application.number}")
    page = page.form("/comments").fill(body="too fast, once more").send()
    page.form("/take-back").send()
    assert desk.again(application).status == "in_approval"
    assert desk.mails() == []
    assert desk.decide(anna, application, "refuse", reason="Known to be late").status == 200
    assert desk.new_events(application)


def test_looking_at_the_ticked_cases_opens_them(desk: Desk) -> None:
    """What the level below decided stands once the next person has seen the case on the page to confirm."""
    make_policy(
        desk.session, "approval.bulk", {"highest_amount": "9999999", "levels": ["credit_manager"], "most": 9}
    )
    desk.session.commit()
    application = desk.in_approval(desk.customer("Nordwind AG"), "150 000")
    if desk.sees(desk.cast.anna, application):
        desk.decide(desk.cast.anna, application, "approve")
    offer = f"/applications/{application.number}"
    assert desk.get(desk.cast.anna, offer).has_form("/take-back")
    ticked(desk, desk.cast.carla, application).send()
    assert not desk.get(desk.cast.anna, offer).has_form("/take-back")
