"""Bad input on the screens: one clear sentence, nothing lost of what was typed, nothing changed in the database."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.models import CreditApplication, Customer, Person, PersonRole
from tests.factories import make_substitution
from tests.screens.desk import Desk, File, Page, number_on, snapshot

KEPT = "Not accepted yet. What you typed is kept."


@contextmanager
def nothing_changes(desk: Desk) -> Iterator[None]:
    """Every table is the same afterwards."""
    desk.session.commit()
    before = snapshot(desk.session)
    yield
    assert snapshot(desk.session) == before


def waiting(desk: Desk, limit: str = "40 000") -> CreditApplication:
    """An application of Sara's that waits for the analysts of the north."""
    return desk.usual(limit=limit)


def post(desk: Desk, person: Person, path: str, **values: str) -> Page:
    """A request made by hand, with a valid token of the person's session."""
    browser = desk.browser(person)
    token = browser.get("/help").all("//meta[@name='csrf-token']/@content")[0]
    return browser.post(path, {"csrf_token": token, **values})


# --- somebody was faster ------------------------------------------------------------------------------------------


def test_stale_page_says_who_decided_and_when_and_keeps_what_was_typed(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.open_task(desk.cast.anton, application)
    desk.decide(desk.cast.anna, application, "approve")
    with nothing_changes(desk):
        answer = page.form("/tasks/").fill(decision="refuse", reason="They pay late, I looked twice").send()
        again = desk.get(desk.cast.anton, page.path, 409)
    assert answer.status == 409
    said = "Anna Weiss has already decided this task, 10 Mar 2026, 10:30. Nothing of yours was saved."
    assert said in answer.text
    assert "They pay late, I looked twice" in answer.text
    assert "Send again" not in answer.text
    assert said in again.text
    assert desk.again(application).status == "granted"


def test_second_click_gets_the_first_answer_again(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    entry = desk.filled(desk.draft(desk.cast.sara), customer)
    first = entry.send()
    with nothing_changes(desk):
        second = entry.send()
    assert (second.status, second.path) == (200, first.path)
    assert second.messages == ["This was already recorded; nothing was done twice."]
    application = desk.assess(desk.application(first.path.rpartition("/")[2]))
    decision = desk.open_task(desk.cast.anna, application).form("/tasks/").fill(decision="approve")
    decision.send()
    with nothing_changes(desk):
        second = decision.send()
    assert (second.status, second.path) == (200, f"/applications/{application.number}")
    assert second.messages == ["This was already recorded; nothing was done twice."]
    assert len(desk.limits(application)) == 1


def test_the_key_of_somebody_elses_answer_gives_nothing_away(desk: Desk) -> None:
    application = waiting(desk)
    stolen = desk.open_task(desk.cast.anna, application).form("/tasks/").fill(decision="approve")
    mine = desk.open_task(desk.cast.anton, application).form("/tasks/").fill(decision="approve")
    stolen.send()
    with nothing_changes(desk):
        answer = mine.forge(request_key=dict(stolen.pairs())["request_key"]).send()
    assert answer.status == 409
    assert "Anna Weiss has already decided this task" in answer.text


def at_once(
    desk: Desk, application: CreditApplication, *sends: Callable[[], Page], row: str = "instance"
) -> list[Page]:
    """Sends all at the same moment: the process (or another row) stays locked until every request waits for it."""
    answers: list[Page] = []
    threads = [threading.Thread(target=lambda send=send: answers.append(send())) for send in sends]
    number = application.instance_id if row == "instance" else application.id
    desk.session.rollback()
    with Session(desk.session.get_bind()) as holder, Session(desk.session.get_bind()) as watcher:
        holder.execute(text(f"SELECT 1 FROM {row} WHERE id = :id FOR UPDATE"), {"id": number})  # noqa: S608
        for thread in threads:
            thread.start()
        blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        deadline = time.monotonic() + 30
        while watcher.execute(text(blocked)).scalar_one() < len(sends) and time.monotonic() < deadline:
            watcher.rollback()
            time.sleep(0.01)
        holder.rollback()
    for thread in threads:
        thread.join(60)
    assert len(answers) == len(sends)
    return sorted(answers, key=lambda page: page.status)


def test_of_two_approvers_at_once_one_decides_and_the_other_reads_who(desk: Desk) -> None:
    application = waiting(desk)
    anna = desk.open_task(desk.cast.anna, application).form("/tasks/").fill(decision="approve")
    anton = (
        desk.open_task(desk.cast.anton, application)
        .form("/tasks/")
        .fill(decision="refuse", reason="Too many open disputes")
    )
    first, second = at_once(desk, application, anna.send, anton.send)
    assert (first.status, second.status) == (200, 409)
    (decision,) = desk.decisions(application)
    said = f"{desk.names[decision.person_id or 0]} has already decided this task, 10 Mar 2026, 10:30."
    assert said in second.text
    assert desk.again(application).status == {"approve": "granted", "refuse": "refused"}[decision.decision]
    events = [(event["kind"], event["node"]) for event in desk.new_events(application)]
    assert events.count(("task_completed", "decide_limit")) == 1
    assert [kind for kind, _node in events].count("ended") == 1


def test_two_clicks_at_once_count_once(desk: Desk) -> None:
    application = waiting(desk)
    form = desk.open_task(desk.cast.anna, application).form("/tasks/").fill(decision="approve")
    pages = at_once(desk, application, form.send, form.send)
    assert [page.status for page in pages] == [200, 200]
    assert {page.path for page in pages} == {f"/applications/{application.number}"}
    assert len(desk.decisions(application)) == 1
    assert len(desk.limits(application)) == 1


def test_decision_and_withdrawal_at_once_leave_one_outcome(desk: Desk) -> None:
    application = waiting(desk)
    decide = desk.open_task(desk.cast.anna, application).form("/tasks/").fill(decision="approve")
    page = desk.get(desk.cast.sara, f"/applications/{application.number}")
    withdraw = page.form("/withdraw").fill(reason="Order lost")
    pages = at_once(desk, application, decide.send, withdraw.send)
    assert [page.status for page in pages] == [200, 409]
    application = desk.again(application)
    assert application.status in ("granted", "withdrawn")
    assert len(desk.limits(application)) == (application.status == "granted")
    assert [event["kind"] for event in desk.new_events(application)].count("ended") == 1


def test_decision_on_a_version_that_has_changed_is_asked_again(desk: Desk) -> None:
    application = waiting(desk)
    form = desk.open_task(desk.cast.anna, application).form("/tasks/")
    form.fill(decision="refuse", reason="Too many open disputes").forge(version="1")
    with nothing_changes(desk):
        answer = form.send()
    assert answer.status == 409
    assert answer.problems == [
        "The application changed while you were reading it; look at it again before deciding."
    ]
    assert answer.form("/tasks/").value("reason") == "Too many open disputes"


def test_draft_changed_in_another_window_is_not_overwritten(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    first = desk.draft(desk.cast.sara)
    second = desk.get(desk.cast.sara, first.path)
    save = first.form("/tasks/").element.xpath(".//button/@formaction")[0]
    kept = desk.filled(first, customer, purpose="Typed in the first window").send(to=save)
    assert kept.messages == ["The draft is saved."]
    late = desk.filled(second, customer, purpose="Typed in the second window")
    with nothing_changes(desk):
        answer = late.send(to=save)
        submitted = late.send()
    sentence = (
        "This draft was changed in another window since you opened it; nothing was overwritten."
        " Save again to keep what stands here instead."
    )
    for page in (answer, submitted):
        assert page.status == 409
        assert page.problems == [sentence]
        assert page.form("/tasks/").value("purpose") == "Typed in the second window"
    with nothing_changes(desk):
        quiet = desk.browser(desk.cast.sara).client.post(
            save,
            data=dict(late.pairs()),
            headers={"Accept": "application/json", "Origin": "http://localhost"},
        )
    assert (quiet.status_code, quiet.json) == (409, {"error": sentence})


def test_two_saves_of_a_draft_at_once_keep_the_first(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    application = desk.application(number_on(page))
    customer = desk.customer("Nordwind AG")
    save = page.form("/tasks/").element.xpath(".//button/@formaction")[0]
    forms = [
        desk.filled(desk.get(desk.cast.sara, page.path), customer, purpose=f"Typed in window {one}")
        for one in (1, 2)
    ]
    sends = [lambda form=form: form.send(to=save) for form in forms]
    first, second = at_once(desk, application, *sends, row="credit_application")
    assert (first.status, second.status) == (200, 409)
    assert "at the same moment; nothing of yours was saved" in second.problems[0]
    kept = desk.again(application).purpose
    typed = second.form("/tasks/").value("purpose")
    assert {kept, typed} == {"Typed in window 1", "Typed in window 2"}


def test_draft_saved_while_it_is_submitted_is_not_lost_in_an_error(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    application = desk.application(number_on(page))
    form = desk.filled(page, desk.customer("Nordwind AG"))
    save = form.element.xpath(".//button/@formaction")[0]
    sends = (form.send, lambda: form.send(to=save))
    first, second = at_once(desk, application, *sends, row="credit_application")
    assert (first.status, second.status) == (200, 409)
    assert desk.again(application).status in ("draft", "under_investigation")


def test_draft_with_an_entry_that_cannot_be_read_is_not_saved_without_it(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    form = desk.filled(page, desk.customer("Nordwind AG"), "1.234")
    save = form.element.xpath(".//button/@formaction")[0]
    sentence = "“1.234” can mean 1 234 or 1.234; write it again without thousands separators."
    with nothing_changes(desk):
        answer = form.send(to=save)
        headers = {"Accept": "application/json"}
        quiet = desk.browser(desk.cast.sara).client.post(save, data=dict(form.pairs()), headers=headers)
    assert answer.status == 422
    assert answer.error_at("requested_limit") == sentence
    assert answer.form("/tasks/").value("requested_limit") == "1.234"
    assert (quiet.status_code, quiet.json) == (422, {"error": f"Not saved. Requested limit: {sentence}"})


def test_claiming_what_a_colleague_has_claimed_or_decided_says_so(desk: Desk) -> None:
    application = waiting(desk)
    late = desk.open_task(desk.cast.anton, application).form("/claim")
    claimed = desk.open_task(desk.cast.anna, application).form("/claim").send()
    with nothing_changes(desk):
        answer = late.send()
    assert answer.status == 409
    assert "Anna Weiss has claimed this task. Nothing of yours was saved." in answer.text
    claimed.form(claimed.path).fill(decision="approve").send()
    with nothing_changes(desk):
        answer = late.send()
    assert answer.status == 409
    assert "Anna Weiss has already decided this task, 10 Mar 2026, 10:30." in answer.text


def test_submitted_draft_is_not_saved_over(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    form = desk.filled(page, desk.customer("Nordwind AG"))
    save = form.element.xpath(".//button/@formaction")[0]
    form.send()
    with nothing_changes(desk):
        answer = form.fill(requested_limit="9 000 000").send(to=save)
    assert answer.status == 409
    assert "You have already answered this task" in answer.text
    assert "9 000 000" in answer.text


def test_application_is_withdrawn_once(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.get(desk.cast.sara, f"/applications/{application.number}")
    form = page.form("/withdraw").fill(reason="Order lost")
    form.send()
    with nothing_changes(desk):
        answer = form.send()
    assert answer.status == 409
    assert "already ended" in answer.text
    assert not desk.get(desk.cast.sara, page.path).has_form("/withdraw")


# --- not this person ----------------------------------------------------------------------------------------------


def refused(desk: Desk, person: Person, path: str, sentence: str, **values: str) -> None:
    """Neither the page nor the answer: 403 with the sentence, and nothing changes."""
    with nothing_changes(desk):
        shown = desk.get(person, path, 403)
        sent = post(desk, person, path, **values)
    assert sentence in shown.text
    assert sent.status == 403
    assert sentence in sent.text


def test_another_role_or_branch_does_not_decide(desk: Desk) -> None:
    application = waiting(desk)
    cast, version = desk.cast, str(application.version)
    path = desk.open_task(cast.anna, application).path
    another = dict.fromkeys(
        (cast.stefan, cast.mona, cast.amir, cast.carla, cast.cole),
        "This task belongs to another role or branch.",
    )
    none = dict.fromkeys((cast.ada, cast.otto), "Your roles do not include this.")
    for person, sentence in {**another, **none}.items():
        assert desk.sees(person, application) is None, desk.names[person.id]
        refused(desk, person, path, sentence, decision="approve", version=version)


def test_nobody_decides_on_their_own_application(desk: Desk) -> None:
    desk.cast.sara.roles.append(PersonRole(role="credit_analyst"))
    application = waiting(desk)
    assert desk.sees(desk.cast.sara, application) is None
    path = desk.open_task(desk.cast.anna, application).path
    version = str(application.version)
    sentence = "Nobody decides on what they asked for."
    refused(desk, desk.cast.sara, path, sentence, decision="approve", version=version)


def test_nor_as_the_substitute_of_an_approver(desk: Desk) -> None:
    make_substitution(desk.session, desk.cast.anna, desk.cast.sara)
    application = waiting(desk)
    assert desk.sees(desk.cast.sara, application) is None
    path = desk.open_task(desk.cast.anna, application).path
    version = str(application.version)
    sentence = "Nobody decides on what they asked for."
    refused(desk, desk.cast.sara, path, sentence, decision="approve", version=version)


def test_who_entered_for_the_rep_does_not_decide_either(desk: Desk) -> None:
    make_substitution(desk.session, desk.cast.sara, desk.cast.anna)
    desk.session.commit()
    page = desk.draft(desk.cast.sara)
    entered = desk.filled(desk.get(desk.cast.anna, page.path), desk.customer("Nordwind AG")).send()
    application = desk.assess(desk.application(entered.path.rpartition("/")[2]))
    asked = {mail.to for mail in desk.mails() if mail.template == "decision_needed"}
    assert asked == {"Anton Fuchs"}
    assert desk.who_sees(application) == {"Anton Fuchs"}
    path = desk.open_task(desk.cast.anton, application).path
    sentence = "Nobody decides on what they asked for."
    refused(desk, desk.cast.anna, path, sentence, decision="approve", version=str(application.version))


def test_claimed_task_is_its_holders(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.open_task(desk.cast.anton, application)
    desk.open_task(desk.cast.anna, application).form("/claim").send()
    form = page.form("/tasks/").fill(decision="refuse", reason="Too many open disputes")
    with nothing_changes(desk):
        answer = form.send()
    assert answer.status == 403
    assert "A colleague has claimed this task." in answer.text
    assert "Too many open disputes" in answer.text


def test_colleagues_draft_is_closed(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    with nothing_changes(desk):
        shown = desk.get(desk.cast.stefan, page.path, 403)
        saved = post(desk, desk.cast.stefan, f"{page.path}/draft", version="2", purpose="Mine now")
        sent = post(desk, desk.cast.stefan, page.path, version="2", purpose="Mine now")
    assert (saved.status, sent.status) == (403, 403)
    for answer in (shown, saved, sent):
        assert "This application belongs to the colleague who opened it." in answer.text


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("stefan", 404, "or it is not yours to see."),
        ("mona", 403, "Only the person who asked for the credit withdraws the application."),
        ("anna", 403, "Only the person who asked for the credit withdraws the application."),
        ("ada", 403, "Your roles do not include this."),
    ],
)
def test_only_the_requester_withdraws(desk: Desk, name: str, status: int, sentence: str) -> None:
    application = waiting(desk)
    path = f"/applications/{application.number}/withdraw"
    with nothing_changes(desk):
        answer = post(desk, getattr(desk.cast, name), path, reason="I would rather not")
    assert answer.status == status
    assert sentence in answer.text


# --- forged requests ----------------------------------------------------------------------------------------------


ACTS = ("claim", "put-back", "delegate")


def test_task_number_from_nowhere_is_not_found(desk: Desk) -> None:
    waiting(desk)
    colleague = str(desk.cast.anton.id)
    with nothing_changes(desk):
        for number in ("0", "999999", str(2**63), str(2**80)):
            desk.get(desk.cast.anna, f"/tasks/{number}", 404)
            for path in (
                f"/tasks/{number}",
                f"/tasks/{number}/draft",
                *(f"/inbox/{number}/{act}" for act in ACTS),
            ):
                answer = post(desk, desk.cast.anna, path, decision="approve", person_id=colleague)
                assert answer.status in (404, 405), path


def test_task_is_handed_only_to_a_colleague_of_the_list(desk: Desk) -> None:
    application = waiting(desk)
    path = desk.open_task(desk.cast.anna, application).path.replace("/tasks/", "/inbox/") + "/delegate"
    with nothing_changes(desk):
        for number in ("", "x", "0", "-1", "999999", str(2**63), "9" * 40):
            answer = post(desk, desk.cast.anna, path, person_id=number)
            assert (answer.status, answer.heading) == (400, "Not understood"), number
        for person in (desk.cast.sara, desk.cast.amir, desk.cast.carla):
            assert post(desk, desk.cast.anna, path, person_id=str(person.id)).status == 403


def test_answer_without_the_forms_token_is_not_taken_and_can_be_sent_again(desk: Desk) -> None:
    application = waiting(desk)
    form = desk.open_task(desk.cast.anna, application).form("/tasks/")
    form.fill(decision="refuse", reason="Too many open disputes").without("csrf_token")
    with nothing_changes(desk):
        answer = form.send()
        elsewhere = desk.browser(desk.cast.anna).client.post(form.page.path, data=dict(form.pairs()))
    assert answer.status == 400
    assert "nothing was changed" in answer.text
    assert "Too many open disputes" in answer.text
    assert elsewhere.status_code == 400
    assert "Too many open disputes" not in elsewhere.text
    sent = answer.form(form.page.path).send()
    assert sent.messages == ["Recorded. Result: Credit refused."]


def test_nothing_is_changed_by_opening_an_address(desk: Desk) -> None:
    application = waiting(desk)
    task = desk.open_task(desk.cast.anna, application).path
    number = task.rpartition("/")[2]
    with nothing_changes(desk):
        for path in (f"{task}/draft", f"/inbox/{number}/claim", f"/inbox/{number}/put-back"):
            answer = desk.get(desk.cast.anna, path, 405)
            assert "changes are made with the buttons on the pages" in answer.text
        desk.get(desk.cast.sara, f"/applications/{application.number}/withdraw", 405)
        answer = desk.get(desk.cast.anna, f"{task}?decision=approve&version={application.version}")
        assert answer.heading == "Approve a limit of EUR 40,000 for Nordwind AG?"


@pytest.mark.parametrize("path", ["/inbox", "/inbox/groups", "/applications", "/customers"])
def test_sort_order_that_is_sql_is_refused(desk: Desk, path: str) -> None:
    waiting(desk)
    hostile = ("created; DROP TABLE person", "id) --", "(SELECT password_hash FROM person)", "-", "\x00")
    with nothing_changes(desk):
        for order in hostile:
            answer = desk.browser(desk.cast.anna).get(path, query=[("sort", order)])
            assert answer.status == 400, (order, answer)
            assert answer.heading == "Not understood"
        for mark in (
            "x",
            "infinity_",
            "2026-01-01_1_1",
            "'; DROP TABLE person --",
            "2026-01-01T00:00:00_9" + "9" * 30,
        ):
            answer = desk.browser(desk.cast.anna).get(path, query=[("after", mark)])
            assert answer.status in (200, 400, 422), (mark, answer)


def test_page_mark_that_no_list_gave_out_is_refused(desk: Desk) -> None:
    waiting(desk)
    for path, value in (("/applications", "2026-03-10T09:30:00+00:00"), ("/customers", "a")):
        for key in (2**63, -1, "1", 1.5, None):
            mark = base64.urlsafe_b64encode(orjson.dumps([value, key])).decode()
            assert desk.browser(desk.cast.anna).get(path, query=[("after", mark)]).status == 400, key
    mark = base64.urlsafe_b64encode(orjson.dumps(["a\0", 1])).decode()
    assert desk.browser(desk.cast.anna).get("/customers", query=[("after", mark)]).status == 400


FORGED = {
    "status": "granted", "level": "none", "outcome": "approved", "approved_limit": "9000000",
    "approved_terms_days": "900", "approver_found": "1", "instance_id": "1", "requested_by": "5", "branch_id": "2",
    "round": "7", "final_level": "credit_analyst", "application_id": "99", "data": '{"level": "none"}',
}  # fmt: skip
DATA_NAMES = {
    "application_id", "outcome", "level", "first_level", "final_level", "highest_level", "approver_found", "remind_at",
    "due_at", "escalate_at", "decision",
    # what the steps before the approval say
    "automatic_grant", "start_at", "report", "investigation", "statements", "rating_result", "returns_to",
    "returns_for", "claimed_for", "conditions_open", "limit_secured", "way",
}  # fmt: skip


def test_field_that_is_not_on_the_form_reaches_neither_data_nor_columns(desk: Desk) -> None:
    entry = desk.filled(desk.draft(desk.cast.sara), desk.customer("Nordwind AG"), "90 000").forge(**FORGED)
    application = desk.application(entry.send().path.rpartition("/")[2])
    found = (application.status, application.approved_limit, application.round)
    assert found == ("under_investigation", None, 1)
    assert (application.requested_by, application.branch_id) == (desk.cast.sara.id, desk.cast.north.id)
    application = desk.assess(application)
    page = desk.open_task(desk.cast.anna, application)
    page.form("/tasks/").fill(decision="approve").forge(**FORGED).send()
    application = desk.again(application)
    assert (application.status, application.approved_limit) == ("in_approval", None)
    assert desk.who_sees(application) == {"Carla Rossi", "Chen Wei"}
    names = {name for event in desk.events(application) for name in (event["payload"].get("data") or {})}
    assert not names - DATA_NAMES, " ".join(names - DATA_NAMES)
    seen = {
        name: [
            event["payload"]["data"][name][1]
            for event in desk.events(application)
            if name in event["payload"].get("data", {})
        ]
        for name in ("level", "outcome", "final_level")
    }
    assert seen == {
        "level": ["credit_analyst", "credit_manager"],
        "outcome": ["open", "proposed", "open"],
        "final_level": ["credit_manager"],
    }


def test_choice_that_is_not_offered_is_no_decision(desk: Desk) -> None:
    application = waiting(desk)
    page = desk.open_task(desk.cast.anna, application)
    with nothing_changes(desk):
        for choice in ("granted", "skipped", "escalated", "", "approve; --"):
            answer = page.form("/tasks/").forge(decision=choice).send()
            assert answer.status == 422
            assert answer.problems == ["Choose what you decide."]


# --- what was typed -----------------------------------------------------------------------------------------------

AMOUNTS = {
    "1.234": "“1.234” can mean 1 234 or 1.234; write it again without thousands separators.",
    "250,000": "“250,000” can mean 250 000 or 250.00; write it again without thousands separators.",
    "-5": "“-5” is negative; write an amount without a sign.",
    "NaN": "“NaN” is not an amount; write digits such as 250000 or 250000.00.",
    "Infinity": "“Infinity” is not an amount; write digits such as 250000 or 250000.00.",
    "1e9": "“1e9” is not an amount; write digits such as 250000 or 250000.00.",
    "0x10": "“0x10” is not an amount; write digits such as 250000 or 250000.00.",
    "9" * 30: f"“{'9' * 30}” has more than 15 digits; write a smaller amount.",
    "100.001": "“100.001” can mean 100 001 or 100.001; write it again without thousands separators.",
    "1000.555": "“1000.555” has 3 decimals; at most 2 are possible here.",
    "0": "The limit must be above zero.",
    "200 000 000": "The limit is above 100,000,000.00 in base currency, the most that can be asked for.",
    "": "Enter the limit that is asked for.",
}


def test_amount_that_cannot_be_taken_is_asked_back_at_its_field(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    form = desk.filled(page, desk.customer("Nordwind AG"))
    with nothing_changes(desk):
        for typed, sentence in AMOUNTS.items():
            answer = form.fill(requested_limit=typed).send()
            assert answer.status == 422, typed
            assert KEPT in answer.text
            assert answer.error_at("requested_limit") == sentence
            assert any(sentence in problem for problem in answer.problems)
            assert answer.form("/tasks/").value("requested_limit") == typed
            assert answer.form("/tasks/").value("purpose") == form.value("purpose")


def test_terms_that_cannot_be_taken_are_asked_back(desk: Desk) -> None:
    form = desk.filled(desk.draft(desk.cast.sara), desk.customer("Nordwind AG"))
    save = form.element.xpath(".//button/@formaction")[0]
    wrong = {
        "-3": "Enter a whole number, for example 30.",
        "30 days": "Enter a whole number, for example 30.",
        "３０": "Enter a whole number, for example 30.",
        "3651": "Enter a whole number of at most 3650.",
        "99999999999": "Enter a whole number, for example 30.",
        "0": "Credit terms lie between 1 and 180 days.",
        "181": "Credit terms lie between 1 and 180 days.",
        "": "Enter the credit terms in days.",
    }
    with nothing_changes(desk):
        for typed, sentence in wrong.items():
            answer = form.fill(terms_days=typed).send()
            assert answer.status == 422, typed
            assert answer.error_at("terms_days") == sentence
        assert form.fill(terms_days="9999").send(to=save).status == 422


def test_changed_limit_is_checked_like_the_requested_one(desk: Desk) -> None:
    application = waiting(desk)
    form = desk.open_task(desk.cast.anna, application).form("/tasks/")
    form.fill(decision="approve_with_changes", reason="Enough for the need")
    wrong = {
        "-1": "“-1” is negative; write an amount without a sign.",
        "nan": "“nan” is not an amount; write digits such as 250000 or 250000.00.",
        "0": "Enter the limit that you approve, above zero.",
        "": "Enter the limit that you approve, above zero.",
        "999 999 999 999": "This limit is above the most that can be granted at all.",
        "40 000": "Nothing is changed here; choose “Approve” to approve as it stands.",
    }
    with nothing_changes(desk):
        for typed, sentence in wrong.items():
            answer = form.fill(limit=typed).send()
            assert answer.status == 422, typed
            assert answer.error_at("limit") == sentence
            assert answer.form("/tasks/").value("limit") == typed
        form.fill(limit="30 000")
        for days in ("-3", "0", "9999", "many", "1e2"):
            answer = form.fill(terms_days=days).send()
            assert answer.status == 422, days
            assert answer.error_at("terms_days") in (
                "Enter a whole number, for example 30.",
                "Enter a whole number of at most 3650.",
                "Credit terms lie between 1 and 180 days.",
            )


@pytest.mark.parametrize("decision", ["refuse", "send_back", "approve_with_changes"])
def test_what_others_must_understand_needs_a_reason(desk: Desk, decision: str) -> None:
    application = waiting(desk)
    form = desk.open_task(desk.cast.anna, application).form("/tasks/").fill(decision=decision, limit="30 000")
    with nothing_changes(desk):
        for reason in ("", "   ", "no"):
            answer = form.fill(reason=reason).send()
            assert answer.status == 422
            assert answer.problems == ["Give a reason that the sales rep and the auditor understand."]
            assert answer.form("/tasks/").value("decision") == decision


def test_withdrawal_needs_a_reason(desk: Desk) -> None:
    application = waiting(desk)
    with nothing_changes(desk):
        for reason in ("", "  ", "no"):
            answer = desk.withdraw(desk.cast.sara, application, reason)
            assert answer.status == 422
            assert "Say in a few words why the application is withdrawn." in answer.text


def test_empty_application_says_everything_that_is_missing(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    with nothing_changes(desk):
        answer = page.form("/tasks/").send()
    assert answer.status == 422
    assert answer.problems == [
        "Choose a customer or enter a new one.",
        "Enter the limit that is asked for.",
        "Choose the currency of the limit.",
        "Enter the credit terms in days.",
        "Choose a payment method.",
        "Enter the yearly purchases that are expected.",
        "Say what the credit is for.",
    ]
    assert answer.all("//*[@id='errors']//li/a/@href")[0] == "#customer"


def test_unknown_currency_is_refused(desk: Desk) -> None:
    form = desk.filled(desk.draft(desk.cast.sara), desk.customer("Nordwind AG"))
    with nothing_changes(desk):
        for code in ("XYZ", "eur", "EURO", "'; --"):
            answer = form.forge(currency=code).send()
            assert answer.status == 422, code
            assert answer.error_at("currency") == "Not a valid choice."
            form.forged.poplist("currency")


def test_missing_exchange_rate_names_pair_and_day(desk: Desk) -> None:
    form = desk.filled(desk.draft(desk.cast.sara), desk.customer("Nordwind AG"), currency="USD")
    with nothing_changes(desk):
        answer = form.send()
    assert answer.status == 422
    said = answer.error_at("currency")
    assert "USD" in said
    assert "EUR" in said
    assert answer.form("/tasks/").value("currency") == "USD"


def test_customer_that_cannot_be_told_is_asked_back(desk: Desk) -> None:
    desk.customer("Nordwind AG")
    elsewhere = desk.customer("Südstahl AG", branch_id=desk.cast.south.id)
    closed = desk.customer("Altholz AG", status="closed")
    wrong = {
        "Nobody GmbH": "No customer “Nobody GmbH” is on file; choose one from the list or enter a new one.",
        "C-999999": "No customer “C-999999” is on file; choose one from the list or enter a new one.",
        elsewhere.number: "This customer is not on file in your branch.",
        closed.number: "The file of this customer is closed; no credit can be asked for.",
        "' OR 1=1 --": "No customer “' OR 1=1 --” is on file; choose one from the list or enter a new one.",
    }
    form = desk.filled(desk.draft(desk.cast.sara), "")
    with nothing_changes(desk):
        for typed, sentence in wrong.items():
            answer = form.fill(customer=typed).send()
            assert answer.status == 422, typed
            assert answer.error_at("customer") == sentence
            assert answer.form("/tasks/").value("customer") == typed


NEW = {
    "customer_kind": "new", "new_name": "Neu GmbH", "new_registration_number": "HRB 77", "new_country": "DE",
    "new_city": "Kiel", "new_industry": "Steel",
}  # fmt: skip


def test_new_customer_with_a_known_registration_number_is_on_file_already(desk: Desk) -> None:
    application = desk.enter("", "20 000", **NEW)
    known = desk.session.scalars(select(Customer).where(Customer.name == "Neu GmbH")).one()
    assert application.customer_id == known.id
    form = desk.filled(desk.draft(desk.cast.stefan), "", "20 000", **NEW)
    form.fill(new_name="Neue Gesellschaft mbH", new_registration_number="hrb-77")
    with nothing_changes(desk):
        answer = form.send()
    assert answer.status == 422
    sentence = f"A customer with this registration number is on file already: {known.number} Neu GmbH."
    assert answer.error_at("new_registration_number") == sentence
    assert answer.form("/tasks/").value("new_name") == "Neue Gesellschaft mbH"
    assert answer.form("/tasks/").value("customer_kind") == "new"


def test_new_customer_lacks_nothing_that_policy_asks_for(desk: Desk) -> None:
    form = desk.filled(
        desk.draft(desk.cast.sara), "", "20 000", customer_kind="new", new_country="Germany"[:2]
    )
    with nothing_changes(desk):
        answer = form.send()
        assert answer.status == 422
        assert answer.error_at("new_name") == "Enter the name of the new customer."
        answer = form.fill(
            new_name="Neu GmbH", new_registration_number="1", new_industry="x", new_country="1?"
        ).send()
        assert answer.error_at("new_country") == "“1?” is not a country code of two letters such as DE."


def test_script_in_a_text_is_shown_as_text(desk: Desk) -> None:
    script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    application = desk.in_approval(
        desk.customer("Nordwind AG"), purpose=script, security_offered="{{ 7 * 7 }}"
    )
    for person, path in ((desk.cast.sara, f"/applications/{application.number}"), (desk.cast.anna, None)):
        page = desk.get(person, path) if path else desk.open_task(person, application)
        assert script in page.text.replace(" ", " ") or "alert(1)" in page.text
        assert page.main.xpath(".//script[contains(text(), 'alert')] | .//img") == []
        assert "{{ 7 * 7 }}" in page.text


def test_file_is_not_taken_out_while_the_draft_is_submitted(desk: Desk) -> None:
    page = desk.draft(desk.cast.sara)
    application = desk.application(number_on(page))
    save = page.form("/tasks/").element.xpath(".//button/@formaction")[0]
    form = desk.filled(page, desk.customer("Nordwind AG")).attach("files", File("a.pdf", b"%PDF-1.4 a"))
    assert form.send(to=save).status == 200
    (file,) = desk.again(application).attachments
    remove = f"/applications/{application.number}/attachments/{file.id}/remove"
    path = desk.get(desk.cast.sara, page.path)
    with Session(desk.session.get_bind()) as submitting, Session(desk.session.get_bind()) as watcher:
        query = "UPDATE credit_application SET submitted_at = now() WHERE id = :id"
        submitting.execute(text(query), {"id": application.id})
        answers: list[Page] = []
        thread = threading.Thread(target=lambda: answers.append(path.form("/tasks/").send(to=remove)))
        thread.start()
        deadline = time.monotonic() + 30
        while not answers and time.monotonic() < deadline:
            watcher.rollback()
            if watcher.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
                break
            time.sleep(0.01)
        submitting.commit()
        thread.join(30)
    assert answers[0].status == 403
    assert len(desk.again(application).attachments) == 1
