"""Give opinion: a colleague whom an approver asked answers the question; the answer advises and decides nothing."""

from typing import Any

from credit_app.facts.application import application_of
from credit_app.facts.consultation import ADVISING, role_in_branch
from credit_app.facts.decision import decision_page
from credit_app.facts.people import decision_facts
from credit_app.forms.opinion import OPINION_WORDS, Opinion, OpinionForm
from credit_app.i18n import _
from credit_app.models import OpinionRequest
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed, NotFound

Form = OpinionForm
PERSONAL = True  # asked of one person by name: nobody claims, puts back or delegates it
SHORTEST_ANSWER = 5


def request_of(action: Action) -> OpinionRequest:
    """The question that the task is about. Raises NotFound."""
    row = action.session.get(OpinionRequest, int(action.data["opinion_id"]))
    if row is None or row.application_id != action.subject_id:
        raise NotFound(_("There is no such question."))
    return row


def assign(action: Action) -> Assignment:
    """The person asked, with a role that they hold in the customer's branch."""
    row, branch = request_of(action), application_of(action).branch_id
    role = role_in_branch(row.person, ADVISING, branch) or ADVISING[0]
    return Assignment(role, branch, row.due_at, claimed_by=row.person_id)


def check(action: Action) -> None:
    """Only the person asked, or somebody who stands in for them; never somebody who asked for the credit."""
    row, actor = request_of(action), action.actor
    if row.person_id not in (actor.person_id, actor.on_behalf_of):
        raise NotAllowed(_("This opinion is asked of %(name)s.", name=row.person.name))
    requesters = decision_facts(action.session, application_of(action), row.level).requesters
    if actor.person_id in requesters or actor.on_behalf_of in requesters:
        raise NotAllowed(_("Nobody gives an opinion on the credit they asked for."))
    if actor.person_id in (row.asked_by, row.asked_for):
        raise NotAllowed(_("Nobody answers their own question."))


def facts(action: Action) -> dict[str, Any]:
    """The question, who asks, and the whole case."""
    return decision_page(action) | {"asked": request_of(action), "asker": request_of(action).asker}


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    name = application.customer.name if application.customer else ""
    return _("What do you think of the credit for %(name)s?", name=name)


def choices(action: Action) -> list[dict[str, Any]]:
    """In favour, neutral or against; the same happens next."""
    note = _("%(name)s reads it and decides.", name=request_of(action).asker.name)
    return [
        {"value": value, "label": str(label), "act": _("Send the opinion"), "next": note}
        for value, label in OPINION_WORDS.items()
    ]


def complete(action: Action, answer: Opinion) -> dict[str, Any]:
    """Keep the answer. Raises InvalidAnswer, Conflict when it was answered or closed."""
    row = request_of(action)
    if row.status != "open":
        raise Conflict(_("This question is closed; nothing of yours was saved."))
    if answer.opinion not in OPINION_WORDS:
        raise InvalidAnswer("opinion", _("Choose whether you are in favour, neutral or against."))
    if len(answer.words) < SHORTEST_ANSWER:
        raise InvalidAnswer("words", _("Give your opinion in a few words; whoever decides reads it."))
    row.status, row.opinion, row.answer = "answered", answer.opinion, answer.words
    row.answered_at, row.answered_by = action.now, action.actor.person_id
    return {}
