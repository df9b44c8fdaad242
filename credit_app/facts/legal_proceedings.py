"""The proceedings of a legal case: filing, hearings, judgment or settlement, and what becomes of the title."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from credit_app.domain.dates import day_in_zone
from credit_app.domain.money import format_amount
from credit_app.facts import legal
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.deadlines import due_after
from credit_app.facts.limitation import interrupt, limitation_of
from credit_app.i18n import _, written_day
from credit_app.models import the_company
from credit_app.models.legal import LegalCase
from workflows import Action, InvalidAnswer

TITLES = {"payment_order": "payment_order", "arbitration": "award", "suit": "judgment"}


@dataclass(frozen=True, slots=True)
class Filed:
    """A claim that was filed, with its paper where there is one; `next_on`: the first hearing, when it is known."""

    forum: str
    file_number: str
    filed_on: date | None
    next_on: date | None
    document: Handed | None
    note: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """What came of a hearing: `choice` is next_date, judgment or settlement; `next_on` only with the first."""

    choice: str
    held_on: date | None
    next_on: date | None
    note: str


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


def file_by(action: Action, case: LegalCase) -> date:
    """Until when the claim is to be filed: a preservation lapses, limitation passes, or the days that policy gives."""
    days = [row.due_on for row in legal.open_dates(case, "preservation")]
    items = [row.item_id for row in case.items]
    days += [one.chain.ends_on for one in limitation_of(action.session, items, action.today).values()]
    days = [one for one in days if one >= action.today]
    granted = due_after(action.session, action.now, action.today, "legal.file_after_days")
    return min([*days, day_in_zone(granted, the_company(action.session).time_zone)])


def begin(action: Action) -> dict[str, str]:
    """Where the case stands, and when counsel is urged to file and told that a period is over."""
    case = legal.legal_case_of(action)
    if case.status == "filing" and not legal.open_dates(case, "filing"):
        legal.set_date(action, case, "filing", file_by(action, case))
    return {
        "place": legal.PLACES[case.status],
        "file_by_at": legal.reminder(action, case, "filing"),
        "title_at": legal.reminder(action, case, "objection", "appeal", "payment", ahead=False),
    }


def file_claim(action: Action, answer: Filed) -> dict[str, str]:
    """Write the filing down: limitation of the claimed items runs anew from it. Raises InvalidAnswer, Conflict."""
    case, session = legal.hold(action, "filing"), action.session
    case.forum = legal.reason_given("forum", answer.forum, _("Name the court or the arbitral tribunal."))[
        :200
    ]
    case.filed_on = legal.day_given("filed_on", answer.filed_on, case.started_on, action.today)
    case.file_number = answer.file_number[:80]
    document = _filed(action, case, answer.document)
    legal.settle_dates(action, case, "filing", "preservation")
    if answer.next_on is not None:
        _hearing(action, case, answer.next_on, case.filed_on)
    items = [row.item_id for row in case.items]
    evidence = f"legal_case:{case.id}"
    interrupt(session, items, case.filed_on, "filing", action.now, document_id=document, evidence=evidence)
    legal.note_event(action, case, "filed", case.filed_on, answer.note or case.forum, case.amount, document)
    case.status = "hearing"
    return {"way": case.way or "suit"}


def hear(action: Action, answer: Hearing) -> str:
    """Write down what came of a hearing; returns it. Raises InvalidAnswer, Conflict."""
    case = legal.hold(action, "hearing")
    ways = ("next_date", "judgment", "settlement")
    legal.chosen("choice", answer.choice, ways, _("Choose what came of the hearing."))
    on = legal.day_given("held_on", answer.held_on, case.filed_on, action.today)
    legal.settle_dates(action, case, "hearing")
    if answer.choice == "next_date":
        _hearing(action, case, answer.next_on, on)
    legal.note_event(action, case, "hearing", on, answer.note)
    return answer.choice


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
    document = _filed(action, case, answer.document)
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
    document = _filed(action, case, answer.document)
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


# --- inside -------------------------------------------------------------------------------------------------------


def _contested(action: Action, case: LegalCase, answer: Followed, on: date) -> str:
    """An objection makes a payment order a suit, an appeal goes to the next instance: there is no title meanwhile."""
    if case.title_kind == "settlement":
        raise InvalidAnswer("choice", _("A settlement is kept or enforced; it cannot be contested here."))
    if answer.next_on is not None:
        _hearing(action, case, answer.next_on, on)
    legal.settle_dates(action, case, "objection", "appeal")
    legal.note_event(action, case, "contested", on, answer.note, case.awarded)
    if case.way == "payment_order":
        case.way = "suit"
    case.title_kind = case.title_on = case.awarded = None
    case.status = "hearing"
    return answer.choice


def _hearing(action: Action, case: LegalCase, day: date | None, after: date) -> None:
    """Set the day of the next hearing; it lies ahead. Raises InvalidAnswer."""
    if day is None:
        raise InvalidAnswer("next_on", _("Give the day of the next hearing."))
    if day < action.today or day < after:
        raise InvalidAnswer(
            "next_on",
            _("The next hearing lies ahead: %(day)s or later.", day=written_day(max(action.today, after))),
        )
    legal.day_ahead("next_on", day, after, action.today)
    legal.set_date(action, case, "hearing", day, case.forum)


def _note_above(case: LegalCase, amount: Decimal, note: str, field: str = "awarded") -> None:
    if amount > (case.amount or legal.ZERO) and len(note.strip()) < legal.LEAST_REASON:
        raise InvalidAnswer(
            field,
            _(
                "This is more than the %(amount)s claimed: say in a note where it comes from.",
                amount=format_amount(case.amount or legal.ZERO),
            ),
        )


def _filed(action: Action, case: LegalCase, document: Handed | None) -> int | None:
    if document is None:
        return None
    rows = file_under(
        action.session, case.customer_id, [document], "other", action.actor.person_id or 0, action.now
    )
    return rows[0].id
