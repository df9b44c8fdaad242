"""Decide limit: one level approves, approves with changes, refuses with a reason, or sends the application back."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from credit_app.domain import status
from credit_app.domain.application import ApplicationPolicy
from credit_app.domain.money import format_amount
from credit_app.domain.separation import may_decide
from credit_app.facts.application import (
    application_of,
    limit_in_question,
    proposals_of,
    rating_of,
    terms_in_question,
)
from credit_app.facts.exposure import Weight, group_of, weigh
from credit_app.facts.levels import following, turns_of
from credit_app.facts.people import barred, decision_facts, plain
from credit_app.facts.reading import behaviour, rating_notes, rating_points
from credit_app.forms.base import Form as BaseForm
from credit_app.forms.base import at_most
from credit_app.forms.fields import AmountField, WholeField, said
from credit_app.i18n import _, _l
from credit_app.models import (
    ApprovalDecision,
    CreditApplication,
    CreditLimit,
    Customer,
    InternalRecord,
    Person,
    active_limit,
    policy_values,
)
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed

SHORTEST_REASON = 5
# Data name `decision` and `outcome` of the process for each choice of the form.
RESULTS = {
    "approve": {"decision": "approve", "outcome": "open"},
    "approve_with_changes": {"decision": "approve", "outcome": "open"},
    "refuse": {"decision": "refuse", "outcome": "refused"},
    "send_back": {"decision": "send_back", "outcome": "sent_back"},
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one level; limit and terms only count for `approve_with_changes`."""

    version: int
    decision: str
    limit: Decimal | None = None
    terms_days: int | None = None
    conditions: str = ""
    reason: str = ""


class Form(BaseForm):
    """The decision as a form. Nothing is preselected."""

    version = HiddenField()
    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("approve", _l("Approve")),
            SelectChoice("approve_with_changes", _l("Approve with changes")),
            SelectChoice("send_back", _l("Send back")),
            SelectChoice("refuse", _l("Refuse")),
        ],
        validate_choice=False,
    )
    limit = AmountField(_l("Limit"))
    terms_days = WholeField(_l("Credit terms"), description=_l("Days from invoice to due date"))
    conditions = TextAreaField(_l("Conditions"), [at_most(4000)])
    reason = TextAreaField(_l("Reason"), [at_most(4000)])

    def offer(self, _session: Any) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """Show the figures in question; the decision itself is never preselected."""
        self.version.data = str(application.version)
        self.limit.process_data(limit_in_question(application))
        self.terms_days.process_data(terms_in_question(application))
        self.conditions.data = application.approved_conditions or ""

    def answer(self, _session: Any) -> Decision:
        """What was decided."""
        version = (self.version.data or "").strip()
        return Decision(
            int(version) if version.isdigit() and len(version) < 10 else 0,
            self.decision.data or "",
            self.limit.amount,
            self.terms_days.number,
            (self.conditions.data or "").strip(),
            (self.reason.data or "").strip(),
        )


def assign(action: Action) -> Assignment:
    """The level's people in the customer's branch, less those who may not decide."""
    application, level = application_of(action), str(action.data["level"])
    due = datetime.fromisoformat(action.data["due_at"])
    return Assignment(level, application.branch_id, due, barred(action.session, application, level))


def check(action: Action) -> None:
    """Four eyes, role and branch, for the person and whom they act for. Raises NotAllowed with the reasons."""
    task, application = action.task, application_of(action)
    person = action.session.get(Person, action.actor.person_id or 0)
    if task is None or person is None:
        raise NotAllowed(_("Sign in to decide."))
    principal = action.session.get(Person, action.actor.on_behalf_of) if action.actor.on_behalf_of else None
    facts_of_decision = decision_facts(action.session, application, task.role)
    reasons = may_decide(plain(person), facts_of_decision, plain(principal) if principal else None)
    if reasons:
        raise NotAllowed(" ".join(said(reason) for reason in reasons))


def facts(action: Action) -> dict[str, Any]:
    """All that the decision rests on."""
    application, session = application_of(action), action.session
    query = select(InternalRecord).where(
        InternalRecord.application_id == application.id, InternalRecord.round == application.round
    )
    record, rating = session.scalars(query).one(), rating_of(session, application)
    proposals = proposals_of(session, application)
    weight = weigh(session, application, action.today)
    limit_today = active_limit(session, application.customer_id or 0, action.today)
    return {
        "application": application,
        "attachments": application.attachments,
        "rating": rating,
        "points": rating_points(rating),
        "rating_notes": rating_notes(rating),
        "earned": Decimal(rating.inputs["rating"]["earned"]),
        "proposals": proposals,
        "proposed": next((row for row in proposals if row.method == "proposed"), None),
        "behaviour": {"as_of": date.fromisoformat(record.payload["as_of"]), "pairs": behaviour(record)},
        "limit_today": limit_today,
        "limit_in_question": limit_in_question(application),
        "terms_in_question": terms_in_question(application),
        "weight": weight,
        "members": _members(session, weight),
        "bar": _bar(session, application, weight, limit_today, action.today),
        "departures": [
            {"text": said(exception.sentence), "rule": _("policy of grade %(grade)s", grade=weight.grade)}
            for exception in weight.exceptions
        ],
        "decisions": application.decisions,
        "level": action.task.role if action.task else "",
    }


