"""Minutes of the credit committee's meetings; votes are shown once a meeting has closed."""

from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.facts.application import limit_in_question, terms_in_question
from credit_app.i18n import _, said
from credit_app.models import ApprovalDecision, CommitteeMeeting, CreditApplication, Person
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from workflows import NotFound

blueprint = Blueprint("committee", __name__)


@blueprint.get("/applications/<number>/meetings/<int:meeting_id>")
@allowed("application.list")
def minutes(number: str, meeting_id: int) -> ResponseReturnValue:
    """Show one meeting to whoever may see its application."""
    application = visible.application(person(), number)
    meeting = db.session.get(CommitteeMeeting, meeting_id)
    if meeting is None or meeting.application_id != application.id:
        raise NotFound(_("There is no such meeting."))
    voted = db.session.scalar(select(ApprovalDecision).where(ApprovalDecision.meeting_id == meeting.id))
    return render_template(
        "committee/minutes.html",
        application=application,
        limit=voted.limit_before if voted else limit_in_question(application),
        terms=voted.terms_before if voted else terms_in_question(application),
        meeting=meeting,
        members=names_of(meeting.members),
        lines=[{"text": said(line), "reason": line.get("reason", "")} for line in meeting.minutes],
    )


def names_of(ids: Sequence[int]) -> list[str]:
    """Return the names of people, in order."""
    return list(db.session.scalars(select(Person.name).where(Person.id.in_(ids)).order_by(Person.name)))


def of_application(application: CreditApplication) -> list[CommitteeMeeting]:
    """Return all meetings about an application, newest first."""
    query = select(CommitteeMeeting).where(CommitteeMeeting.application_id == application.id)
    return list(db.session.scalars(query.order_by(CommitteeMeeting.id.desc())))
