"""Pages say what is so: no limit before it is granted, whose proposal it is, who still decides, what resembles whom."""

from decimal import Decimal

import pytest

from credit_app.models import BlacklistEntry, CreditApplication
from tests.factories import NOW, TODAY
from tests.screens.desk import Desk
from tests.screens.pages import Page, plain


def test_no_limit_is_called_granted_before_it_is(desk: Desk) -> None:
    cast, application = desk.cast, desk.usual(limit="400 000")
    desk.decide(
        cast.carla, application, "approve_with_changes", limit="380 000", reason="Enough for the year."
    )
    assert desk.again(application).approved_limit == Decimal(380_000)
    page = desk.get(cast.sara, f"/applications/{application.number}")
    assert "Granted limit – " in f"{plain(page.main)} "
    listed = desk.get(cast.sara, "/applications").text
    assert application.number in listed
    assert "380,000" not in listed


def test_proposed_is_what_the_analyst_proposed(desk: Desk) -> None:
    application = desk.usual(limit="400 000")
    application = desk.again(application)
    application.proposed_limit = Decimal(123_000)
    desk.session.commit()
    limit, terms = rows(desk.open_task(desk.cast.carla, application), ("Limit", "Terms"))
    assert limit[2].startswith("EUR 123,000 calculated: ")
    assert terms[2] == f"{application.proposed_terms_days} days"


def rows(page: Page, names: tuple[str, ...]) -> list[list[str]]:
    """The cells of those rows of the table of today, requested and proposed."""
    found = {
        plain(row.find("th")): [plain(cell) for cell in row.findall("td")]
        for row in page.all("//tbody/tr[th]")
    }
    return [found[name] for name in names]


def test_what_a_decision_asked_for_counts_no_more_once_it_is_taken_back(desk: Desk) -> None:
    cast, application = desk.cast, desk.usual(limit="40 000")
    before = levels(desk, application)
    desk.decide(
        cast.anna, application, "approve_with_changes", limit="900 000", reason="A larger order is due."
    )
    assert len(levels(desk, application)) > len(before)
    page = desk.get(cast.anna, f"/applications/{application.number}")
    page.form("/take-back").send()
    assert levels(desk, application) == before


def test_level_that_asked_for_an_opinion_still_stands_among_the_levels(desk: Desk) -> None:
    cast, application = desk.cast, desk.usual(limit="40 000")
    before = levels(desk, application)
    desk.decide(cast.anna, application, "ask_opinion", people={str(cast.carla.id)}, question="What of it?")
    assert levels(desk, application) == before


def levels(desk: Desk, application: CreditApplication) -> list[str]:
    page = desk.get(desk.cast.anna, f"/applications/{application.number}")
    return [plain(step).split(" (")[0] for step in page.all("//ol[@class='cd-stepper']/li/span[2]")]


def test_task_asked_of_one_person_is_neither_put_back_nor_handed_on(desk: Desk) -> None:
    cast, application = desk.cast, desk.usual(limit="40 000")
    desk.decide(cast.anna, application, "ask_opinion", people={str(cast.carla.id)}, question="What of it?")
    (task,) = desk.task_ids(application)
    listed = desk.get(cast.carla, "/inbox")
    assert application.number in listed.text
    assert "Put back" not in listed.text
    for act in ("put-back", "claim", "delegate"):
        form = listed.form("/sign-out").without().forge(person_id=str(cast.cole.id))
        sent = form.send(f"/inbox/{task}/{act}")
        assert sent.status == 409, act
        assert "asked of one person by name" in sent.text
    assert desk.who_sees(application, cast.everyone()) == {"Carla Rossi"}


def test_draft_saved_in_two_windows_is_kept_by_saving_again(desk: Desk) -> None:
    first = desk.draft(desk.cast.sara)
    second = desk.get(desk.cast.sara, first.path)
    assert second.form("/tasks/").fill(purpose="The second window").send(f"{first.path}/draft").status == 200
    refused = first.form("/tasks/").fill(purpose="The first window").send(f"{first.path}/draft")
    assert refused.status == 409
    assert "Save again to keep what stands here" in refused.text
    kept = refused.form("/tasks/").send(f"{first.path}/draft")
    assert kept.messages == ["The draft is saved."]
    assert desk.get(desk.cast.sara, first.path).form("/tasks/").value("purpose") == "The first window"


def test_whoever_answered_twice_reads_that_the_first_answer_counts(desk: Desk) -> None:
    draft = desk.draft(desk.cast.sara)
    form = desk.filled(draft, desk.customer())
    assert form.send().status == 200
    again = desk.get(desk.cast.sara, draft.path, status=409)
    assert "You have already answered this task" in again.text


def test_name_like_one_on_the_blacklist_is_pointed_out(desk: Desk) -> None:
    desk.session.add(
        BlacklistEntry(
            name="Nordwind Handel AG",
            registration_number="HRB 990017",
            country="DE",
            ground="Invoices were forged",
            source="court of Kiel",
            valid_from=TODAY,
            added_by=desk.cast.carla.id,
            added_at=NOW,
        )
    )
    desk.session.commit()
    application = desk.enter(
        desk.customer("Nordwind Handel GmbH", registration_number="HRB 990018", country="DE")
    )
    page = desk.open_task(desk.analyst(application), application, "investigate_customer")
    assert "The name is like “Nordwind Handel AG”, on the blacklist since" in page.text


@pytest.mark.parametrize(
    ("value", "says"), [("-5", "below zero"), ("0", "zero; give 1 or more"), ("100000000000", "above")]
)
def test_impossible_figure_is_refused_when_it_is_only_looked_at(desk: Desk, value: str, says: str) -> None:
    page = desk.get(desk.cast.carla, "/policy/figures/access.grant_hours")
    looked = page.form("/policy/figures/").fill(value=value).send(check="1")
    assert says in looked.error_at("value")
