"""Rates a customer by everything on file, keeps the rating with its inputs, and lets an analyst confirm or override."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.altman import AltmanPolicy, every_variant
from credit_app.domain.combined_rating import CombinePolicy, FullRating, combine
from credit_app.domain.expert_grid import ExpertPolicy, Ground, judge
from credit_app.domain.limit_validity import ValidityPolicy, rating_valid_until
from credit_app.domain.payment_behaviour import PaymentRecord
from credit_app.domain.peer_comparison import PeerPolicy, compare
from credit_app.domain.plain import to_json
from credit_app.domain.rating import PaymentRating, rate_by_payment_record
from credit_app.domain.rating_grading import Judgement
from credit_app.domain.scorecard import Reading, score_card
from credit_app.domain.scorecard_models import Segment
from credit_app.domain.scorecard_policy import Models
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.vetoes import VetoFacts, VetoPolicy, vetoes
from credit_app.facts.application import application_of, customer_id_of
from credit_app.facts.blacklist import blacklisted
from credit_app.facts.rating_readings import Evidence, evidence_of, is_open, readings_of
from credit_app.facts.rating_statements import Years, peers_of, statement_readings, years_of
from credit_app.i18n import _
from credit_app.models import (
    Customer,
    Rating,
    convert_all,
    payment_record,
    policy_values,
    the_company,
)
from workflows import Action, NotFound

OWN_RECORD = "own_payment_record"


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating with what it was made from."""

    rating: FullRating
    record: PaymentRecord
    years: Years


def rate(action: Action) -> Rating:
    """Rate the customer of the action's application and keep it as the system's rating. Raises NotFound."""
    application = application_of(action)
    customer = action.session.get(Customer, customer_id_of(application))
    if customer is None:
        raise NotFound(_("The customer of %(number)s is gone.", number=application.number))
    rated = rate_customer(action.session, customer, action.today, application.currency)
    row = keep(action.session, customer, rated, action.today, action.now, application.id)
    action.note("rated", grade=row.grade, score=str(row.score), confidence=str(row.confidence))
    return row


def keep(
    session: Session,
    customer: Customer,
    rated: Rated,
    today: date,
    now: datetime,
    application_id: int | None = None,
) -> Rating:
    """The rating as a row, with every point, model, version and the day of its policy."""
    found = rated.rating
    validity = ValidityPolicy.from_policy(policy_values(session, today))
    row = Rating(
        customer_id=customer.id,
        application_id=application_id,
        method=found.method,
        score=found.score,
        grade=found.grade,
        confidence=found.confidence,
        model=found.model,
        policy_on=today,
        computed_grade=found.grade,
        computed_score=found.score,
        inputs=to_json(
            {
                "rating": found,
                "record": rated.record,
                "statements": [one.source for one in rated.years.statements],
                "currency": rated.years.currency,
                "trends": {
                    key: {"change": moved.change, "better": moved.better, "years": moved.years}
                    for key, moved in rated.years.trends.items()
                },
            }
        ),
        rated_by=None,
        rated_at=now,
        valid_until=rating_valid_until(found.grade, today, validity),
    )
    session.add(row)
    session.flush()
    return row


def rate_customer(
    session: Session,
    customer: Customer,
    today: date,
    currency: str | None = None,
    judgement: Judgement | None = None,
) -> Rated:
    """The rating as of today by the model that fits the customer. Raises InvalidPolicy, MissingRate.

    `currency` is that of the payment record's amounts, the company's own when left out.
    """
    values = policy_values(session, today)
    base = the_company(session).base_currency
    policy = CombinePolicy.from_policy(values)
    model = Models.from_policy(values).choose(_segment(customer))
    years = years_of(session, customer.id, today, values)
    evidence = evidence_of(session, customer.id, today, values)
    record = payment_record(session, [customer.id], today, currency or base, policy.record.trend_from)
    own = rate_by_payment_record(
        record,
        policy.record,
        in_default=customer.status == "in_default",
        blacklisted=_is_blacklisted(session, customer, today),
    )
    readings = readings_of(session, customer, evidence, today, values) | statement_readings(years)
    readings[OWN_RECORD] = _own_record(record, own, customer, today)
    ratios = {key: one.value for key, one in years.last.items() if one.value is not None}
    newest = years.newest
    rating = combine(
        model,
        score_card(model, readings),
        judge(
            _grounds(evidence, values),
            own if record.paid_count else None,
            model,
            ExpertPolicy.from_policy(values),
        ),
        compare(
            ratios,
            peers_of(session, customer, today) if ratios else {},
            customer.industry,
            PeerPolicy.from_policy(values),
        ),
        own,
        every_variant(newest, AltmanPolicy.from_policy(values)) if newest else (),
        vetoes(_veto_facts(session, years, evidence, base, today), VetoPolicy.from_policy(values)),
        years.state,
        policy,
        judgement,
    )
    return Rated(rating, record, years)


def _segment(customer: Customer) -> Segment:
    return Segment(
        customer.industry, customer.region, customer.size, customer.enterprise_kind, customer.is_new
    )


def _is_blacklisted(session: Session, customer: Customer, today: date) -> bool:
    return customer.status == "blacklisted" or blacklisted(session, today, customer=customer) is not None


def _own_record(record: PaymentRecord, own: PaymentRating, customer: Customer, today: date) -> Reading:
    source = Sentence("rating.from.record", _RECORD, {"paid": record.paid_count})
    row = "receivable_item, receipt, allocation"
    if record.paid_count:
        return Reading(own.earned, source, row, today, parts=own.points)
    return Reading(None, source, row, today, _NO_RECORD, applies=not customer.is_new)


def _grounds(evidence: Evidence, values: Mapping[str, Any]) -> list[Ground]:
    """Findings and references as written judgements of the dimensions."""
    dimensions, levels = values["rating.experience_dimensions"], values["rating.experience_levels"]
    found = [
        Ground(
            dimensions[one.channel], levels[one.assessment], one.finding, f"finding {one.id}", one.found_on
        )
        for one in evidence.findings
        if one.channel in dimensions
    ]
    return found + [
        Ground(
            dimensions["references"],
            levels[one.assessment],
            f"{one.name}: {one.note}" if one.note else one.name,
            f"reference {one.id}",
            one.given_on,
        )
        for one in evidence.references
        if "references" in dimensions
    ]


def _veto_facts(session: Session, years: Years, evidence: Evidence, base: str, today: date) -> VetoFacts:
    still_open = [one for one in evidence.legal if is_open(one, today)]
    cases = [one for one in still_open if one.kind == "litigation"]
    amounts = [(one.amount, one.currency) for one in cases if one.amount is not None and one.currency]
    newest = years.newest
    return VetoFacts(
        equity=newest.figures.get("equity") if newest else None,
        equity_year=newest.year if newest else None,
        dishonesty_entries=[f"{one.id}" for one in still_open if one.kind == "dishonesty_list"],
        insolvencies=[f"{one.id}" for one in still_open if one.kind == "insolvency"],
        litigation=sum(convert_all(session, amounts, base, today), Decimal(0)),
        cases=len(cases),
    )


_RECORD = N_("own ledger: %(paid)s settled invoices")
_NO_RECORD = Sentence("rating.no_record", N_("No invoice is settled yet."))
