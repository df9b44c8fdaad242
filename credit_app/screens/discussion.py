"""What stands beside every case: its discussion, watching it, days to come back to it."""

import secrets
from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.errors import DomainError
from credit_app.facts import discussion, following
from credit_app.facts.people import people_with
from credit_app.forms.discussion import CommentForm, FollowUpForm
from credit_app.i18n import _, listed, said
from credit_app.models import Comment, CreditApplication, FollowUp, Person
from credit_app.permissions import branches_of
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import now, today
from credit_app.screens.sessions import safe_next
from workflows import InvalidAnswer, NotFound, Refused

blueprint = Blueprint("discussion", __name__, url_prefix="/applications")


@dataclass(frozen=True)
class Beside:
    """What templates/components/discussion.html and following.html show of a case."""

    number: str
    comments: list[Comment]
    people: list[tuple[int, str]]
    watching: bool
    follow_ups: list[FollowUp]
    request_key: str


def beside(application: CreditApplication) -> Beside | None:
    """Return what stands beside a case, read once a request; None for somebody who only sees one task of it."""
    known: dict[int, Beside | None] = g.setdefault("beside", {})
    if application.id not in known:
        known[application.id] = read_beside(application) if may_see(person(), application) else None
    return known[application.id]


def read_beside(application: CreditApplication) -> Beside:
    """Return comments, people to tell, and the person's own watching and follow-ups."""
    session, me = db.session(), person()
    return Beside(
        application.number,
        discussion.comments_of(session, application.id),
        [(one.id, one.name) for one in who_may_see(application) if one.id != me.id],
        following.watches(session, me.id, application.id),
        following.open_follow_ups(session, me.id, [application.id]),
        secrets.token_urlsafe(16),
    )


def may_see(one: Person, application: CreditApplication) -> bool:
    """Tell whether a person may open the application's page today."""
    query = select(CreditApplication.id).where(
        CreditApplication.id == application.id, visible.applications(one)
    )
    return may(one, "application.list") and db.session.scalar(query) is not None


def who_may_see(application: CreditApplication) -> list[Person]:
    """Return whom to offer for telling: those whose role or branch opens the case, by name."""
    own = {application.requested_by}
    if application.customer is not None and application.customer.sales_rep_id is not None:
        own.add(application.customer.sales_rep_id)
    found = {
        one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(own), Person.active))
    }
    if application.status != "draft":
        for one in people_with(db.session(), visible.WIDE):
            branches = branches_of(one, visible.WIDE)
            if branches is None or (branches and application.branch_id in {None, *branches}):
                found[one.id] = one
    return sorted(found.values(), key=lambda one: (one.name, one.id))


@blueprint.post("/<number>/comments")
@allowed("application.list")
def comment(number: str) -> ResponseReturnValue:
    """Add a comment and tell those it mentions."""
    session, found = db.session(), visible.application(person(), number)
    form = CommentForm().offer([(one.id, one.name) for one in who_may_see(found)])
    if not form.validate():
        return render_template("discussion.html", application=found, comment_form=form), 422
    try:
        told = people_told(found, form.body.data, form.told.data or [])
    except Refused as refused:
        form.body.errors = [said(refused)]
        return render_template("discussion.html", application=found, comment_form=form), 422
    key = (form.request_key.data or "")[:64] or None
    said_now = discussion.say(session, engine(), found, person(), form.body.data, told, key)
    session.commit()
    if said_now is None:
        flash(_("This was already recorded; nothing was done twice."), "info")
    elif told:
        flash(
            _("Your comment is recorded; told: %(names)s.", names=listed(one.name for one in told)), "success"
        )
    else:
        flash(_("Your comment is recorded."), "success")
    return back(found)


def people_told(application: CreditApplication, body: str, chosen: list[int]) -> list[Person]:
    """Return everybody who is mentioned or chosen. Raises InvalidAnswer for a name of nobody, or of somebody who may
    not see the case."""
    try:
        ids = dict.fromkeys([*chosen, *discussion.mentioned_in(db.session(), body)])
    except DomainError as error:
        raise InvalidAnswer("body", said(error.sentence)) from None
    people = [one for one in (db.session.get(Person, number) for number in ids) if one is not None]
    for one in people:
        if not may_see(one, application):
            raise InvalidAnswer(
                "body",
                _("%(name)s may not see this case and cannot be told about it.", name=one.name),
            )
    return people


@blueprint.post("/<number>/watch")
@allowed("application.list")
def watch(number: str) -> ResponseReturnValue:
    """Follow an application."""
    found = visible.application(person(), number)
    following.watch(db.session(), person().id, found.id)
    db.session.commit()
    flash(_("You watch this case; it stands in your inbox under “Watching”."), "success")
    return back(found)


@blueprint.post("/<number>/unwatch")
@allowed("application.list")
def unwatch(number: str) -> ResponseReturnValue:
    """End that."""
    found = visible.application(person(), number)
    following.unwatch(db.session(), person().id, found.id)
    db.session.commit()
    flash(_("You no longer watch this case."), "success")
    return back(found)


@blueprint.post("/<number>/follow-ups")
@allowed("application.list")
def follow_up(number: str) -> ResponseReturnValue:
    """Note a day to come back on."""
    found = visible.application(person(), number)
    form = FollowUpForm().check_from(today())
    if not form.validate():
        return render_template("follow_up.html", application=found, follow_up_form=form), 422
    following.follow_up(db.session(), person().id, found.id, form.on_day.data, form.note.data or "")
    db.session.commit()
    flash(_("Noted. On that day the case stands on your start page."), "success")
    return back(found)


@blueprint.post("/<number>/follow-ups/<int:follow_up_id>/done")
@allowed("application.list")
def follow_up_done(number: str, follow_up_id: int) -> ResponseReturnValue:
    """Take one's own follow-up off the list."""
    found = visible.application(person(), number)
    row = db.session.get(FollowUp, follow_up_id)
    if row is None or row.person_id != person().id or row.application_id != found.id:
        raise NotFound(_("There is no such follow-up of yours."))
    row.done_at = row.done_at or now()
    db.session.commit()
    flash(_("The follow-up is done."), "success")
    return back(found)


def back(application: CreditApplication) -> ResponseReturnValue:
    """Return to the page that the form stood on."""
    asked = request.form.get("next")
    return redirect(safe_next(asked) if asked else url_for("applications.show", number=application.number))