BECAUSE = {
    "requested": _l("the limit in question"),
    "limit": _l("its limit"),
    "receivables": _l("its open items"),
    "applications": _l("its applications, added up"),
}


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


def _bar(
    session: Session,
    application: CreditApplication,
    weight: Weight,
    limit_today: CreditLimit | None,
    today: date,
) -> dict[str, Any]:
    """Open items of the customer against the limit that would hold, in base currency."""
    members = group_of(session, application.customer_id or 0, weight.currency, today)
    own = next(member for member in members if member.customer_id == application.customer_id)
    return {
        "currency": weight.currency,
        "exposure": own.open_receivables,
        "limit": weight.limit_in_base,
        "limit_label": _("Limit to decide"),
        "warning": own.active_limit if limit_today is not None else None,
        "warning_label": _("Limit today"),
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Approve a limit of %(currency)s %(amount)s for %(name)s?",
        currency=application.currency,
        amount=format_amount(limit_in_question(application), decimals=0),
        name=application.customer.name if application.customer else "",
    )


def choices(action: Action) -> list[dict[str, Any]]:
    """The choices, each with what happens next and who gets it."""
    application, session = application_of(action), action.session
    level = action.task.role if action.task else ""
    turns = turns_of(session, application).with_approval(level)
    upcoming = following(session, action.data["first_level"], action.data["final_level"], turns, action.today)
    requester = application.requester.name
    amount = f"{application.currency} {format_amount(limit_in_question(application), decimals=0)}"
    return [
        {
            "value": "approve",
            "label": _("Approve"),
            "act": _("Approve %(amount)s", amount=amount),
            "next_level": upcoming,
            "next": _("The limit opens at once; %(name)s is told.", name=requester)
            if upcoming is None
            else None,
        },
        {
            "value": "approve_with_changes",
            "label": _("Approve with changes"),
            "act": _("Approve the changed limit"),
            "next": _("Change limit, terms or conditions; the authority matrix is asked again."),
        },
        {
            "value": "send_back",
            "label": _("Send back"),
            "act": _("Send back to %(name)s", name=requester),
            "next": _("%(name)s reworks the application and submits it again.", name=requester),
        },
        {
            "value": "refuse",
            "label": _("Refuse"),
            "act": _("Refuse the application"),
            "next": _("The application ends; %(name)s learns the reason.", name=requester),
        },
    ]


def complete(action: Action, answer: Decision) -> dict[str, Any]:
    """Record the decision. Raises InvalidAnswer naming the field, Conflict when the facts changed meanwhile."""
    application = application_of(action)
    if answer.decision not in RESULTS:
        raise InvalidAnswer("decision", _("Choose what you decide."))
    if answer.version != application.version:
        raise Conflict(
            _("The application changed while you were reading it; look at it again before deciding.")
        )
    limit, terms = limit_in_question(application), terms_in_question(application)
    conditions = application.approved_conditions or ""
    if answer.decision != "approve" and len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Give a reason that the sales rep and the auditor understand."))
    row = ApprovalDecision(
        application_id=application.id,
        round=application.round,
        level=action.task.role if action.task else "",
        decision=answer.decision,
        person_id=action.actor.person_id,
        on_behalf_of=action.actor.on_behalf_of,
        limit_before=limit,
        terms_before=terms,
        reason=answer.reason or None,
        decided_at=action.now,
        task_id=action.task.id if action.task else None,
    )
    if answer.decision in ("approve", "approve_with_changes"):
        if answer.decision == "approve_with_changes":
            limit, terms, conditions = _changed(action, application, answer)
            application.approved_limit, application.approved_terms_days = limit, terms
            application.approved_conditions = conditions or None
        row.limit_after, row.terms_after, row.conditions = limit, terms, conditions or None
        row.total_exposure = weigh(action.session, application, action.today).resulting.total
    elif answer.decision == "send_back":
        application.status = status.require_transition(application.status, status.SENT_BACK)
        action.mail([application.requested_by], "application_sent_back", application_id=application.id)
    action.session.add(row)
    return dict(RESULTS[answer.decision])


def _changed(action: Action, application: CreditApplication, answer: Decision) -> tuple[Decimal, int, str]:
    policy = ApplicationPolicy.from_policy(policy_values(action.session, action.today))
    if answer.limit is None or answer.limit <= 0:
        raise InvalidAnswer("limit", _("Enter the limit that you approve, above zero."))
    weight = weigh(action.session, application, action.today, answer.limit)
    if weight.limit_in_base > policy.highest_limit:
        raise InvalidAnswer("limit", _("This limit is above the most that can be granted at all."))
    days = answer.terms_days
    if days is None or not policy.shortest_terms <= days <= policy.longest_terms:
        raise InvalidAnswer(
            "terms_days",
            _(
                "Credit terms lie between %(shortest)s and %(longest)s days.",
                shortest=policy.shortest_terms,
                longest=policy.longest_terms,
            ),
        )
    before = (
        limit_in_question(application),
        terms_in_question(application),
        application.approved_conditions or "",
    )
    after = (answer.limit, days, answer.conditions)
    if before == after:
        raise InvalidAnswer("limit", _("Nothing is changed here; choose “Approve” to approve as it stands."))
    return after
