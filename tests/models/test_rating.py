"""Rating a customer by what is on file: statements, evidence, legal records, ledger, peers."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from credit_app.domain.rating_grading import JudgementRefused
from credit_app.domain.rating_override import OverrideAboveVeto, OverrideTooFar, OverrideWithoutReason
from credit_app.facts.rating import keep, rate_customer
from credit_app.facts.rating_confirming import confirm, grades_to_choose, judge_by_analyst
from credit_app.models import (
    BlacklistEntry,
    CreditReport,
    Customer,
    FinancialStatement,
    Finding,
    InformationItem,
    Investigation,
    LegalRecord,
    Rating,
    Reference,
)
from tests.domain.statement_samples import FIGURES
from tests.factories import (
    NOW,
    TODAY,
    Cast,
    make_customer,
    make_invoice,
    make_policy,
    make_rate,
)

REASON = "The order book for next year is full."


def statement(session: Session, customer: Customer, year: int = 2025, **values: Any) -> FinancialStatement:
    changed = values.pop("changed", {})
    figures = {key: str(amount) for key, amount in FIGURES[min(max(year, 2024), 2025)].items()} | changed
    given = {"currency": "EUR", "unit": 1000, "audited": True, "source": "Annual report", "figures": figures}
    return add(
        session, FinancialStatement(customer_id=customer.id, period_end=date(year, 12, 31), **given | values)
    )


def add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def payer(session: Session, name: str = "Nordwind AG", late: int = 0, **values: Any) -> Customer:
    """A customer that has paid twelve invoices so many days late."""
    customer = make_customer(session, name, **values)
    for number in range(12):
        due = TODAY - timedelta(days=40 + number * 20)
        make_invoice(session, customer, "1000.00", due, paid_on=due + timedelta(days=late))
    return customer


def investigate(session: Session, cast: Cast, customer: Customer, **assessments: str) -> Investigation:
    investigation = Investigation(
        customer_id=customer.id,
        template="existing_customer",
        done_at=NOW,
        done_by=cast.anna.id,
    )
    for channel, assessment in assessments.items():
        investigation.findings.append(
            Finding(
                channel=channel,
                source="Visit",
                found_on=TODAY,
                finding=f"Seen: {channel}",
                assessment=assessment,
            )
        )
    return add(session, investigation)


def rated(session: Session, customer: Customer) -> Rating:
    return keep(session, customer, rate_customer(session, customer, TODAY), TODAY, NOW)


def point(rating: Rating, indicator: str) -> dict[str, Any]:
    return next(one for one in rating.inputs["rating"]["points"] if one["indicator"] == indicator)


def codes(rating: Rating) -> list[str]:
    return [one["code"] for one in rating.inputs["rating"]["confidence_reasons"]]


def vetoes(rating: Rating) -> list[str]:
    return [one["code"] for one in rating.inputs["rating"]["vetoes"]]


def test_customer_with_only_a_payment_record_is_rated_by_it_with_confidence_lowered(
    session: Session, cast: Cast
) -> None:
    rating = rated(session, payer(session))
    assert (rating.method, rating.grade, rating.confidence) == ("payment_record", "AAA", Decimal("0.60"))
    assert (rating.model, rating.policy_on, rating.rated_by) == ("general@1", TODAY, None)
    assert (rating.computed_grade, rating.computed_score) == (rating.grade, rating.score)
    assert codes(rating) == ["rating.record_only"]
    own = point(rating, "own_payment_record")
    assert own["row"] == "receivable_item, receipt, allocation"
    assert {part["indicator"] for part in own["parts"]} >= {"share_late", "trend_days"}


def test_statements_and_evidence_rate_by_the_scorecard_and_every_point_names_its_row(
    session: Session, cast: Cast
) -> None:
    customer = payer(session, founded_on=date(2010, 3, 10), employees=60, enterprise_kind="private")
    first, last = statement(session, customer, 2024), statement(session, customer, 2025)
    found = investigate(
        session, cast, customer, site_visit="positive", market="neutral", registration="positive"
    )
    rating = rated(session, customer)
    assert rating.method == "combined"
    assert {one["method"]: one["score"] is not None for one in rating.inputs["rating"]["methods"]} == {
        "quantitative": True,
        "experience": True,
        "industry": True,
    }
    current = point(rating, "current_ratio")
    assert (current["value"], current["row"]) == ("2.4348", f"financial_statement:{last.id}")
    trend = point(rating, "equity_ratio_trend")
    assert trend["row"] == f"financial_statement:{first.id}, financial_statement:{last.id}"
    assert (trend["value"], trend["points"]) == ("0.0493", "0.80")
    managed = point(rating, "management")
    assert (managed["value"], managed["row"], managed["on"]) == (
        "good",
        f"finding {found.findings[0].id}",
        TODAY.isoformat(),
    )
    assert point(rating, "years_registered")["value"] == "16.0"
    assert point(rating, "employees")["value"] == "60"
    assert point(rating, "open_litigation")["value"] == "0"
    grounds = [
        ground["ground"]
        for row in rating.inputs["rating"]["experience"]["dimensions"]
        for ground in row["grounds"]
    ]
    assert grounds == ["Seen: registration", "Seen: site_visit", "Seen: market"]
    assert {one["variant"]: one["zone"] for one in rating.inputs["rating"]["altman"]} == {
        "z": None,
        "z_private": "safe",
        "z_others": "safe",
    }
    assert rating.inputs["statements"] == [f"financial_statement:{row.id}" for row in (first, last)]
    assert "rating.missing_years" in codes(rating)


def test_the_model_follows_the_segment_of_the_customer(session: Session, cast: Cast) -> None:
    assert rated(session, payer(session, "A", is_new=True)).model == "new@1"
    assert rated(session, payer(session, "B", industry="Wholesale")).model == "trade@1"
    assert rated(session, payer(session, "C", size="micro")).model == "small@1"


def test_a_correction_of_a_statement_replaces_the_one_before_and_another_currency_is_left_out(
    session: Session, cast: Cast
) -> None:
    customer = payer(session)
    statement(session, customer, 2024, currency="USD")
    statement(session, customer, 2025)
    newer = statement(session, customer, 2025, changed={"cash": "0"}, audited=False)
    rating = rated(session, customer)
    assert rating.inputs["statements"] == [f"financial_statement:{newer.id}"]
    assert point(rating, "cash_ratio")["value"] == "0.0000"
    assert point(rating, "equity_ratio_trend")["missing"]["code"] == "rating.one_year"
    assert {"rating.unaudited", "rating.implausible", "rating.missing_years"} <= set(codes(rating))


def test_a_statement_of_the_future_and_a_stale_one(session: Session, cast: Cast) -> None:
    customer = payer(session)
    statement(session, customer, TODAY.year)
    assert rated(session, customer).inputs["statements"] == []
    statement(session, customer, 2023)
    assert "rating.stale_statements" in codes(rated(session, customer))


def test_negative_equity_caps_the_grade(session: Session, cast: Cast) -> None:
    customer = payer(session)
    statement(session, customer, changed={"equity": "-10"})
    rating = rated(session, customer)
    assert vetoes(rating) == ["rating.veto.negative_equity"]
    assert rating.grade in ("CCC", "CC", "C")


@pytest.mark.parametrize(
    ("kind", "code", "grade"),
    [
        ("insolvency", "rating.veto.insolvency", "C"),
        ("dishonesty_list", "rating.veto.dishonesty_list", "C"),
        ("litigation", "rating.veto.open_litigation", "B"),
    ],
)
def test_open_legal_records_cap_the_grade_and_closed_ones_do_not(
    session: Session, cast: Cast, kind: str, code: str, grade: str
) -> None:
    customer = payer(session)
    make_rate(session, "EUR", "USD", "2")
    record = add(
        session,
        LegalRecord(
            customer_id=customer.id,
            kind=kind,
            opened_on=date(2025, 6, 1),
            subject="Unpaid supplier",
            amount=Decimal(300_000),
            currency="USD",
            source="Court",
        ),
    )
    capped = rated(session, customer)
    assert (vetoes(capped), capped.grade) == ([code], grade)
    record.closed_on = TODAY - timedelta(days=1)
    session.flush()
    assert vetoes(rated(session, customer)) == []
    assert rated(session, customer).grade == "AAA"


def test_small_open_cases_count_in_base_currency_and_do_not_cap(session: Session, cast: Cast) -> None:
    customer = payer(session)
    make_rate(session, "EUR", "USD", "2")
    given = {"kind": "litigation", "opened_on": date(2025, 6, 1), "subject": "Defect", "source": "Court"}
    add(session, LegalRecord(customer_id=customer.id, amount=Decimal(200_000), currency="USD", **given))
    rating = rated(session, customer)
    assert vetoes(rating) == []
    assert point(rating, "open_litigation")["value"] == "1"


@pytest.mark.parametrize("how", ["status", "entry", "default"])
def test_blacklist_and_default_mean_grade_d(session: Session, cast: Cast, how: str) -> None:
    customer = payer(session)
    if how == "entry":
        given = {"ground": "Forged bills", "source": "Court", "valid_from": TODAY, "added_by": cast.carla.id}
        add(session, BlacklistEntry(customer_id=customer.id, **given))
    else:
        customer.status = "blacklisted" if how == "status" else "in_default"
    rating = rated(session, customer)
    assert (rating.grade, rating.score) == ("D", 0)


def test_references_reports_and_information_give_levels_and_old_ones_do_not(
    session: Session, cast: Cast
) -> None:
    customer = payer(session)
    for assessment, day in (("positive", TODAY), ("negative", TODAY), ("positive", date(2020, 1, 1))):
        add(
            session,
            Reference(
                customer_id=customer.id, kind="trade", name="Supplier", given_on=day, assessment=assessment
            ),
        )
    add(
        session,
        Reference(
            customer_id=customer.id,
            kind="bank",
            name="Bank",
            given_on=date(2020, 1, 1),
            assessment="positive",
        ),
    )
    report = {"customer_id": customer.id, "status": "received", "provider": "Agency", "reported_on": TODAY}
    add(session, CreditReport(**report, provider_grade="A"))
    item = {
        "customer_id": customer.id,
        "kind": "operation",
        "source": "Visit",
        "as_of": TODAY,
        "confidence": 1,
    }
    add(session, InformationItem(**item, name="technology", value=" Good "))
    add(session, InformationItem(**item, name="management", value="Two brothers, third generation"))
    rating = rated(session, customer)
    assert point(rating, "trade_references")["value"] == "weak"
    assert point(rating, "bank_references")["missing"]["code"] == "scorecard.no_figure"
    assert point(rating, "third_party_report")["value"] == "good"
    assert point(rating, "technology")["value"] == "good"
    assert point(rating, "management")["value"] is None
    add(session, CreditReport(**report, provider_grade="four stars"))
    missing = point(rated(session, customer), "third_party_report")["missing"]
    assert missing["values"] == {"grade": "four stars"}


def test_litigation_that_nobody_looked_for_is_missing_and_not_good(session: Session, cast: Cast) -> None:
    customer = payer(session)
    assert point(rated(session, customer), "open_litigation")["value"] is None
    investigate(session, cast, customer)
    assert point(rated(session, customer), "open_litigation")["value"] == "0"


def test_peers_are_the_other_customers_of_the_industry_when_there_are_enough(
    session: Session, cast: Cast
) -> None:
    make_policy(session, "rating.least_peers", 2)
    customer = payer(session, industry="Machinery")
    statement(session, customer)
    for name, current in (("One", "500"), ("Two", "900"), ("Other", "100")):
        peer = make_customer(session, name, industry=" machinery" if name != "Other" else "Retail")
        statement(session, peer, changed={"current_assets": current})
    rating = rated(session, customer)
    points = {one["ratio"]: one for one in rating.inputs["rating"]["industry"]["points"]}
    assert (points["current_ratio"]["basis"], points["current_ratio"]["peers"]) == ("peers", 2)
    assert points["current_ratio"]["percentile"] == "1.00"


def test_a_policy_of_today_rates_today(session: Session, cast: Cast) -> None:
    customer = payer(session)
    make_policy(session, "rating.unknown_score", "70", TODAY + timedelta(days=1))
    unknown = make_customer(session)
    assert rated(session, unknown).score == 50
    assert rate_customer(session, unknown, TODAY + timedelta(days=1)).rating.earned == 70
    assert rated(session, customer).grade == "AAA"


def test_the_analyst_confirms_or_overrides_by_a_step_with_a_reason(session: Session, cast: Cast) -> None:
    rating = rated(session, make_customer(session))
    assert (rating.grade, grades_to_choose(session, rating, TODAY)) == ("CCC", ("B", "CCC", "CC"))
    with pytest.raises(OverrideTooFar):
        confirm(session, rating, "BB", REASON, cast.anna.id, TODAY)
    with pytest.raises(OverrideWithoutReason):
        confirm(session, rating, "B", "", cast.anna.id, TODAY)
    assert (rating.grade, rating.rated_by) == ("CCC", None)
    confirm(session, rating, "B", f" {REASON} ", cast.anna.id, TODAY)
    session.flush()
    assert (rating.grade, rating.computed_grade, rating.override_reason) == ("B", "CCC", REASON)
    assert (rating.rated_by, rating.computed_score) == (cast.anna.id, 50)
    confirm(session, rating, "CCC", REASON, cast.anton.id, TODAY)
    session.flush()
    assert (rating.grade, rating.override_reason, rating.rated_by) == ("CCC", None, cast.anton.id)


def test_an_override_never_rises_above_a_veto(session: Session, cast: Cast) -> None:
    customer = payer(session)
    record = {"kind": "insolvency", "opened_on": TODAY, "subject": "Proceedings", "source": "Court"}
    add(session, LegalRecord(customer_id=customer.id, **record))
    rating = rated(session, customer)
    assert grades_to_choose(session, rating, TODAY) == ("C",)
    with pytest.raises(OverrideAboveVeto):
        confirm(session, rating, "CC", REASON, cast.anna.id, TODAY)


def test_a_judgement_moves_the_score_and_is_kept_with_its_reason(session: Session, cast: Cast) -> None:
    rating = rated(session, make_customer(session))
    judge_by_analyst(session, rating, Decimal(9), REASON, cast.anna.id, TODAY)
    session.flush()
    assert (rating.score, rating.grade, rating.computed_grade) == (59, "B", "B")
    assert rating.inputs["rating"]["judgement"] == {"points": "9", "reason": REASON}
    assert (rating.rated_by, rating.inputs["rating"]["unjudged"]) == (cast.anna.id, "50")
    judge_by_analyst(session, rating, Decimal(-9), REASON, cast.anton.id, TODAY)
    session.flush()
    assert (rating.score, rating.grade) == (41, "C")
    assert grades_to_choose(session, rating, TODAY) == ("CC", "C")
    for points, reason in ((Decimal(11), REASON), (Decimal(1), "because")):
        with pytest.raises(JudgementRefused):
            judge_by_analyst(session, rating, points, reason, cast.anna.id, TODAY)


def test_a_judgement_never_rises_above_a_veto_or_above_what_little_confidence_allows(
    session: Session, cast: Cast
) -> None:
    customer = payer(session)
    record = {"kind": "insolvency", "opened_on": TODAY, "subject": "Proceedings", "source": "Court"}
    add(session, LegalRecord(customer_id=customer.id, **record))
    rating = rated(session, customer)
    judge_by_analyst(session, rating, Decimal(10), REASON, cast.anna.id, TODAY)
    assert rating.grade == "C"
    make_policy(session, "rating.unknown_score", "58", TODAY)
    unknown = rated(session, make_customer(session))
    judge_by_analyst(session, unknown, Decimal(10), REASON, cast.anna.id, TODAY)
    assert (unknown.grade, unknown.inputs["rating"]["cap"]) == ("B", "B")
    assert vetoes(unknown) == ["rating.unsure"]
