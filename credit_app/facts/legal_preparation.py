"""Preparing legal action: the assessment, who may decide and what is decided, counsel and way, preservation."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_app.domain.money import format_amount
from credit_app.facts import legal
from credit_app.facts.deadlines import due_after
from credit_app.facts.limitation import ItemLimitation, legal_policy, limitation_of
from credit_app.facts.people import ids_with
from credit_app.i18n import _, written_day
from credit_app.models.legal import EVIDENCE, LEGAL_WAYS, PROSPECTS, SOLVENCY, LegalCase, LegalCounsel
from workflows import Action, Assignment, InvalidAnswer, NotAllowed

LEVELS = ("credit_manager", "finance_director", "cfo")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What counsel says of a case; `choice` is proposed or dropped. Amounts in the currency of the case."""

    choice: str
    amount: Decimal | None
    evidence: tuple[str, ...]
    prospects: str
    solvency: str
    cost_estimate: Decimal | None
    assessment: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who acts, by which way, and whether assets are preserved first (yes or no)."""

    counsel_id: int | None
    way: str
    preserve: str
    note: str


@dataclass(frozen=True, slots=True)
class Preservation:
    """What the court said: `choice` is granted or refused."""

    choice: str
    forum: str
    decided_on: date | None
    amount: Decimal | None
    note: str


# --- the assessment -----------------------------------------------------------------------------------------------


def passed(session: Session, case: LegalCase, day: date) -> list[ItemLimitation]:
    """The claimed items whose limitation has passed, the oldest first."""
    found = limitation_of(session, [row.item_id for row in case.items], day).values()
    late = [one for one in found if one.chain.days_left(day) < 0]
    return sorted(late, key=lambda one: (one.chain.ends_on, one.item_id))


def assess(action: Action, answer: Assessment) -> str:
    """Write the assessment down; returns the outcome. Raises InvalidAnswer naming the field, Conflict."""
    case = legal.hold(action, "assessment")
    legal.chosen("choice", answer.choice, ("proposed", "dropped"), _("Choose whether the case is pursued."))
    text = legal.reason_given(
        "assessment", answer.assessment, _("Say what speaks for and against legal action.")
    )
    case.assessment, case.proposed_by = text[:2000], action.actor.person_id
    if answer.choice == "dropped":
        legal.end(action, case, "dropped", text)
        return "dropped"
    amount = legal.amount_given("amount", answer.amount, legal.still_open(action.session, case))
    if not answer.evidence:
        raise InvalidAnswer("evidence", _("Tick the evidence that is in hand; without any there is no case."))
    case.prospects = legal.chosen("prospects", answer.prospects, PROSPECTS, _("Say what the prospects are."))
    case.solvency = legal.chosen("solvency", answer.solvency, SOLVENCY, _("Say whether the debtor can pay."))
    if answer.cost_estimate is None or answer.cost_estimate < 0:
        raise InvalidAnswer("cost_estimate", _("Estimate the costs; zero is taken as well."))
    case.amount, case.cost_estimate = amount, answer.cost_estimate
    case.evidence = [one for one in EVIDENCE if one in answer.evidence]
    case.status = "approval"
    late = passed(action.session, case, action.today)
    if late:
        action.note("limitation_passed", items=len(late), since=late[0].chain.ends_on.isoformat())
    legal.note_event(action, case, "assessed", action.today, text, amount)
    return "proposed"


# --- the decision -------------------------------------------------------------------------------------------------


def barred(case: LegalCase) -> tuple[int, ...]:
    """Who may not decide: whoever proposed the action or asked for it."""
    return tuple({one for one in (case.proposed_by, case.made_by) if one is not None})


def to_approver(action: Action) -> Assignment:
    """The level that the amount asks for, in the customer's branch; where nobody there may decide, the next level."""
    case, session = legal.legal_case_of(action), action.session
    needed = legal_policy(session, action.today).level(legal.in_base(session, case, action.today))
    out, branch = barred(case), case.customer.branch_id
    higher = LEVELS[LEVELS.index(needed) :]
    level = next((one for one in higher if set(ids_with(session, one, branch)) - set(out)), LEVELS[-1])
    due = due_after(session, action.now, action.today, "approval.due_after_days")
    return Assignment(level, branch, due, out)


