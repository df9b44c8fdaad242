"""One contract: what was wanted, the terms in force, its versions, reviews and timeline, and what can be done next."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from credit_app import contracting
from credit_app.db import db
from credit_app.domain.contracts import TERMS
from credit_app.forms.contracts import ChangeForm
from credit_app.i18n import _, said
from credit_app.models.contract import Contract, ContractDocument, ContractEvent
from credit_app.models.contract_review import ContractReview
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.performance import performance_of
from credit_app.screens.contracts.visible import contract_by_number
from workflows import Actor, Refused, inbox


@blueprint.get("/<number>")
@allowed("contract.see")
def contract(number: str) -> ResponseReturnValue:
    """Show a contract."""
    return contract_page(contract_by_number(number))


@blueprint.post("/<number>/review")
@allowed("contract.see")
def start_review(number: str) -> ResponseReturnValue:
    """Begin the review of a contract whose need is recorded."""
    found = contract_by_number(number)
    check("contract.change", found)
    try:
        row = contracting.start_review(
            db.session(), engine(), found.id, Actor(person().id), "screen:contracts.start_review"
        )
        address = url_for("contracts.contract", number=row.contract.number)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return contract_page(contract_by_number(number), refused=refused), refused.status
    flash(_("The review has begun; the draft is in your inbox."), "success")
    return redirect(address)


@blueprint.post("/<number>/change")
@allowed("contract.see")
def start_change(number: str) -> ResponseReturnValue:
    """Begin a change of a contract in force."""
    found, form = contract_by_number(number), ChangeForm()
    check("contract.change", found)
    if not form.validate():
        return contract_page(found, form), 422
    try:
        contracting.start_review(
            db.session(), engine(), found.id, Actor(person().id), "screen:contracts.start_change",
            kind="change", changes=form.changes.data or "",
        )  # fmt: skip
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return contract_page(contract_by_number(number), form, refused), refused.status
    flash(_("The change has begun; the draft is in your inbox."), "success")
    return redirect(url_for("contracts.contract", number=number))


def contract_page(found: Contract, form: ChangeForm | None = None, refused: Refused | None = None) -> str:
    """The page of a contract; `form` is the change that was refused, with what was typed."""
    session = db.session()
    reviews = session.scalars(
        select(ContractReview)
        .where(ContractReview.contract_id == found.id)
        .order_by(ContractReview.id.desc())
    ).all()
    running = contracting.running_of(session, found.id)
    tasks = inbox.of_instance(session, running.instance_id) if running and running.instance_id else []
    events = select(ContractEvent).where(ContractEvent.contract_id == found.id)
    documents = select(ContractDocument).where(ContractDocument.contract_id == found.id)
    may_change = may(person(), "contract.change", found)
    return render_template(
        "contracts/contract.html",
        contract=found,
        version=found.current,
        term_names=TERMS,
        reviews=reviews,
        running=running,
        tasks=tasks,
        events=session.scalars(
            events.order_by(ContractEvent.id.desc()).limit(100).options(joinedload(ContractEvent.maker))
        ).all(),
        documents=session.scalars(documents.order_by(ContractDocument.id.desc())).all(),
        form=form or ChangeForm(formdata=None),
        refused=said(refused) if refused is not None else None,
        performance=performance_of(session, found),
        can_review=may_change and running is None and found.status in contracting.FROM_STATUS["new"],
        can_change=may_change and running is None and found.status in contracting.FROM_STATUS["change"],
    )
