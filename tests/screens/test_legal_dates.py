"""Legal dates: the calendar, the warnings ahead of them, deadlines of a case, and what is added to a case by hand."""

from datetime import date
from random import Random

from sqlalchemy import select

from credit_app import jobs
from credit_app.domain.limitation import GROUNDS
from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.facts.limitation import interrupt, limitation_of, nearest
from credit_app.models import CollectionCase, ReceivableItem, Security
from credit_app.models.legal import LegalCase, LegalCost, LegalCounsel, LegalDocument, LegalNotice
from tests.factories import NOW, TODAY, make_customer, make_invoice
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File
from tests.screens.test_legal_action import (
    DAY,
    PDF,
    approved,
    begin,
    debtor,
    do,
    done,
    filed,
    newest,
    pays,
    warned,
)


def test_limitation_guarantees_and_instalments_stand_in_the_calendar_and_are_warned_of_once(
    desk: Desk,
) -> None:
    session, cast = desk.session, desk.cast
    china = make_customer(session, "Nordwind AG", branch_id=cast.north.id, country="CN")
    soon = make_invoice(
        session, china, "100.00", date(2023, 5, 1), number="A-1"
    )  # ends on 1 May 2026: 52 days
    late = make_invoice(session, china, "50.00", date(2022, 5, 1), number="A-2")  # has passed
    saved = make_invoice(session, china, "70.00", date(2023, 4, 1), number="A-3")  # a demand restarted it
    make_invoice(session, china, "80.00", date(2023, 4, 15), paid_on=date(2023, 5, 15), number="A-4")
    parts = [
        make_invoice(session, china, "10.00", due, number=f"P-1#{part}", instalment=part)
        for part, due in ((1, date(2023, 4, 1)), (2, date(2025, 4, 1)))
    ]
    interrupt(session, [saved.id], date(2025, 4, 1), "demand_delivered", NOW, evidence="collection_contact:1")
    session.add(
        Security(
            customer_id=china.id, kind="guarantee", amount=500, currency="EUR", provider="Parent Ltd", haircut=0,
            status="confirmed", confirmed_by=cast.carla.id, confirmed_at=NOW, expires_on=TODAY + 20 * DAY,
        )
    )  # fmt: skip
    session.add(
        CollectionCase(
            number="COL-2026-00001", customer_id=china.id, status="open", amount=220, currency="EUR", stage="call",
            stage_on=TODAY, ladder="medium", opened_on=TODAY, seen_on=TODAY, collector_id=cast.cole.id,
        )
    )  # fmt: skip
    session.commit()
    found = limitation_of(session, [one.id for one in (soon, late, saved, *parts)], TODAY)
    assert [found[one.id].chain.ends_on for one in (soon, late, saved, *parts)] == [
        date(2026, 5, 1), date(2025, 5, 1), date(2028, 4, 1), date(2028, 4, 1), date(2028, 4, 1),
    ]  # fmt: skip

    assert nearest(session, TODAY) == {china.id: date(2026, 5, 1)}
    _agree_with_the_rule(desk, china.id)

    page = desk.get(cast.lena, "/legal/calendar")
    assert "A-1" in page.text
    assert "in 52 days" in page.text
    assert "Parent Ltd" in page.text
    assert "Cole Baxter" in page.text
    for unwanted in ("A-2", "A-3", "A-4", "P-1"):
        assert unwanted not in page.text
    assert "A-1" not in desk.get(cast.lena, "/legal/calendar?span=30").text
    assert "A-1" not in desk.get(cast.lena, "/legal/calendar?kind=guarantee").text
    assert "A-1" not in desk.get(cast.lena, f"/legal/calendar?person={cast.lena.id}").text
    assert "A-2" in desk.get(cast.lena, "/legal/calendar?span=overdue").text
    table = desk.browser(cast.lena).client.get("/legal/calendar.csv?span=180").data.decode("utf-8-sig")
    assert [line.split(",")[0] for line in table.splitlines()[1:]] == ["2026-03-30", "2026-05-01"]
    desk.get(cast.lena, "/legal/calendar.pdf", 404)
    desk.get(cast.sara, "/legal/calendar", 403)

    desk.mails()
    assert jobs.warn_of_legal_dates(desk.app) == 2
    assert jobs.warn_of_legal_dates(desk.app) == 0
    mails = desk.mails()
    assert [(mail.to, mail.template) for mail in mails] == [("Cole Baxter", "legal_dates")] * 2
    assert {mail.subject for mail in mails} == {
        "Legal dates of Nordwind AG within 30 days", "Legal dates of Nordwind AG within 90 days",
    }  # fmt: skip
    assert any("1 May 2026: limitation date" in mail.body for mail in mails)
    with desk.later(23):
        assert jobs.warn_of_legal_dates(desk.app) == 1  # 29 days ahead of the limitation date
    rows = session.scalars(select(LegalNotice).order_by(LegalNotice.id)).all()
    assert [(row.kind, row.step) for row in rows] == [
        ("guarantee", 30),
        ("limitation", 90),
        ("limitation", 30),
    ]