def check_decider(action: Action) -> None:
    """Neither the actor nor whom they act for has proposed it. Raises NotAllowed."""
    out = barred(legal.legal_case_of(action))
    if {action.actor.person_id, action.actor.on_behalf_of} & set(out):
        raise NotAllowed(_("You proposed this legal action or asked for it; somebody else decides."))


def decide(action: Action, choice: str, reason: str) -> str:
    """Approve, refuse or send back; returns the outcome. Raises InvalidAnswer naming the field, Conflict."""
    case = legal.hold(action, "approval")
    legal.chosen("choice", choice, ("approved", "refused", "sent_back"), _("Choose what you decide."))
    if choice == "approved":
        left = legal.still_open(action.session, case)
        if left < (case.amount or legal.ZERO):
            raise InvalidAnswer(
                "choice",
                _(
                    "A payment came in meanwhile: only %(open)s is still open. Send the case back, or wait until "
                    "counsel has decided on it.",
                    open=format_amount(left),
                ),
            )
        case.status = "preparation"
    else:
        reason = legal.reason_given(
            "reason", reason, _("Give a reason that counsel and the auditor understand.")
        )
    case.decided_by, case.decided_at, case.decision_note = action.actor.person_id, action.now, reason[:500]
    legal.note_event(action, case, choice, action.today, reason)
    if choice == "refused":
        legal.end(action, case, "refused", reason)
    elif choice == "sent_back":
        case.status = "assessment"
    return choice


# --- counsel and way ----------------------------------------------------------------------------------------------


def arrange(action: Action, answer: Arrangement) -> str:
    """Write down who acts and how; returns whether assets are preserved first (yes or no). Raises InvalidAnswer."""
    case = legal.hold(action, "preparation")
    counsel = action.session.get(LegalCounsel, answer.counsel_id or 0)
    if counsel is None or not counsel.active:
        raise InvalidAnswer("counsel_id", _("Choose counsel from the register."))
    case.way = legal.chosen("way", answer.way, LEGAL_WAYS, _("Choose payment order, arbitration or suit."))
    legal.chosen("preserve", answer.preserve, ("yes", "no"), _("Say whether assets are preserved first."))
    case.counsel_id, case.counsel = counsel.id, counsel
    legal.note_event(action, case, "counsel", action.today, answer.note or counsel.name)
    if answer.preserve == "no":
        case.status = "filing"
    return answer.preserve


def preserve(action: Action, answer: Preservation) -> None:
    """Write down what the court said; a grant sets the day on which it lapses. Raises InvalidAnswer, Conflict."""
    case, session = legal.hold(action, "preparation"), action.session
    legal.chosen("choice", answer.choice, ("granted", "refused"), _("Choose what the court said."))
    on = legal.day_given("decided_on", answer.decided_on, case.started_on, action.today)
    forum = legal.reason_given("forum", answer.forum, _("Name the court."))
    if answer.choice == "granted":
        amount = legal.amount_given("amount", answer.amount, case.amount)
        lapses = legal.terms_of(session, case, action.today).preserved_until(on)
        if lapses < action.today:
            raise InvalidAnswer(
                "decided_on",
                _(
                    "A preservation of that day lapsed on %(day)s, for no claim was filed; apply for a new one.",
                    day=written_day(lapses),
                ),
            )
        case.preserved_on, case.preserved_amount = on, amount
        legal.set_date(action, case, "preservation", lapses, forum)
    legal.note_event(action, case, "preservation", on, answer.note or forum, answer.amount)
    case.status = "filing"
