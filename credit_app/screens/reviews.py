"""Starting a review of a limit by hand, and opening a request for a temporary limit."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from credit_app import reviews
from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import CreditApplication, CreditLimit, next_application_number
from credit_app.permissions import SALES, branches_of
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import now, today
from workflows import Actor, InvalidAnswer, NotAllowed, NotFound

blueprint = Blueprint("reviews", __name__)
SHORTEST_REASON = 5
LONGEST_REASON = 4000


@blueprint.post("/customers/<number>/limits/<int:limit_id>/review")
@allowed("customer.list")
def start(number: str, limit_id: int) -> ResponseReturnValue:
    """Start the review of a limit, with a reason."""
    session, me = db.session(), person()
    customer = visible.customer(me, number)
    if not may(me, "review.start", customer):
        raise NotAllowed(_("The credit people of the branch start a review."))
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if len(reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Say in a few words why the limit is reviewed now."))
    limit = session.get(CreditLimit, limit_id)
    if limit is None or limit.customer_id != customer.id:
        raise NotFound(_("There is no such limit."))
    review = reviews.start_by_hand(session, engine(), limit_id, reason, me.id)
    session.commit()
    flash(_("The review %(number)s has started.", number=review.number), "success")
    return redirect(url_for("applications.show", number=review.number))


@blueprint.post("/temporary-limits/new")
@allowed("application.create")
def new_temporary() -> ResponseReturnValue:
    """Open a request for a temporary limit: its draft is the sales rep's own task."""
    session, me = db.session(), person()
    typed = request.form.get("customer")
    customer = visible.customer(me, typed) if typed else None
    branches = branches_of(me, SALES)
    own = me.branch_id if branches is None or me.branch_id in branches else min(branches)
    application = CreditApplication(
        kind="temporary",
        number=next_application_number(session, today().year, "temporary"),
        requested_by=me.id,
        branch_id=customer.branch_id if customer is not None and customer.branch_id else own,
        customer_id=customer.id if customer is not None else None,
        created_at=now(),
    )
    session.add(application)
    session.flush()
    rest = engine().start(
        session, "temporary_limit", application.id, {"application_id": application.id}, Actor(me.id),
        "screen:reviews.new_temporary",
    )  # fmt: skip
    application.instance_id = rest.instance_id
    session.commit()
    return redirect(url_for("tasks.show", task_id=rest.opened[0].id))