def _agree_with_the_rule(desk: Desk, customer_id: int) -> None:
    """The query over all cases and the rule of one chain say the same, whatever happened, in every country."""
    session, chance = desk.session, Random(7)  # noqa: S311 (no secret)
    with session.begin_nested() as made:
        for number, country in enumerate(("CN", "GB", "DE", "XX", None) * 8):
            debtor = make_customer(session, f"Debtor {number}", country=country)
            items = [
                make_invoice(
                    session, debtor, 10, TODAY - chance.randrange(4_000) * DAY, number=f"D-{number}-{one}"
                )
                for one in range(3)
            ]
            for _event in range(chance.randrange(9)):
                on = TODAY - chance.randrange(-200, 3_000) * DAY
                interrupt(session, [chance.choice(items).id], on, chance.choice(GROUNDS), NOW, evidence="x:1")
            session.add(
                CollectionCase(
                    number=f"COL-{number}", customer_id=debtor.id, status="open", amount=30, currency="EUR",
                    stage="call", stage_on=TODAY, ladder="medium", opened_on=TODAY, seen_on=TODAY,
                )
            )  # fmt: skip
            session.flush()
            ends = [
                one.chain.ends_on for one in limitation_of(session, [one.id for one in items], TODAY).values()
            ]
            expected = min((end for end in ends if end >= TODAY), default=max(ends))
            assert nearest(session, TODAY, [debtor.id]) == {debtor.id: expected}, country
        assert len(nearest(session, TODAY)) == 41
        assert customer_id in nearest(session, TODAY)
        made.rollback()


@covers(
    "legal_proceedings/to_urge_filing",
    "legal_proceedings/to_tell_counsel",
    "legal_enforcement/to_urge_enforcement",
)
def test_counsel_is_urged_before_a_deadline_and_told_when_a_period_is_over(desk: Desk) -> LegalCase:
    session, cast = desk.session, desk.cast
    case = begin(desk, debtor(desk))
    approved(desk, case)
    own = LegalCounsel(kind="in_house", name="Lena Hoffmann", person_id=cast.lena.id)
    session.add(own)
    session.commit()
    done(desk, case, "choose_counsel", counsel_id=str(own.id), way="suit", preserve="yes")
    refused = do(
        desk,
        case,
        "preserve_assets",
        choice="granted",
        forum="Pudong court",
        decided_on=TODAY.isoformat(),
        amount="",
    )
    assert refused.status == 422
    given = {"choice": "refused", "forum": "Pudong court", "decided_on": TODAY.isoformat()}
    case = done(desk, case, "preserve_assets", **given)
    assert case.preserved_on is None
    desk.mails()
    assert urged(desk, 20) == []  # to be filed by 7 April
    assert urged(desk, 22) == ["filing of the claim, 7 Apr 2026"]
    warned(desk, case)
    done(desk, case, "file_claim", forum="Pudong court", filed_on=TODAY.isoformat())
    done(desk, case, "record_hearing", choice="judgment", held_on=TODAY.isoformat())
    case = done(desk, case, "record_title", title_on=TODAY.isoformat(), awarded="1 000")
    assert urged(desk, 16) == ["end of the appeal period, 25 Mar 2026"]
    done(desk, case, "follow_title", choice="enforce", on=TODAY.isoformat())
    assert urged(desk, 700) == []
    assert urged(desk, 725) == ["end of the enforcement period, 10 Mar 2028"]
    # The dates of the case are warned of like all others, to its own counsel.
    with desk.later(600):
        assert jobs.warn_of_legal_dates(desk.app) == 1
        assert [(mail.to, mail.template) for mail in desk.mails()] == [("Lena Hoffmann", "legal_dates")]
    return newest(desk)


def urged(desk: Desk, days: int) -> list[str]:
    """What Lena is told of the case when so many days have passed: the deadline."""
    with desk.later(days):
        jobs.fire_timers(desk.app)
        mails = [mail for mail in desk.mails() if mail.template == "legal_deadline"]
    assert {mail.to for mail in mails} <= {"Lena Hoffmann"}
    return [
        line.partition(": ")[2] for mail in mails for line in mail.body.splitlines() if "in the case" in line
    ]


