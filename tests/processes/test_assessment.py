"""What the analysts do before a level decides: information, rating, proposal; and who may not decide then."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from credit_app.forms.investigation import Investigated, LegalEntry, OwnerEntry
from credit_app.forms.proposal import ProposalAnswer, SecurityEntry
from credit_app.forms.rating import Confirmation
from credit_app.forms.report import ReportAnswer
from credit_app.forms.statements import Statements, YearEntry
from credit_app.models import (
    CreditApplication,
    CreditReport,
    FinancialStatement,
    InformationItem,
    Investigation,
    LegalRecord,
    Owner,
    Rating,
    Security,
)
from credit_app.steps.gather_information import investigate_customer, record_report
from tests.factories import NOW, TODAY, make_policy
from tests.processes.conftest import Desk, investigated
from workflows import Actor, InvalidAnswer, NotAllowed

FIGURES = {
    "cash": 200, "receivables": 300, "inventory": 300, "current_assets": 800, "total_assets": 1000,
    "current_liabilities": 300, "total_liabilities": 500, "equity": 500, "sales": 2000,
    "operating_profit": 150, "interest_expense": 10, "net_profit": 100,
}  # fmt: skip
RECORD = {"choice": "record", "provider": "Creditreform", "reported_on": TODAY}


def opened(desk: Desk, **values: Any) -> CreditApplication:
    """An application of which the information is gathered."""
    application = desk.open(desk.customer("Nordwind AG", **values))
    desk.submit(application)
    return application


def alma(desk: Desk) -> Actor:
    return Actor(desk.cast.alma.id)


def report(desk: Desk, application: CreditApplication, **values: Any) -> CreditReport | None:
    """Alma answers about the report."""
    desk.complete(application, alma(desk), ReportAnswer(**RECORD | values), "record_report")
    query = select(CreditReport).where(CreditReport.application_id == application.id)
    return desk.session.scalars(query).one_or_none()


def refused(desk: Desk, application: CreditApplication, answer: Any, node: str) -> InvalidAnswer:
    """What Alma's answer is refused with; nothing is kept of it."""
    with pytest.raises(InvalidAnswer) as caught:
        desk.complete(application, alma(desk), answer, node)
    desk.session.rollback()
    return caught.value


def year(place: int, end: date, **figures: int) -> YearEntry:
    amounts = {line: Decimal(amount) for line, amount in (FIGURES | figures).items()}
    return YearEntry(f"years-{place}", end, 12, False, amounts)


def entered(*years: YearEntry, **values: Any) -> Statements:
    given = {"choice": "enter", "currency": "EUR", "unit": 1000, "source": "Annual report", "years": years}
    return Statements(**given | values)


THREE = (year(0, date(2025, 12, 31)), year(1, date(2024, 12, 31)), year(2, date(2023, 12, 31)))


# --- the report ---------------------------------------------------------------------------------------------------


def test_a_report_is_kept_with_its_validity_by_policy(desk: Desk) -> None:
    kept = report(desk, opened(desk), cost=Decimal(90), currency="EUR", provider_grade="2.3")
    assert kept is not None
    assert (kept.status, kept.cost, kept.currency, kept.provider_grade) == ("received", 90, "EUR", "2.3")
    assert kept.valid_until == date(2027, 3, 10)


