"""Make visit: report it on or after its day, put it off with a reason, or cancel it."""

from typing import Any

from credit_app.domain.visits import FINDINGS, MET, WILLINGNESS
from credit_app.facts import visits as facts_of
from credit_app.facts.collection import ROLE, log_contact
from credit_app.facts.deadlines import close_of
from credit_app.forms.visits import Reported, ReportForm
from credit_app.i18n import _, written_day
from credit_app.models.visits import SiteVisit, VisitMove
from workflows import Action, Assignment, InvalidAnswer

Form = ReportForm


def assign(action: Action) -> Assignment:
    """The visitor; due when business closes on the day of the visit."""
    visit = facts_of.visit_of(action)
    due = close_of(action.session, visit.planned_on or action.today, action.today)
    return Assignment(ROLE, scope=visit.customer.branch_id, due_at=due, claimed_by=visit.visitor_id)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    visit = facts_of.visit_of(action)
    day = written_day(visit.planned_on) if visit.planned_on else ""
    return _("Visit %(name)s on %(day)s.", name=visit.customer.name, day=day)


def facts(action: Action) -> dict[str, Any]:
    """The plan, and how often it may still be put off."""
    visit = facts_of.visit_of(action)
    most = facts_of.policy_of(action.session, action.today).most_put_offs
    return {"visit": visit, "left": max(0, most - visit.put_offs)}


def choices(action: Action) -> list[dict[str, Any]]:
    """Report, put off while that is allowed, or cancel."""
    words = {
        "visited": (
            _("The visit was made"),
            _("Record the visit"),
            _("Report whom you met and what you saw."),
        ),
        "put_off": (_("Another day"), _("Put it off"), _("A reason is owed.")),
        "cancelled": (_("No visit"), _("Cancel the visit"), _("A reason is owed.")),
    }
    offered = ["visited", "put_off", "cancelled"] if facts(action)["left"] else ["visited", "cancelled"]
    return [
        {
            "value": one,
            "label": words[one][0],
            "act": words[one][1],
            "sets": {"outcome": one},
            "note": words[one][2],
        }
        for one in offered
    ]


def complete(action: Action, answer: Reported) -> dict[str, Any]:
    """Write down what became of the visit. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice not in ("visited", "put_off", "cancelled"):
        raise InvalidAnswer("choice", _("Choose what became of the visit."))
    visit = facts_of.locked(action, "planned")
    if answer.choice == "visited":
        return _report(action, visit, answer)
    if len(answer.reason) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))
    if answer.choice == "cancelled":
        visit.status, visit.note = "cancelled", answer.reason
        return {"outcome": "cancelled"}
    return _put_off(action, visit, answer)


def _put_off(action: Action, visit: SiteVisit, answer: Reported) -> dict[str, Any]:
    most = facts_of.policy_of(action.session, action.today).most_put_offs
    if visit.put_offs >= most:
        raise InvalidAnswer(
            "choice", _("A visit is put off %(most)s times at most; make it, or cancel it.", most=most)
        )
    before = visit.planned_on or action.today
    day = facts_of.check_day(action, visit, answer.planned_on, visit.visitor_id or 0, anyway=answer.anyway)
    action.session.add(
        VisitMove(
            visit_id=visit.id, from_day=before, to_day=day, reason=answer.reason, made_by=action.actor.person_id,
            created_at=action.now,
        )
    )  # fmt: skip
    visit.planned_on, visit.put_offs = day, visit.put_offs + 1
    return {"outcome": "put_off", "remind_at": facts_of.remind_at(action.session, day, action.today)}


def _report(action: Action, visit: SiteVisit, answer: Reported) -> dict[str, Any]:
    planned = visit.planned_on or action.today
    if action.today < planned:
        raise InvalidAnswer(
            "visited_on",
            _("The visit is on %(day)s; report it then, or put it on another day.", day=written_day(planned)),
        )
    if answer.visited_on is None or not planned <= answer.visited_on <= action.today:
        raise InvalidAnswer(
            "visited_on",
            _("Give a day from %(first)s, the day of the visit, to today.", first=written_day(planned)),
        )
    if answer.finding not in FINDINGS:
        raise InvalidAnswer("finding", _("Choose what was found."))
    met = answer.finding == MET
    if met and not answer.whom_met:
        raise InvalidAnswer("whom_met", _("Say whom you met."))
    if met and answer.willingness not in WILLINGNESS:
        raise InvalidAnswer("willingness", _("Choose how willing the debtor is to pay."))
    if len(answer.premises) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("premises", _("Say in a few words what you saw."))
    facts_of.bring_back(action, visit, answer.photos, photos=True)
    facts_of.bring_back(action, visit, answer.documents, photos=False)
    visit.visited_on, visit.finding, visit.whom_met = answer.visited_on, answer.finding, answer.whom_met
    visit.premises, visit.stocks, visit.note = answer.premises, answer.stocks, answer.note
    visit.willingness = answer.willingness if met else None
    visit.status = "signing" if met else "nobody_met"
    log_contact(
        action.session, visit.customer_id, "visit", "reached" if met else "not_reached", reached=answer.whom_met,
        note=answer.note or answer.premises, made_by=action.actor.person_id,
    )  # fmt: skip
    return {"outcome": "visited", "met": met}
