"""Record report: a third party's report, the one that is still valid, or why none is needed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.dates import add_months, day_in_zone
from credit_app.domain.policy_values import whole_of
from credit_app.facts.application import application_of, customer_id_of
from credit_app.facts.assessing import analysts
from credit_app.facts.documents import file_document
from credit_app.facts.reports import bought_lately, ordered_report, valid_report
from credit_app.facts.returned import returned_because
from credit_app.forms.report import ReportAnswer, ReportForm
from credit_app.i18n import _
from credit_app.models import CreditApplication, CreditReport, policy_value, policy_values, the_company
from workflows import Action, Assignment, InvalidAnswer

Form = ReportForm
SHORTEST_REASON = 5


def assign(action: Action) -> Assignment:
    """The credit analysts of the branch."""
    return analysts(action, "information.due_after_days")


def facts(action: Action) -> dict[str, Any]:
    """The reports there are on the customer."""
    application, session = application_of(action), action.session
    customer_id = customer_id_of(application)
    months = int(policy_value(session, "report.months_between", action.today))
    return {
        "application": application,
        "returned": returned_because(action.session, application),
        "valid": valid_report(session, customer_id, action.today),
        "ordered": ordered_report(session, application),
        "lately": bought_lately(session, customer_id, action.today, months),
        "months_between": months,
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Which third-party report is there on %(name)s?",
        name=application.customer.name if application.customer else "",
    )


def choices(action: Action) -> list[dict[str, Any]]:
    """The choices, each with what it means."""
    valid = valid_report(action.session, customer_id_of(application_of(action)), action.today)
    offered = [
        {"value": "record", "label": _("Record a report"), "next": _("It is filed under the customer.")}
    ]
    if valid is not None:
        offered.append(
            {
                "value": "use_valid",
                "label": _("Use the report that is still valid"),
                "next": _(
                    "%(provider)s, valid until %(day)s", provider=valid.provider, day=valid.valid_until
                ),
            }
        )
    reason = _("The reason stands in the file.")
    return [*offered, {"value": "not_needed", "label": _("No report is needed"), "next": reason}]


def save_draft(
    session: Session, application: CreditApplication, entered: ReportAnswer, person_id: int, now: datetime
) -> None:
    """Keep the order of a report; the task stays open until it is there. Raises InvalidAnswer."""
    today = day_in_zone(now, the_company(session).time_zone)
    if not entered.provider:
        raise InvalidAnswer("provider", _("Name the provider from whom the report is ordered."))
    row = ordered_report(session, application)
    if row is None:
        _not_bought_twice(session, application, today)
        row = CreditReport(
            customer_id=customer_id_of(application),
            application_id=application.id,
            status="ordered",
            recorded_at=now,
        )
    row.provider, row.note, row.recorded_by = entered.provider, entered.note, person_id
    row.ordered_on = entered.ordered_on or today
    row.cost, row.currency = _cost(entered)
    session.add(row)


def complete(action: Action, answer: ReportAnswer) -> dict[str, Any]:
    """Record what there is. Raises InvalidAnswer naming the field."""
    application, session = application_of(action), action.session
    if answer.choice == "record":
        _record(action, application, answer)
        return {"report": "received"}
    if answer.choice == "use_valid":
        if valid_report(session, customer_id_of(application), action.today) is None:
            raise InvalidAnswer("choice", _("There is no report on this customer that is still valid."))
        return {"report": "valid"}
    if answer.choice == "not_needed":
        if len(answer.note) < SHORTEST_REASON:
            raise InvalidAnswer("note", _("Say why no report is needed."))
        session.add(
            CreditReport(
                customer_id=customer_id_of(application),
                application_id=application.id,
                status="not_needed",
                note=answer.note,
                recorded_by=action.actor.person_id,
                recorded_at=action.now,
            )
        )
        return {"report": "not_needed"}
    raise InvalidAnswer("choice", _("Choose what there is: a report, the valid one, or none needed."))


def _record(action: Action, application: CreditApplication, answer: ReportAnswer) -> None:
    session, today = action.session, action.today
    if not answer.provider:
        raise InvalidAnswer("provider", _("Name who made the report."))
    if answer.reported_on is None or answer.reported_on > today:
        raise InvalidAnswer("reported_on", _("Enter the day of the report, today at the latest."))
    if answer.ordered_on is not None and answer.ordered_on > answer.reported_on:
        raise InvalidAnswer("ordered_on", _("A report is not ordered after its own day."))
    row = ordered_report(session, application)
    if row is None and answer.cost:  # one that cost nothing was not bought
        _not_bought_twice(session, application, today)
    months = whole_of(policy_values(session, today), "report.valid_months")
    valid_until = answer.valid_until or add_months(answer.reported_on, months)
    if valid_until < today:
        raise InvalidAnswer("valid_until", _("This report is not valid any more; order a new one."))
    cost, currency = _cost(answer)
    document = file_document(action, application, answer.file, "report")
    if row is None:
        row = CreditReport(customer_id=customer_id_of(application), application_id=application.id)
        session.add(row)
    row.status, row.provider, row.note = "received", answer.provider, answer.note
    row.ordered_on = answer.ordered_on or row.ordered_on
    row.reported_on, row.valid_until = answer.reported_on, valid_until
    row.cost, row.currency = cost, currency
    row.provider_grade = answer.provider_grade
    row.recommended_limit = answer.recommended_limit
    row.recommended_currency = answer.currency if answer.recommended_limit is not None else None
    row.document_id = document.id if document else None
    row.recorded_by, row.recorded_at = action.actor.person_id, action.now


def _cost(answer: ReportAnswer) -> tuple[Any, str | None]:
    """The cost with its currency, both or neither."""
    if (answer.cost is not None or answer.recommended_limit is not None) and not answer.currency:
        raise InvalidAnswer("currency", _("Choose the currency of the amounts."))
    return answer.cost, answer.currency if answer.cost is not None else None


def _not_bought_twice(session: Session, application: CreditApplication, today: date) -> None:
    months = whole_of(policy_values(session, today), "report.months_between")
    bought = bought_lately(session, customer_id_of(application), today, months)
    if bought is not None:
        raise InvalidAnswer(
            "provider",
            _(
                "%(provider)s reported on this customer on %(day)s already; within %(months)s months no second"
                " report is bought.",
                provider=bought.provider,
                day=str(bought.ordered_on or bought.reported_on),
                months=months,
            ),
        )