def test_no_second_report_is_bought_within_the_months_of_policy(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    first, second = desk.open(customer), desk.open(customer)
    for application in (first, second):
        desk.submit(application)
    report(desk, first, cost=Decimal(90), currency="EUR")
    again = ReportAnswer(**RECORD, cost=Decimal(90), currency="EUR")
    said = refused(desk, second, again, "record_report")
    assert said.field == "provider"
    assert str(said) == (
        "Creditreform reported on this customer on 2026-03-10 already; within 6 months no second report is bought."
    )
    with pytest.raises(InvalidAnswer, match="no second report"):
        record_report.save_draft(desk.session, second, again, desk.cast.alma.id, NOW)
    desk.session.rollback()
    desk.complete(second, alma(desk), ReportAnswer("use_valid"), "record_report")
    assert "record_report" not in desk.nodes(second)


def test_an_ordered_report_is_waited_for_and_recorded_when_it_is_there(desk: Desk) -> None:
    application = opened(desk)
    order = ReportAnswer(provider="Creditreform", cost=Decimal(90), currency="EUR")
    record_report.save_draft(desk.session, application, order, desk.cast.alma.id, NOW)
    desk.session.commit()
    assert "record_report" in desk.nodes(application)
    kept = report(desk, application, cost=Decimal(95), currency="EUR")
    assert kept is not None
    assert (kept.status, kept.ordered_on, kept.cost) == ("received", TODAY, 95)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"provider": ""}, "provider"),
        ({"reported_on": None}, "reported_on"),
        ({"reported_on": TODAY + timedelta(days=1)}, "reported_on"),
        ({"ordered_on": TODAY, "reported_on": TODAY - timedelta(days=1)}, "ordered_on"),
        ({"reported_on": TODAY - timedelta(days=900)}, "valid_until"),
        ({"cost": Decimal(1)}, "currency"),
        ({"choice": "not_needed", "note": "no"}, "note"),
        ({"choice": "use_valid"}, "choice"),
        ({"choice": ""}, "choice"),
    ],
)
def test_a_report_that_lacks_something_is_refused(desk: Desk, values: dict[str, Any], field: str) -> None:
    answer = ReportAnswer(**RECORD | values)
    assert refused(desk, opened(desk), answer, "record_report").field == field


# --- the investigation --------------------------------------------------------------------------------------------


def test_findings_owners_and_records_are_kept_with_source_and_day(desk: Desk) -> None:
    application, holding = opened(desk), desk.customer("Holding AG")
    answer = investigated(
        owners=(OwnerEntry("owners-0", "company", "Holding AG", "DE", Decimal("0.6"), holding.id, "register"),),
        parent_id=holding.id,
        nothing_on_record=False,
        legal_records=(
            LegalEntry(
                "legal_records-0", "litigation", TODAY, None, "court of Kiel", "unpaid rent", Decimal(900), "EUR",
                "court register",
            ),
        ),
    )  # fmt: skip
    desk.complete(application, alma(desk), answer, "investigate_customer")
    found = desk.session.scalars(select(Investigation)).one()
    assert (found.template, found.done_by, len(found.findings)) == (
        "existing_customer", desk.cast.alma.id, 7,
    )  # fmt: skip
    owner = desk.session.scalars(select(Owner)).one()
    assert (owner.share, owner.owner_customer_id, owner.as_of) == (Decimal("0.6"), holding.id, TODAY)
    record = desk.session.scalars(select(LegalRecord)).one()
    assert (record.kind, record.amount, record.currency) == ("litigation", 900, "EUR")
    assert application.customer is not None
    assert application.customer.parent_id == holding.id


def test_a_group_cannot_run_in_a_circle(desk: Desk) -> None:
    application = opened(desk)
    daughter = desk.customer("Tochter AG", parent_id=application.customer_id)
    answer = investigated(parent_id=daughter.id)
    said = refused(desk, application, answer, "investigate_customer")
    assert (said.field, "because it belongs to it: Tochter AG" in str(said)) == ("parent", True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"findings": ()}, None),
        ({"nothing_on_record": False}, "nothing_on_record"),
        ({"record_source": ""}, "record_source"),
        ({"summary": "fine"}, "summary"),
        ({"owners": (OwnerEntry("owners-0", "person", "", "", None, None, "x"),)}, "owners-0-name"),
        ({"owners": (OwnerEntry("owners-0", "", "Karl", "", None, None, "x"),)}, "owners-0-kind"),
        (
            {"owners": (OwnerEntry("owners-0", "person", "Karl", "", Decimal(0), None, "x"),)},
            "owners-0-share",
        ),
    ],
)
def test_an_investigation_that_lacks_something_is_refused(
    desk: Desk, values: dict[str, Any], field: str | None
) -> None:
    application = opened(desk)
    if field is None:  # the register is owed by the template
        given = investigated()
        bare = replace(given.findings[0], source="", found_on=None, finding="", assessment="")
        values, field = {"findings": (bare, *given.findings[1:])}, "findings-0-finding"
    assert refused(desk, application, investigated(**values), "investigate_customer").field == field


