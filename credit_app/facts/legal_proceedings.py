"""The proceedings of a legal case up to its title: filing and hearings."""

from dataclasses import dataclass
from datetime import date

from credit_app.domain.dates import day_in_zone
from credit_app.facts import legal
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.deadlines import due_after
from credit_app.facts.legal_warning import check_warned
from credit_app.facts.limitation import interrupt, limitation_of
from credit_app.i18n import _, written_day
from credit_app.models import the_company
from credit_app.models.legal import LegalCase
from workflows import Action, InvalidAnswer


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
    check_warned(action, case, case.filed_on)
    case.file_number = answer.file_number[:80]
    document = file_paper(action, case, answer.document)
    legal.settle_dates(action, case, "filing", "preservation")
    if answer.next_on is not None:
        set_hearing(action, case, answer.next_on, case.filed_on)
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
        set_hearing(action, case, answer.next_on, on)
    legal.note_event(action, case, "hearing", on, answer.note)
    return answer.choice


def set_hearing(action: Action, case: LegalCase, day: date | None, after: date) -> None:
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


def file_paper(action: Action, case: LegalCase, document: Handed | None) -> int | None:
    """File a paper of the case under its customer; its id, None without one."""
    if document is None:
        return None
    rows = file_under(
        action.session, case.customer_id, [document], "other", action.actor.person_id or 0, action.now
    )
    return rows[0].id
