"""Who substitutes somebody does their whole work: sees the application, its files and its history, and no more."""

from credit_app.models import CreditApplication, Person
from tests.factories import make_substitution
from tests.screens.desk import Desk, File, number_on

PDF = File("offer.pdf", b"%PDF-1.4 offer")


def stand_in(desk: Desk, person: Person, substitute: Person) -> None:
    make_substitution(desk.session, person, substitute)
    desk.session.commit()


def reads_everything(desk: Desk, person: Person, application: CreditApplication) -> None:
    """The application's page, its history, its customer and every attachment open."""
    page = desk.get(person, f"/applications/{application.number}")
    desk.get(person, f"/history/{application.instance_id}")
    assert application.customer is not None
    desk.get(person, f"/customers/{application.customer.number}")
    files = page.all("//a[contains(@href, '/attachments/')]/@href")
    assert files
    for href in files:
        assert desk.browser(person).client.get(href).status_code == 200


def test_who_enters_for_a_rep_reads_what_became_of_it_and_withdraws(desk: Desk) -> None:
    sara, stefan = desk.cast.sara, desk.cast.stefan
    stand_in(desk, sara, stefan)
    path = desk.draft(sara).path
    page = desk.get(stefan, path)
    sent = desk.filled(page, desk.customer("Nordwind AG")).attach("files", PDF).send()
    assert sent.status == 200, sent
    application = desk.application(number_on(sent))
    reads_everything(desk, stefan, application)
    assert desk.withdraw(stefan, application).status == 200
    assert desk.again(application).status == "withdrawn"


def test_a_colleague_of_another_role_decides_for_an_analyst(desk: Desk) -> None:
    anna, rita = desk.cast.anna, desk.cast.rita
    sent = desk.filled(desk.draft(desk.cast.sara), desk.customer("Nordwind AG")).attach("files", PDF).send()
    application = desk.assess(desk.application(number_on(sent)))
    desk.browser(rita).get(f"/applications/{application.number}", 403)
    stand_in(desk, anna, rita)
    reads_everything(desk, rita, application)
    answer = desk.decide(rita, application, "approve")
    assert answer.status == 200, answer
    (decision,) = desk.decisions(application)
    assert (decision.person_id, decision.on_behalf_of) == (rita.id, anna.id)


def test_an_analyst_of_another_branch_finds_and_decides_it(desk: Desk) -> None:
    stand_in(desk, desk.cast.anna, desk.cast.amir)
    application = desk.usual()
    assert desk.sees(desk.cast.amir, application) is not None
    assert desk.decide(desk.cast.amir, application, "approve").status == 200
    assert desk.again(application).status == "granted"


def test_an_auditor_who_substitutes_has_an_inbox_for_those_days(desk: Desk) -> None:
    otto = desk.cast.otto
    application = desk.usual()
    desk.browser(otto).get("/inbox", 403)
    stand_in(desk, desk.cast.anna, otto)
    assert "/inbox" in desk.get(otto, "/").all("//nav//a/@href")
    assert desk.sees(otto, application) is not None
    with desk.later(1):
        desk.browser(otto).get("/inbox", 403)


def test_a_substitute_neither_administrates_nor_applies(desk: Desk) -> None:
    stand_in(desk, desk.cast.ada, desk.cast.otto)
    stand_in(desk, desk.cast.sara, desk.cast.otto)
    for path in ("/admin/outbox", "/admin/incidents"):
        desk.browser(desk.cast.otto).get(path, 403)
    assert desk.get(desk.cast.otto, "/").all("//form[@action='/applications/new']") == []


def test_who_only_saved_the_draft_for_a_rep_does_not_decide_it(desk: Desk) -> None:
    sara, anna = desk.cast.sara, desk.cast.anna
    stand_in(desk, sara, anna)
    path = desk.draft(sara).path
    page = desk.get(anna, path)
    save = page.form("/tasks/").element.xpath(".//button/@formaction")[-1]
    desk.filled(page, desk.customer("Nordwind AG")).send(to=save)
    sent = desk.get(sara, path).form("/tasks/").send()
    application = desk.assess(desk.application(number_on(sent)))
    assert application.status == "in_approval"
    assert desk.sees(anna, application) is None
    assert desk.sees(desk.cast.anton, application) is not None


def test_the_head_of_sales_withdraws_what_somebody_who_has_left_began(desk: Desk) -> None:
    application, mona = desk.usual(), desk.cast.mona
    assert not desk.get(mona, f"/applications/{application.number}").has_form("/withdraw")
    desk.cast.sara.active = False
    desk.session.commit()
    assert desk.withdraw(mona, application, "Their rep has left").messages == [
        "The application is withdrawn."
    ]
    assert desk.again(application).status == "withdrawn"
    assert desk.events(application)[-1]["actor_id"] == mona.id