def test_a_draft_keeps_what_was_typed_and_leaves_other_drafts_alone(desk: Desk) -> None:
    application = opened(desk)
    typed = Investigated(texts={"summary": "Half a sentence"})
    investigate_customer.save_draft(desk.session, application, typed, desk.cast.alma.id, NOW)
    desk.session.commit()
    row = desk.session.scalars(select(Investigation)).one()
    assert row.drafts == {"investigate_customer": {"summary": "Half a sentence"}}
    desk.complete(application, alma(desk), investigated(), "investigate_customer")
    desk.session.refresh(row)
    assert row.drafts == {}


# --- the statements -----------------------------------------------------------------------------------------------


def test_three_years_are_kept_in_their_unit(desk: Desk) -> None:
    application = opened(desk)
    desk.complete(application, alma(desk), entered(*THREE), "enter_statements")
    rows = desk.session.scalars(select(FinancialStatement).order_by(FinancialStatement.period_end)).all()
    assert [row.period_end.year for row in rows] == [2023, 2024, 2025]
    assert {(row.unit, row.currency, row.figures["sales"]) for row in rows} == {(1000, "EUR", "2000")}


def test_what_does_not_balance_is_refused_at_its_line(desk: Desk) -> None:
    wrong = entered(year(0, date(2025, 12, 31), equity=400))
    said = refused(desk, opened(desk), wrong, "enter_statements")
    assert said.field == "years-0-total_assets"
    assert "2025" in str(said)


def test_what_is_unusual_is_confirmed_with_a_word_and_kept_with_it(desk: Desk) -> None:
    application = opened(desk)
    jump = (year(0, date(2025, 12, 31), sales=9000), *THREE[1:])
    said = refused(desk, application, entered(*jump), "enter_statements")
    assert said.field == "remark"
    explained = entered(*jump, remark="Took over a rival")
    desk.complete(application, alma(desk), explained, "enter_statements")
    newest = desk.session.scalars(
        select(FinancialStatement).order_by(FinancialStatement.period_end.desc()).limit(1)
    ).one()
    assert [remark["answer"] for remark in newest.remarks] == ["Took over a rival"]


def test_a_missing_year_is_said_as_missing(desk: Desk) -> None:
    said = refused(desk, opened(desk), entered(THREE[0], THREE[2]), "enter_statements")
    assert (said.field, "2024" in str(said)) == ("remark", True)


def test_without_statements_the_reason_stands_in_the_file(desk: Desk) -> None:
    application = opened(desk)
    assert refused(desk, application, Statements("none", reason="no"), "enter_statements").field == "reason"
    answer = Statements("none", reason="Founded this year")
    desk.complete(application, alma(desk), answer, "enter_statements")
    item = desk.session.scalars(select(InformationItem)).one()
    assert (item.name, item.value, item.valid_until) == (
        "no_statements", "Founded this year", date(2027, 3, 10),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"years": ()}, "years-0-period_end"),
        ({"currency": ""}, "currency"),
        ({"source": ""}, "source"),
        ({"years": (year(0, TODAY + timedelta(days=1)),)}, "years-0-period_end"),
        ({"years": (replace(THREE[0], months=0),)}, "years-0-months"),
        ({"years": (THREE[0], replace(THREE[0], place="years-1"))}, "years-1-period_end"),
        ({"choice": "use_filed"}, "choice"),
    ],
)
def test_statements_that_lack_something_are_refused(desk: Desk, values: dict[str, Any], field: str) -> None:
    answer = replace(entered(*THREE), **values)
    assert refused(desk, opened(desk), answer, "enter_statements").field == field


