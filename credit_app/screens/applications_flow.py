"""Opening and withdrawing a credit application."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.domain.status import EDITABLE
from credit_app.i18n import _
from credit_app.models import Attachment, CreditApplication, Person, next_application_number
from credit_app.permissions import SALES, branches_of
from credit_app.screens import visible, withdrawing
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import now, today
from credit_app.screens.sessions import safe_next
from workflows import Action, Actor, InvalidAnswer, NotAllowed, NotFound, inbox

blueprint = Blueprint("applications_flow", __name__)
SHORTEST_REASON = 5


@blueprint.post("/applications/new")
@allowed("application.create")
def new() -> ResponseReturnValue:
    """Open an application: its draft is the sales rep's own task."""
    session, me = db.session(), person()
    customer = None
    if request.form.get("customer"):
        customer = visible.customer(me, request.form["customer"])
    application = CreditApplication(
        number=next_application_number(session, today().year),
        requested_by=me.id,
        branch_id=customer.branch_id if customer and customer.branch_id else selling_in(me),
        customer_id=customer.id if customer else None,
        created_at=now(),
    )
    session.add(application)
    session.flush()
    rest = engine().start(
        session, "credit_application", application.id, {"application_id": application.id}, Actor(me.id),
        "screen:applications.new",
    )  # fmt: skip
    application.instance_id = rest.instance_id
    session.commit()
    return redirect(url_for("tasks.show", task_id=rest.opened[0].id))


def selling_in(seller: Person) -> int | None:
    """The branch of an application without a customer: the own one, if they sell there, else one where they do."""
    branches = branches_of(seller, SALES)
    if branches is None or seller.branch_id in branches:
        return seller.branch_id
    return min(branches)


@blueprint.post("/applications/<number>/withdraw")
@allowed("application.list")
def withdraw(number: str) -> ResponseReturnValue:
    """Withdraw an application that is not decided yet, with a reason."""
    session, me = db.session(), person()
    application = visible.application(me, number)
    behalf = withdrawing.acts_as(application, me)
    if behalf is None:
        raise NotAllowed(
            _("Only a credit manager of the branch cancels a review.")
            if application.kind == "review"
            else _("Only the person who asked for the credit withdraws the application.")
        )
    reason = request.form.get("reason", "").strip()[:4000]
    if len(reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Say in a few words why the application is withdrawn."))
    waiting = inbox.of_instance(session, application.instance_id or 0)
    level = next((task.role for task in waiting if task.node == "decide_limit"), None)

    def keep_reason(action: Action) -> None:
        action.session.refresh(application)
        application.outcome_reason = reason

    engine().send(
        session, application.instance_id or 0, "withdrawn", Actor(me.id, behalf or None),
        "screen:applications.withdraw", {"withdrawn_from": level}, keep_reason,
    )  # fmt: skip
    session.commit()
    flash(
        _("The review is cancelled.") if application.kind == "review" else _("The application is withdrawn."),
        "success",
    )
    return redirect(url_for("applications.show", number=application.number))


@blueprint.post("/applications/<number>/attachments/<int:attachment_id>/remove")
@allowed("application.list")
def remove_attachment(number: str, attachment_id: int) -> ResponseReturnValue:
    """Take a file out of a draft again; what was submitted stays as it was."""
    session, me = db.session(), person()
    application = visible.application(me, number)
    session.refresh(
        application, with_for_update={"of": CreditApplication}
    )  # nobody submits it between this look and the removal
    if withdrawing.acts_for_requester(application, me) is None or application.status not in EDITABLE:
        raise NotAllowed(_("Files are taken out of one's own draft only."))
    row = session.get(Attachment, attachment_id)
    if row is None or row.application_id != application.id:
        raise NotFound(_("This attachment does not exist."))
    if application.round > 1 or application.submitted_at is not None:
        raise NotAllowed(_("This file was submitted before; it stays for the record."))
    session.delete(row)
    session.commit()
    flash(_("The file is removed."), "success")
    return redirect(safe_next(request.form.get("next")))