def test_costs_papers_and_a_new_pack_are_added_on_the_page_of_a_case(desk: Desk) -> None:
    session, cast = desk.session, desk.cast
    case = begin(desk, debtor(desk))
    path = f"/legal/cases/{case.number}"
    assert not desk.get(cast.cole, path).has_form("/costs")
    assert desk.browser(cast.cole).post(f"{path}/costs", {}).status in (400, 403)
    page = desk.get(cast.lena, path)
    given = {"cost-kind": "court_fee", "cost-amount": "120", "cost-incurred_on": TODAY.isoformat()}
    for sentence, change in (
        ("what the cost is for", {"cost-kind": ""}),
        ("above zero", {"cost-amount": ""}),
        ("when the case began", {"cost-incurred_on": (TODAY - DAY).isoformat()}),
    ):
        sent = page.form("/costs").fill(**given | change).send()
        assert (sent.status, any(sentence in one for one in sent.problems)) == (422, True), sent.problems
    sent = page.form("/costs").fill(**given, **{"cost-claimed": "y"}).send()
    assert sent.messages == ["The cost is entered."]
    desk.get(cast.lena, path).form("/costs").fill(
        **given | {"cost-kind": "lawyer_fee", "cost-amount": "80"}
    ).send()
    desk.fresh()
    costs = session.scalars(select(LegalCost).order_by(LegalCost.id)).all()
    assert [(row.kind, row.amount, row.item_id is None) for row in costs] == [
        ("court_fee", 120, False), ("lawyer_fee", 80, True),
    ]  # fmt: skip
    item = session.get_one(ReceivableItem, costs[0].item_id)
    assert (item.kind, item.amount, item.number, item.due_date) == ("cost", 120, f"{case.number}-C1", TODAY)
    assert balances_that_do_not_tie(session) == []
    pays(desk, newest(desk), "300")
    text = desk.get(cast.lena, path).text
    assert "Recovered EUR 300.00" in text
    assert "Net EUR 100.00" in text

    page = desk.get(cast.lena, path)
    assert "No proof of delivery is filed." in page.text
    assert page.form("/papers").send().status == 422
    form = page.form("/papers").fill(**{"paper-piece": "delivery"}).attach("paper-file", File("pod.pdf", PDF))
    assert form.send().messages == ["The paper is filed."]
    page = desk.get(cast.lena, path)
    assert "No proof of delivery is filed." not in page.text
    assert desk.browser(cast.lena).client.get(f"{path}/evidence.zip").status_code == 404
    assert page.form(f"{path}/evidence").send().messages == ["The evidence pack is made."]
    desk.fresh()
    assert newest(desk).pack_missing == ["contract", "demands"]
    assert session.scalars(select(LegalDocument.piece)).all() == ["delivery"]
    assert case.number in desk.get(cast.lena, "/legal/").text
    assert "No claim" not in desk.get(cast.otto, "/legal/?status=assessment").text


def test_counsel_are_kept_in_a_register(desk: Desk) -> None:
    page = desk.get(desk.cast.lena, "/legal/counsel")
    sent = page.form("/legal/counsel").fill(kind="in_house", name="Lena Hoffmann").send()
    assert any("which of our counsel" in one for one in sent.problems)
    form = page.form("/legal/counsel").fill(
        kind="in_house", name="Lena Hoffmann", person_id=str(desk.cast.lena.id)
    )
    assert form.send().messages == ["Lena Hoffmann is in the register."]
    sent = page.form("/legal/counsel").fill(kind="law_firm", name="Lena Hoffmann").send()
    assert any("in the register already" in one for one in sent.problems)
    row = desk.session.scalars(select(LegalCounsel)).one()
    assert row.person_id == desk.cast.lena.id
    desk.get(desk.cast.lena, "/legal/counsel").form(f"/counsel/{row.id}/close").send()
    desk.fresh()
    assert not desk.session.scalars(select(LegalCounsel)).one().active
    assert not desk.get(desk.cast.cole, "/legal/counsel").has_form("/legal/counsel")


def test_a_title_counts_instead_of_limitation_until_it_falls(desk: Desk) -> None:
    case, today = filed(desk, begin(desk, debtor(desk))), TODAY.isoformat()

    def ends_soon() -> bool:
        with desk.later(1_050):  # the filing restarted it: until 10 March 2029
            return "A-1" in desk.get(desk.cast.lena, "/legal/calendar").text

    assert ends_soon()
    done(desk, case, "record_hearing", choice="judgment", held_on=today)
    done(desk, case, "record_title", title_on=today, awarded="1 000")
    assert not ends_soon()
    done(desk, case, "follow_title", choice="contested", on=today)
    assert ends_soon()
