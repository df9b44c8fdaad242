"""Set proposal: what the analyst proposes to the approval levels, or what is missing."""

from decimal import Decimal
from typing import Any

from sqlalchemy import delete

from credit_app.domain import status
from credit_app.domain.application import ApplicationPolicy
from credit_app.domain.grades import GradePolicy
from credit_app.domain.policy_values import decimal_of, table_of, to_decimal
from credit_app.domain.warning_line import LineRefused, Now, WarningLine, check_line
from credit_app.facts.application import application_of, customer_id_of, proposals_of, rating_of
from credit_app.facts.assessing import analysts
from credit_app.facts.envelope import envelope_of
from credit_app.facts.exposure import grade_today, weigh
from credit_app.facts.investigations import investigation_of
from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.facts.returned import returned_because
from credit_app.facts.strategy import allowed
from credit_app.facts.warning_figures import watched_now
from credit_app.forms.proposal import ProposalAnswer, ProposalForm, SecurityEntry
from credit_app.i18n import _, _l, said
from credit_app.models import (
    SECURITY_KINDS,
    ApprovalDecision,
    CreditApplication,
    LimitProposal,
    Security,
    active_limit,
    policy_values,
    the_company,
)
from workflows import Action, Assignment, Conflict, InvalidAnswer

Form = ProposalForm
SHORTEST_REASON = 5
INSURANCE = "insurance"
# What a method looks at: the customer's need, what it can carry, what our company can bear.
SIDES = {
    _l("What the customer needs"): ("need", "monthly_purchases"),
    _l("What the customer can carry"): ("payment_behaviour", "tangible_net_worth", "working_capital"),
    _l("What we can bear"): ("grade_cap", "concentration", "insurer_limit", "envelope_room"),
}


def assign(action: Action) -> Assignment:
    """The credit analysts of the branch."""
    return analysts(action, "assessment.due_after_days")


def facts(action: Action) -> dict[str, Any]:
    """Every method with its inputs, the grade, and the limit of today."""
    application, session = application_of(action), action.session
    rows, grade = proposals_of(session, application), _grade(action, application)
    return {
        "application": application,
        "returned": returned_because(action.session, application),
        "rating": rating_of(session, application),
        "allowed": allowed(session, grade, action.today),
        "envelope": envelope_of(session, customer_id_of(application), grade, action.today),
        "base": the_company(session).base_currency,
        "investigation": investigation_of(session, application),
        "proposals": rows,
        "sides": [(words, _lowest(rows, methods)) for words, methods in SIDES.items()],
        "computed": next((row for row in rows if row.method == "proposed"), None),
        "limit_today": active_limit(session, customer_id_of(application), action.today),
    }


def _lowest(rows: list[LimitProposal], methods: tuple[str, ...]) -> Decimal | None:
    amounts = [row.amount for row in rows if row.method in methods and row.amount is not None]
    return min(amounts, default=None)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Which limit do you propose for %(name)s?",
        name=application.customer.name if application.customer else "",
    )


def choices(action: Action) -> list[dict[str, Any]]:
    """The choices, each with what happens next and who gets it."""
    application = application_of(action)
    return [
        {
            "value": "propose",
            "label": _("Propose"),
            "next": _("The authority matrix finds who decides; you do not."),
        },
        {
            "value": "send_back",
            "label": _("Send back to the sales rep"),
            "next": _(
                "%(name)s reworks the application and submits it again.", name=application.requester.name
            ),
        },
    ]


def complete(action: Action, answer: ProposalAnswer) -> dict[str, Any]:
    """Keep the proposal; the proposer decides at no level. Raises InvalidAnswer naming the field, Conflict."""
    application = application_of(action)
    if answer.choice not in ("propose", "send_back"):
        raise InvalidAnswer("choice", _("Choose whether to propose or to send back."))
    if answer.version != application.version:
        raise Conflict(_("The application changed while you were reading it; look at it again."))
    application.proposed_by = action.actor.person_id
    if answer.choice == "send_back":
        return _send_back(action, application, answer)
    _check(action, application, answer)
    application.proposed_limit, application.proposed_terms_days = answer.limit, answer.terms_days
    application.proposed_payment_method = answer.payment_method
    application.proposal_reason = answer.reason or None
    application.discount = answer.discount
    application.approved_conditions = answer.conditions or None
    line = _line(answer)
    application.warning_score, application.warning_grade = line.score, line.grade
    application.warning_utilisation, application.warning_measures = line.utilisation, line.measures
    application.warning_indicators = {key: f"{bound:f}" for key, bound in line.indicators.items()}
    _keep_securities(action, application, answer)
    application.status = status.require_transition(application.status, status.IN_APPROVAL)
    return {"outcome": "proposed"}


