"""A new contract: with whom, and the need that is recorded before anything is drafted."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from credit_app.db import db
from credit_app.facts.contracts import record_need
from credit_app.facts.parties import named as party_named
from credit_app.forms.contracts import MOST_TYPED, NeedForm
from credit_app.i18n import _
from credit_app.models import Customer
from credit_app.models.contract import Contract
from credit_app.models.party import Party
from credit_app.screens import visible
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.visible import visible_contracts, visible_parties
from credit_app.screens.customers import SHORTEST_WORDS, named
from credit_app.screens.problems import at_field
from workflows import InvalidAnswer, Refused

MOST_OFFERED = 10  # of customers, and of suppliers and partners


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
        form.with_whom.data = request.args.get("with", "")[:MOST_TYPED]
    page = render_template("contracts/need.html", form=form, problem=problem)
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/suggestions")
@allowed("contract.create")
def suggestions() -> ResponseReturnValue:
    """Answer the customers, suppliers and partners that fit what is being typed, as options of a list."""
    words = request.args.get("with_whom", "").replace("\0", "").strip()[:100]
    if len(words) < SHORTEST_WORDS:
        return render_template("customers/_suggestions.html", customers=[])
    customers = select(Customer).where(visible.customers(person()), Customer.status != "closed", named(words))
    parties = select(Party).where(visible_parties(person()), Party.status != "closed", party_named(words))
    found = [
        *db.session.scalars(customers.order_by(Customer.name, Customer.id).limit(MOST_OFFERED)),
        *db.session.scalars(parties.order_by(Party.name, Party.id).limit(MOST_OFFERED)),
    ]
    return render_template("customers/_suggestions.html", customers=found)


def other_side(typed: str) -> Customer | Party:
    """The customer or party that was typed: by number, with or without the name as a suggestion has it, or by its whole
    name; as far as the signed-in person sees it. Raises InvalidAnswer."""
    number, name = typed.split(maxsplit=1)[0].upper(), " ".join(typed.split()).lower()
    found: list[Customer | Party] = []
    for matches in (lambda kind: kind.number == number, lambda kind: func.lower(kind.name) == name):
        found += db.session.scalars(
            select(Customer).where(matches(Customer), visible.customers(person())).limit(2)
        )
        found += db.session.scalars(select(Party).where(matches(Party), visible_parties(person())).limit(2))
        if found:
            break
    if not found:
        raise InvalidAnswer(
            "with_whom",
            _("There is no customer or party with this number or name, or it is not yours to see."),
        )
    if len(found) > 1:
        raise InvalidAnswer(
            "with_whom", _("Several companies have this name; give the number of the one you mean.")
        )
    return open_for_business(found[0])


def open_for_business(found: Customer | Party) -> Customer | Party:
    """The company. Raises InvalidAnswer when nothing new is agreed with it."""
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