# --- rating, proposal and who may decide then ---------------------------------------------------------------------


def test_an_override_beyond_the_step_of_policy_is_refused(desk: Desk) -> None:
    application = opened(desk)
    desk.gather(application)
    far = Confirmation("override", "CC", reason="I do not trust them")
    assert refused(desk, application, far, "confirm_rating").field == "grade"
    rating = desk.session.scalars(select(Rating).where(Rating.application_id == application.id)).one()
    assert (rating.rated_by, rating.override_reason) == (None, None)


def test_rater_and_proposer_decide_at_no_level_though_they_are_analysts(desk: Desk) -> None:
    application = opened(desk)
    desk.gather(application, desk.cast.anton)
    desk.complete(application, Actor(desk.cast.anna.id), Confirmation("confirm"), "confirm_rating")
    desk.assess(application)  # alma proposes
    excluded = set(desk.task(application).excluded)
    assert {desk.cast.anna.id, desk.cast.alma.id} <= excluded
    assert desk.cast.anton.id not in excluded  # who only gathered information may decide
    for person in (desk.cast.anna, desk.cast.alma):
        with pytest.raises(NotAllowed, match="rated"):
            desk.decide(application, person, "approve")
        desk.session.rollback()
    assert desk.decide(application, desk.cast.anton, "approve").outcome == "limit_granted"


def test_where_policy_says_so_whoever_investigated_does_not_decide_either(desk: Desk) -> None:
    make_policy(desk.session, "separation.investigator_decides", False)
    desk.session.commit()
    application = opened(desk)
    desk.gather(application, desk.cast.anton)
    desk.assess(application)
    assert desk.cast.anton.id in desk.task(application).excluded
    with pytest.raises(NotAllowed):
        desk.decide(application, desk.cast.anton, "approve")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"limit": None}, "limit"),
        ({"limit": Decimal(10**9)}, "limit"),
        ({"terms_days": 400}, "terms_days"),
        ({"payment_method": "barter"}, "payment_method"),
        ({"limit": Decimal(40_000), "reason": ""}, "reason"),
        ({"warning_score": 10}, "warning_measures"),
        ({"securities": (SecurityEntry("securities-0", "", Decimal(1)),)}, "securities-0-kind"),
        ({"securities": (SecurityEntry("securities-0", "pledge", None),)}, "securities-0-amount"),
        (
            {"securities": (SecurityEntry("securities-0", "pledge", Decimal(1), cover=Decimal(1)),)},
            "securities-0-cover",
        ),
        ({"choice": ""}, "choice"),
    ],
)
def test_a_proposal_that_cannot_stand_is_refused(desk: Desk, values: dict[str, Any], field: str) -> None:
    application = opened(desk)
    desk.gather(application)
    desk.complete(application, alma(desk), Confirmation("confirm"), "confirm_rating")
    desk.session.refresh(application)
    given = {
        "choice": "propose", "version": application.version, "limit": Decimal(1000), "terms_days": 30,
        "payment_method": "open_account", "reason": "As needed",
    }  # fmt: skip
    answer = ProposalAnswer(**given | values)
    assert refused(desk, application, answer, "set_proposal").field == field


def test_what_was_proposed_reaches_the_limit_with_its_warning_line_and_securities(desk: Desk) -> None:
    application = opened(desk)
    insured = SecurityEntry("securities-0", "insurance", Decimal(30_000), provider="Insurer")
    desk.assess(
        application, limit=Decimal(30_000), terms_days=14, discount=Decimal(2), warning_utilisation=Decimal("0.9"),
        warning_measures="Hold orders", securities=(insured,),
    )  # fmt: skip
    security = desk.session.scalars(select(Security)).one()
    assert (security.haircut, security.cover, security.status) == (
        Decimal("0.1"), Decimal("0.9"), "required",
    )  # fmt: skip
    desk.decide(application, desk.cast.anna, "approve")
    assert application.status == "waiting_for_conditions"
    assert (application.proposed_limit, application.discount) == (30_000, 2)
