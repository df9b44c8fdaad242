"""Enforcing the title of a legal case: the application, its steps, insolvency, and what a payment asks of counsel."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_app.domain.money import format_amount
from credit_app.facts import legal
from credit_app.facts.insolvency import tell_collection
from credit_app.i18n import _, written_day
from credit_app.models.legal import LegalCase
from workflows import Action, InvalidAnswer


@dataclass(frozen=True, slots=True)
class Applied:
    """An application to enforce."""

    forum: str
    applied_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of enforcement and what it brought; `choice` is another, insolvency, recovered or uncollectable."""

    choice: str
    on: date | None
    amount: Decimal | None
    note: str


@dataclass(frozen=True, slots=True)
class Insolvency:
    """A claim in the insolvency of the debtor; `examined_on`: the day on which claims are examined."""

    administrator: str
    filed_on: date | None
    amount: Decimal | None
    examined_on: date | None
    note: str


def begin(action: Action) -> dict[str, str]:
    """Where the case stands, and when counsel is urged to apply."""
    case = legal.legal_case_of(action)
    return {
        "place": legal.PLACES[case.status],
        "enforce_by_at": legal.reminder(action, case, "enforcement"),
    }


def apply(action: Action, answer: Applied) -> None:
    """Write the application down. Raises InvalidAnswer for a day before the title was final, or after its period."""
    case = legal.hold(action, "execution")
    if case.final_on is None:
        raise InvalidAnswer("applied_on", _("There is no judgment yet that could be enforced."))
    on = legal.day_given("applied_on", answer.applied_on, None, action.today)
    if on < case.final_on:
        raise InvalidAnswer(
            "applied_on",
            _(
                "The title is final since %(day)s; nothing is enforced before.",
                day=written_day(case.final_on),
            ),
        )
    last = next((row.due_on for row in legal.open_dates(case, "enforcement")), None)
    if last is not None and on > last:
        raise InvalidAnswer("applied_on", _("The period to enforce ended on %(day)s.", day=written_day(last)))
    case.enforcement_forum = legal.reason_given("forum", answer.forum, _("Name the court or the bailiff."))[
        :200
    ]
    case.enforced_on, case.status = on, "enforcement"
    legal.settle_dates(action, case, "enforcement")
    legal.note_event(action, case, "enforcement", on, answer.note or case.enforcement_forum, case.awarded)


def record_step(action: Action, answer: Step) -> str:
    """Write a step down; returns what came of it. Raises InvalidAnswer naming the field, Conflict."""
    case = legal.hold(action, "enforcement")
    ways = ("another", "insolvency", "recovered", "uncollectable")
    legal.chosen("choice", answer.choice, ways, _("Choose what came of this step."))
    on = legal.day_given("on", answer.on, case.enforced_on, action.today)
    note = legal.reason_given("note", answer.note, _("Say what was done."))
    legal.note_event(action, case, "enforcement_step", on, note, answer.amount)
    if answer.choice == "insolvency":
        case.status = "insolvency"
        tell_collection(action.session, case.customer_id)
    return _over(action, case, answer.choice, note)


def file_insolvency(action: Action, answer: Insolvency) -> None:
    """Write the claim in the insolvency down. Raises InvalidAnswer naming the field, Conflict."""
    case = legal.hold(action, "insolvency")
    case.administrator = legal.reason_given(
        "administrator", answer.administrator, _("Name the administrator.")
    )[:200]
    on = legal.day_given("filed_on", answer.filed_on, case.filed_on, action.today)
    case.insolvency_amount = legal.amount_given(
        "amount", answer.amount, legal.still_open(action.session, case)
    )
    if answer.examined_on is not None:
        day = legal.day_ahead("examined_on", answer.examined_on, action.today, action.today)
        legal.set_date(action, case, "insolvency", day, case.administrator)
    legal.note_event(action, case, "insolvency", on, answer.note or case.administrator, answer.amount)


def record_dividend(action: Action, answer: Step) -> str:
    """Write down what the insolvency paid; returns recovered or uncollectable. Raises InvalidAnswer, Conflict."""
    case = legal.hold(action, "insolvency")
    ways = ("recovered", "uncollectable")
    legal.chosen("choice", answer.choice, ways, _("Choose whether anything more is to be had."))
    on = legal.day_given("on", answer.on, case.filed_on, action.today)
    note = legal.reason_given("note", answer.note, _("Say how the insolvency ended."))
    legal.note_event(action, case, "dividend", on, note, answer.amount)
    outcome = _over(action, case, answer.choice, note)
    tell_collection(action.session, case.customer_id)
    return outcome


def _over(action: Action, case: LegalCase, choice: str, note: str) -> str:
    if choice == "recovered":
        left = legal.still_open(action.session, case)
        if left > 0:
            raise InvalidAnswer(
                "choice",
                _(
                    "%(open)s is still open of the claimed items. Receivables enter what came in; what is given up is "
                    "uncollectable.",
                    open=format_amount(left),
                ),
            )
        legal.end(action, case, "enforced", note)
    elif choice == "uncollectable":
        legal.end(action, case, "uncollectable", note)
    return choice


# --- payments -----------------------------------------------------------------------------------------------------


def note_payment(action: Action) -> None:
    """What the message of a payment writes down: how much less is open of the claimed items."""
    case = legal.legal_case_of(action)
    left = legal.still_open(action.session, case)
    legal.note_event(action, case, "payment", action.today, "", case.seen_open - left)
    action.note("payment", open=str(left), open_before=str(case.seen_open))


def decide_on_suit(action: Action, choice: str, note: str) -> dict[str, str]:
    """Withdraw the suit or go on; returns the outcome and the part of the process in which it goes on.

    Raises InvalidAnswer naming the field, Conflict.
    """
    case, session = legal.legal_case_of(action), action.session
    session.refresh(case, with_for_update=True)
    if not legal.is_open(case):
        raise InvalidAnswer("choice", _("This legal case has ended already."))
    legal.chosen("choice", choice, ("withdraw", "go_on"), _("Choose whether the suit is withdrawn."))
    left, part = legal.still_open(session, case), legal.part_of(case.status)
    if choice == "withdraw":
        if left > 0:
            legal.reason_given(
                "note",
                note,
                _(
                    "%(open)s is still open: say why the suit is withdrawn all the same.",
                    open=format_amount(left),
                ),
            )
        legal.end(action, case, "withdrawn" if left > 0 else "paid", note)
    else:
        if left <= 0:
            if case.filed_on is None:
                raise InvalidAnswer(
                    "choice", _("Nothing is open and nothing was filed: there is no suit to go on with.")
                )
            legal.reason_given("note", note, _("Everything is paid: say for which costs the suit goes on."))
        if case.filed_on is None:
            case.amount = min(case.amount or left, left)
        case.seen_open = left
        legal.note_event(action, case, "went_on", action.today, note, left)
    return {"outcome": choice, "phase": part}
