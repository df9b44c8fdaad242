"""The limit that the methods propose for an application, each with its inputs, kept for its round."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from credit_app.domain.limits import LimitFacts, LimitPolicy, propose_limits
from credit_app.domain.money import minor_units
from credit_app.domain.plain import to_json
from credit_app.facts.application import application_of, customer_id_of, rating_of
from credit_app.facts.envelope import carrying, own_yearly_sales
from credit_app.facts.strategy import values_with_strategy
from credit_app.models import (
    CreditApplication,
    InternalRecord,
    LimitProposal,
    Rating,
    active_limit,
    convert,
    the_company,
)
from workflows import Action


def propose(action: Action) -> None:
    """Keep one row a method and the proposal of the lowest that applies."""
    application = application_of(action)
    rating = rating_of(action.session, application)
    policy = LimitPolicy.from_policy(values_with_strategy(action.session, action.today))
    proposed = propose_limits(_facts(action, application, rating), policy)
    currency = application.currency or ""
    for one in proposed.proposals:
        action.session.add(
            LimitProposal(
                application_id=application.id,
                round=application.round,
                method=one.method,
                amount=one.amount,
                currency=currency,
                inputs=to_json(one.inputs),
                applicable=one.applicable,
                note=one.note.text,
                reasons=to_json([one.note]),
            )
        )
    action.session.add(
        LimitProposal(
            application_id=application.id,
            round=application.round,
            method="proposed",
            amount=proposed.amount,
            currency=currency,
            inputs={"method": proposed.method},
            applicable=True,
            note=" ".join(reason.text for reason in proposed.reasons),
            reasons=to_json(proposed.reasons),
        )
    )
    action.note("proposed", amount=str(proposed.amount), currency=currency, method=proposed.method)


def _facts(action: Action, application: CreditApplication, rating: Rating) -> LimitFacts:
    session, today, currency = action.session, action.today, application.currency or ""
    query = select(InternalRecord.payload).where(
        InternalRecord.application_id == application.id, InternalRecord.round == application.round
    )
    record: dict[str, Any] = session.execute(query).scalar_one()
    purchases = record["purchases"] or {}
    late = record["payment_record"]["weighted_days_late"]
    limit = active_limit(session, customer_id_of(application), today)
    base = the_company(session).base_currency
    return LimitFacts(
        requested=application.requested_limit or Decimal(0),
        terms_days=application.terms_days or 0,
        grade=rating.grade,
        yearly_purchases=application.yearly_purchases,
        average_month=_number(purchases.get("average_month")),
        season_factor=_number(purchases.get("season_factor")),
        current_limit=None
        if limit is None
        else convert(session, limit.amount, limit.currency, currency, today),
        weighted_days_late=_number(late),
        own_yearly_sales=own_yearly_sales(session, currency, today),
        **carrying(session, customer_id_of(application), rating.grade, currency, today).as_facts(),
        base_rate=convert(session, Decimal(10_000), base, currency, today) / 10_000,
        decimals=minor_units(currency),
    )


def _number(value: str | None) -> Decimal | None:
    return Decimal(value) if value is not None else None
