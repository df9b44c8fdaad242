"""All that a level's decision rests on, as the decision page shows it."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.application import (
    application_of,
    customer_id_of,
    limit_in_question,
    payment_method_in_question,
    proposals_of,
    rating_of,
    terms_in_question,
)
from credit_app.facts.blacklist import look_alikes
from credit_app.facts.consultation import added_of, opinions_of
from credit_app.facts.envelope import envelope_of
from credit_app.facts.exposure import Weight, weigh
from credit_app.facts.exposure_parts import Exposure
from credit_app.facts.exposure_reading import exposure_view
from credit_app.facts.internal_record import paid_by_month
from credit_app.facts.reading import behaviour
from credit_app.facts.review_reading import review_reasons
from credit_app.i18n import _, _l, said
from credit_app.models import (
    CreditApplication,
    CreditLimit,
    Customer,
    InternalRecord,
    MissingRate,
    active_limit,
)
from workflows import Action, NotFound

BECAUSE = {
    "requested": _l("the limit in question"),
    "limit": _l("its limit"),
    "exposure": _l("its exposure"),
    "receivables": _l("its open items"),  # in receipts of 0.1.0
    "applications": _l("its applications, added up"),
}


def decision_page(action: Action) -> dict[str, Any]:
    """Today's limit, requested and proposed, exposure of the group, grade, payment behaviour, decisions so far."""
    application, session = application_of(action), action.session
    query = select(InternalRecord).where(
        InternalRecord.application_id == application.id, InternalRecord.round == application.round
    )
    record, rating = session.scalars(query).one(), rating_of(session, application)
    proposals = proposals_of(session, application)
    limit_today = active_limit(session, application.customer_id or 0, action.today)
    page = _exposure(action, application, limit_today)
    page["departures"] += look_alikes(action.session, action.today, application.customer)
    return page | {
        "application": application,
        "attachments": application.attachments,
        "rating": rating,
        "reasons": review_reasons(application),
        "measures_taken": application.interim_measures,
        "proposals": proposals,
        "proposed": next((row for row in proposals if row.method == "proposed"), None),
        "behaviour": {
            "as_of": date.fromisoformat(record.payload["as_of"]),
            "pairs": behaviour(record),
            "months": paid_by_month(session, record, customer_id_of(application)),
        },
        "limit_today": limit_today,
        "limit_in_question": limit_in_question(application),
        "terms_in_question": terms_in_question(application),
        "method_in_question": payment_method_in_question(application),
        "decisions": application.decisions,
        "opinions": opinions_of(session, application),
        "added_approvers": added_of(session, application),
        "level": action.task.role if action.task else "",
    }


def _exposure(
    action: Action, application: CreditApplication, limit_today: CreditLimit | None
) -> dict[str, Any]:
    """The group's exposure and departures from policy; without a rate the page says so and can still refuse."""
    try:
        weight = weigh(action.session, application, action.today)
    except MissingRate as missing:
        rule = _("it can be sent back or refused until the rate is there")
        departures = [{"text": said(missing), "rule": rule}]
        return {
            "weight": None,
            "members": [],
            "bar": None,
            "departures": departures,
            "by_component": None,
            "unsecured": [],
            "envelope": None,
        }
    by_component = _by_component(action, application)
    return {
        "by_component": by_component,
        "envelope": envelope_of(action.session, customer_id_of(application), weight.grade, action.today),
        "unsecured": _unsecured(by_component["exposure"], application, weight.limit_in_base),
        "weight": weight,
        "members": _members(action.session, weight),
        "bar": _bar(weight, by_component["exposure"], limit_today) if by_component["exposure"] else None,
        "departures": [
            {"text": said(exception.sentence), "rule": _("policy of grade %(grade)s", grade=weight.grade)}
            for exception in weight.exceptions
        ],
    }


def _by_component(action: Action, application: CreditApplication) -> dict[str, Any]:
    customer = action.session.get(Customer, customer_id_of(application))
    if customer is None:
        raise NotFound(_("There is no such customer."))
    return exposure_view(action.session, customer, action.today)


def _unsecured(
    exposure: Exposure | None, application: CreditApplication, limit: Decimal
) -> list[tuple[str, Decimal]]:
    """What of the limit in question nothing secures, today and once the securities asked for are confirmed."""
    if exposure is None:
        return []
    now, then = exposure.unsecured(limit), exposure.unsecured(limit, application.id)
    found = [(_("Unsecured part of the limit to decide"), now)]
    return (
        found if then == now else [*found, (_("The same once the securities asked for are confirmed"), then)]
    )


def _members(session: Session, weight: Weight) -> list[dict[str, Any]]:
    amounts = {member.customer_id: member for member in weight.resulting.members}
    rows = session.scalars(select(Customer).where(Customer.id.in_(amounts)).order_by(Customer.name))
    return [
        {
            "number": row.number,
            "name": row.name,
            "because": BECAUSE[amounts[row.id].because],
            "amount": amounts[row.id].amount,
        }
        for row in rows
    ]


def _bar(weight: Weight, exposure: Exposure, limit_today: CreditLimit | None) -> dict[str, Any]:
    """Exposure of the customer against the limit that would hold, in base currency."""
    own = exposure.own
    return {
        "currency": weight.currency,
        "exposure": exposure.net,
        "limit": weight.limit_in_base,
        "limit_label": _("Limit to decide"),
        "warning": own.amount if own is not None and limit_today is not None else None,
        "warning_label": _("Limit today"),
    }