def _send_back(action: Action, application: CreditApplication, answer: ProposalAnswer) -> dict[str, Any]:
    if len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Say what the sales rep has to bring."))
    action.session.add(
        ApprovalDecision(
            application_id=application.id,
            round=application.round,
            level=action.task.role if action.task else "credit_analyst",
            decision="send_back",
            person_id=action.actor.person_id,
            on_behalf_of=action.actor.on_behalf_of,
            reason=answer.reason,
            rework_to="entry",
            decided_at=action.now,
        )
    )
    application.rework_to = "entry"
    return {"outcome": "sent_back"}


def _check(action: Action, application: CreditApplication, answer: ProposalAnswer) -> None:
    policy = ApplicationPolicy.from_policy(policy_values(action.session, action.today))
    if answer.limit is None or answer.limit <= 0:
        raise InvalidAnswer("limit", _("Enter the limit that you propose, above zero."))
    if weigh(action.session, application, action.today, answer.limit).limit_in_base > policy.highest_limit:
        raise InvalidAnswer("limit", _("This limit is above the most that can be granted at all."))
    days = answer.terms_days
    if days is None or not policy.shortest_terms <= days <= policy.longest_terms:
        text = _(
            "Credit terms lie between %(shortest)s and %(longest)s days.",
            shortest=policy.shortest_terms,
            longest=policy.longest_terms,
        )
        raise InvalidAnswer("terms_days", text)
    if answer.payment_method not in PAYMENT_WORDS or answer.payment_method not in policy.payment_methods:
        raise InvalidAnswer("payment_method", _("Choose a payment method."))
    rows = proposals_of(action.session, application)
    computed = next((row.amount for row in rows if row.method == "proposed"), None)
    if computed is not None and answer.limit > computed and len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Say why you propose more than the lowest of the methods."))
    _check_line(action, application, answer)
    strategy = allowed(action.session, _grade(action, application), action.today)
    if strategy.security == "needed" and not answer.securities and len(answer.reason) < SHORTEST_REASON:
        text = _("Grade %(grade)s needs security: ask for one, or say why not.", grade=strategy.grade)
        raise InvalidAnswer("reason", text)


def _check_line(action: Action, application: CreditApplication, answer: ProposalAnswer) -> None:
    """The warning line must name figures that there are, and must not be crossed on the day it is set."""
    half = next((one for one in answer.watched if not one.figure or one.bound is None), None)
    if half is not None:
        raise InvalidAnswer(
            f"{half.place}-bound", _("A figure to watch needs its line, and a line needs its figure.")
        )
    line = _line(answer)
    rating = rating_of(action.session, application)
    figures = watched_now(action.session, customer_id_of(application), action.today, line.indicators)
    grades = GradePolicy.from_policy(policy_values(action.session, action.today))
    try:
        check_line(line, Now(rating.score, rating.grade, None, figures), grades)
    except LineRefused as refused:
        raise InvalidAnswer(f"warning_{refused.field or 'score'}", said(refused.sentence)) from None


def _line(answer: ProposalAnswer) -> WarningLine:
    return WarningLine(
        Decimal(answer.warning_score) if answer.warning_score is not None else None,
        answer.warning_grade or None,
        answer.warning_utilisation,
        {one.figure: one.bound for one in answer.watched if one.bound is not None},
        answer.warning_measures,
    )


def _grade(action: Action, application: CreditApplication) -> str:
    rating = rating_of(action.session, application)
    return grade_today(action.session, customer_id_of(application), rating, action.today)


def _keep_securities(action: Action, application: CreditApplication, answer: ProposalAnswer) -> None:
    """The securities of this proposal; those of an earlier one that nobody confirmed are dropped."""
    values = policy_values(action.session, action.today)
    haircuts = table_of(values, "security.haircuts", to_decimal)
    action.session.execute(
        delete(Security).where(Security.application_id == application.id, Security.status == "required")
    )
    for entry in answer.securities:
        _check_security(entry, action)
        haircut = entry.haircut if entry.haircut is not None else haircuts[entry.kind]
        cover = None
        if entry.kind == INSURANCE:
            cover = entry.cover if entry.cover is not None else decimal_of(values, "security.cover")
        action.session.add(
            Security(
                customer_id=customer_id_of(application),
                application_id=application.id,
                kind=entry.kind,
                amount=entry.amount,
                currency=application.currency,
                haircut=haircut,
                cover=cover,
                provider=entry.provider,
                note=entry.note,
                expires_on=entry.expires_on,
                required_by=action.actor.person_id,
                required_at=action.now,
            )
        )


def _check_security(entry: SecurityEntry, action: Action) -> None:
    if entry.kind not in SECURITY_KINDS:
        raise InvalidAnswer(f"{entry.place}-kind", _("Choose the kind of security."))
    if entry.amount is None or entry.amount <= 0:
        raise InvalidAnswer(f"{entry.place}-amount", _("Enter the amount of the security, above zero."))
    if entry.cover is not None and entry.kind != INSURANCE:
        raise InvalidAnswer(f"{entry.place}-cover", _("Only insurance has an insured share."))
    if entry.expires_on is not None and entry.expires_on < action.today:
        raise InvalidAnswer(f"{entry.place}-expires_on", _("A security has to hold until a day to come."))
