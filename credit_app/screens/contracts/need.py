"""A new contract: with whom, and the need that is recorded before anything is drafted."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.facts.contracts import record_need
from credit_app.forms.contracts import NeedForm
from credit_app.i18n import _
from credit_app.models import Customer
from credit_app.models.contract import Contract
from credit_app.models.party import Party
from credit_app.screens import visible
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.visible import visible_contracts, visible_parties
from credit_app.screens.problems import at_field
from workflows import InvalidAnswer, Refused


@blueprint.route("/new", methods=["GET", "POST"])
@allowed("contract.create")
def new() -> ResponseReturnValue:
    """Record what is wanted, by when, and why of us."""
    session, form = db.session(), NeedForm()
    problem = None
    if form.validate_on_submit():
        try:
            other = other_side(form.with_whom.data or "")
            check("contract.change", other)
            row = record_need(
                session, other, person().id, today(), side=form.side.data or "", kind=form.kind.data or "",
                title=form.title.data or "", need=form.need.data or "", need_by=form.need_by.data,
                why_us=form.why_us.data or "", parent=frame_of(form.frame.data or ""),
            )  # fmt: skip
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
        else:
            address = url_for("contracts.contract", number=row.number)
            session.commit()
            flash(_("The need is recorded. Begin the review when you are ready to draft."), "success")
            return redirect(address)
    elif request.method == "GET":
        form.with_whom.data = request.args.get("with", "")[:40]
    page = render_template("contracts/need.html", form=form, problem=problem)
    return (page, 422) if form.is_submitted() else page


def other_side(number: str) -> Customer | Party:
    """The customer or party with this number, as far as the signed-in person sees it. Raises InvalidAnswer."""
    number = number.strip().upper()
    found: Customer | Party | None = db.session.scalar(
        select(Customer).where(Customer.number == number, visible.customers(person()))
    ) or db.session.scalar(select(Party).where(Party.number == number, visible_parties(person())))
    if found is None:
        raise InvalidAnswer(
            "with_whom", _("There is no customer or party with this number, or it is not yours to see.")
        )
    if found.status == "closed":
        raise InvalidAnswer("with_whom", _("This company is closed; nothing new is agreed with it."))
    return found


def frame_of(number: str) -> Contract | None:
    """The framework contract above; None when nothing is given. Raises InvalidAnswer."""
    if not number.strip():
        return None
    query = select(Contract).where(Contract.number == number.strip().upper(), visible_contracts(person()))
    found = db.session.scalar(query)
    if found is None:
        raise InvalidAnswer("frame", _("There is no such contract, or it is not yours to see."))
    return found
