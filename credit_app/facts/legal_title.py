"""The title of a legal case: judgment, award, payment order or settlement, and what becomes of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from credit_app.domain.money import format_amount
from credit_app.facts import legal
from credit_app.facts.customer_documents import Handed
from credit_app.facts.legal_proceedings import file_paper, set_hearing
from credit_app.i18n import _
from credit_app.models.legal import LegalCase
from workflows import Action, InvalidAnswer

TITLES = {"payment_order": "payment_order", "arbitration": "award", "suit": "judgment"}


@dataclass(frozen=True, slots=True)
class Title:
    """What the court granted (zero: nothing), and until when it can be contested (None: as the law says)."""

    title_on: date | None
    awarded: Decimal | None
    contest_by: date | None
    document: Handed | None
    note: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was agreed, and until when it is paid."""

    settled_on: date | None
    amount: Decimal | None
    pay_by: date | None
    document: Handed | None
    note: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a title: `choice` is enforce, contested, settled or lost; `on` is the day of it."""

    choice: str
    on: date | None
    next_on: date | None
    note: str


def record_title(action: Action, answer: Title) -> dict[str, str]:
    """Write the judgment, award or payment order down; returns when its period is over. Raises InvalidAnswer."""
    case, session = legal.hold(action, "hearing"), action.session
    on = legal.day_given("title_on", answer.title_on, case.filed_on, action.today)
    if answer.awarded is None or answer.awarded < 0:
        raise InvalidAnswer("awarded", _("Give the amount granted; zero when nothing was."))
    _note_above(case, answer.awarded, answer.note)
    terms = legal.terms_of(session, case, on)
    kind = "objection" if case.way == "payment_order" else "appeal"
    days = terms.objection_days if kind == "objection" else terms.appeal_days
    until = on + timedelta(days=days)
    if answer.contest_by is not None:
        until = legal.day_ahead("contest_by", answer.contest_by, on, action.today)
    case.title_kind, case.title_on, case.awarded = TITLES[case.way or "suit"], on, answer.awarded
    document = file_paper(action, case, answer.document)
    legal.set_date(action, case, kind, until)
    legal.note_event(action, case, "judgment", on, answer.note, answer.awarded, document)
    case.status = "title"
    return {"title_at": legal.reminder(action, case, kind, ahead=False)}


def settle(action: Action, answer: Settlement) -> dict[str, str]:
    """Write the settlement down; returns when its payment is due. Raises InvalidAnswer, Conflict."""
    case = legal.hold(action, "hearing")
    on = legal.day_given("settled_on", answer.settled_on, case.filed_on, action.today)
    amount = legal.amount_given("amount", answer.amount)
    _note_above(case, amount, answer.note, "amount")
    pay_by = legal.day_ahead("pay_by", answer.pay_by, action.today, action.today)
    case.title_kind, case.title_on, case.awarded = "settlement", on, amount
    document = file_paper(action, case, answer.document)
    legal.set_date(action, case, "payment", pay_by)
    legal.note_event(action, case, "settlement", on, answer.note, amount, document)
    case.status = "title"
    return {"title_at": legal.reminder(action, case, "payment", ahead=False)}


def follow(action: Action, answer: Followed) -> str:
    """Write down what became of the title; returns it. Raises InvalidAnswer naming the field, Conflict."""
    case = legal.hold(action, "title")
    ways = ("enforce", "contested", "settled", "lost")
    legal.chosen("choice", answer.choice, ways, _("Choose what became of the title."))
    on = legal.day_given("on", answer.on, case.title_on, action.today)
    if answer.choice == "contested":
        return _contested(action, case, answer, on)
    legal.settle_dates(action, case, "objection", "appeal", "payment")
    if answer.choice == "enforce":
        if not case.awarded:
            raise InvalidAnswer("choice", _("Nothing was granted that could be enforced."))
        case.final_on, case.status = on, "execution"
        terms = legal.terms_of(action.session, case, action.today)
        legal.set_date(action, case, "enforcement", terms.enforceable_until(on))
        legal.note_event(action, case, "final", on, answer.note, case.awarded)
        return answer.choice
    if answer.choice == "lost" and case.awarded:
        raise InvalidAnswer(
            "choice", _("An amount was granted; choose “contested” when it fell in an appeal.")
        )
    left = legal.still_open(action.session, case)
    if answer.choice == "settled" and left > 0:
        note = legal.reason_given(
            "note",
            answer.note,
            _(
                "%(open)s is still open of the claimed items: say in a note why the case ends.",
                open=format_amount(left),
            ),
        )
        legal.end(action, case, "settled", note)
        return answer.choice
    legal.end(action, case, answer.choice, answer.note)
    return answer.choice


def _contested(action: Action, case: LegalCase, answer: Followed, on: date) -> str:
    """An objection makes a payment order a suit, an appeal goes to the next instance: there is no title meanwhile."""
    if case.title_kind == "settlement":
        raise InvalidAnswer("choice", _("A settlement is kept or enforced; it cannot be contested here."))
    if answer.next_on is not None:
        set_hearing(action, case, answer.next_on, on)
    legal.settle_dates(action, case, "objection", "appeal")
    legal.note_event(action, case, "contested", on, answer.note, case.awarded)
    if case.way == "payment_order":
        case.way = "suit"
    case.title_kind = case.title_on = case.awarded = None
    case.status = "hearing"
    return answer.choice


def _note_above(case: LegalCase, amount: Decimal, note: str, field: str = "awarded") -> None:
    if amount > (case.amount or legal.ZERO) and len(note.strip()) < legal.LEAST_REASON:
        raise InvalidAnswer(
            field,
            _(
                "This is more than the %(amount)s claimed: say in a note where it comes from.",
                amount=format_amount(case.amount or legal.ZERO),
            ),
        )
