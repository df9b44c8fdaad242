"""Performing a contract: its milestones, its breaches, and the invoices that belong to it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_app import renewing
from credit_app.db import db
from credit_app.facts import breaches, contract_items, milestones
from credit_app.facts.collection import open_case
from credit_app.facts.renewals import running_of
from credit_app.forms.performance import (
    BreachEndForm,
    BreachForm,
    ItemForm,
    MilestoneActForm,
    MilestoneForm,
    TerminationForm,
    UnlinkForm,
)
from credit_app.i18n import _
from credit_app.models.contract import Contract
from credit_app.models.performance import ContractMilestone
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.performance_words import milestone_title
from credit_app.screens.contracts.visible import contract_by_number
from credit_app.screens.problems import at_field
from workflows import Actor, InvalidAnswer, Refused


def performance_of(session: Session, contract: Contract) -> dict[str, Any]:
    """What the page of a contract shows of its performance (templates/contracts/_performance.html)."""
    day = today()
    found = breaches.breaches_of(session, contract.id)
    owed = any(one.by_side == "them" and one.kind in breaches.OWED for one in found)
    return {
        "milestones": milestones.milestones_of(session, contract.id),
        "breaches": found,
        "case": open_case(session, contract.customer_id) if owed and contract.customer_id else None,
        "payments": contract_items.payments_of(session, contract, day),
        "renewal": running_of(session, contract.id),
        "may_perform": may(person(), "contract.perform", contract),
        "owed": breaches.OWED,
        "performed": milestones.PERFORMED,
        "was_in_force": breaches.WAS_IN_FORCE,
        "today": day,
    }


# --- milestones -----------------------------------------------------------------------------------------------------


@blueprint.route("/<number>/milestones/new", methods=["GET", "POST"])
@allowed("contract.see")
def new_milestone(number: str) -> ResponseReturnValue:
    """Plan something that will be due."""
    found, session = contract_by_number(number), db.session()
    check("contract.perform", found)
    form, problem = MilestoneForm().offer(session, found), None
    if form.validate_on_submit():
        try:
            milestones.add(
                session, found, form.kind.data or "", form.title.data or "", form.due_on.data, form.chosen(),
                form.amount.amount, today(), person().id,
            )  # fmt: skip
            session.commit()
            return _back(number, _("The milestone is planned."))
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
    return _page("contracts/milestone_new.html", form, problem, number)


@blueprint.route("/<number>/milestones/<int:milestone_id>", methods=["GET", "POST"])
@allowed("contract.see")
def milestone(number: str, milestone_id: int) -> ResponseReturnValue:
    """Say what became of a milestone: done, moved, cancelled."""
    found, session = contract_by_number(number), db.session()
    check("contract.perform", found)
    row = milestones.milestone_of(session, found, milestone_id)
    form, problem = MilestoneActForm().offer(session, found), None
    if form.validate_on_submit():
        try:
            _act(session, row, form)
            session.commit()
            return _back(number, _("The milestone is brought up to date."))
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
    elif request.method == "GET":
        form.version.data, form.due_on.data = str(row.version), row.due_on
        form.owner.data, form.done_on.data = str(row.owner_id), today()
    choices = [
        {"value": "done", "label": _("It was done"), "act": _("Record it as done")},
        {"value": "move", "label": _("Another day or person"), "act": _("Move it")},
        {"value": "cancel", "label": _("It will not come about"), "act": _("Cancel it")},
    ]
    return _page(
        "contracts/milestone.html", form, problem, number, milestone_id=milestone_id, choices=choices
    )


def _act(session: Session, row: ContractMilestone, form: MilestoneActForm) -> None:
    """Carry out what was chosen. Raises Refused."""
    day, who, why = today(), person().id, form.why.data or ""
    if form.choice.data == "done":
        milestones.done(
            session, row, form.seen, form.done_on.data, form.evidence.data or "", form.paper(), day, who
        )
    elif form.choice.data == "move":
        milestones.move(session, row, form.seen, form.due_on.data, form.chosen(), why, day, who)
    elif form.choice.data == "cancel":
        milestones.cancel(session, row, form.seen, why, day, who)
    else:
        raise milestones.nothing_chosen()


# --- breaches -------------------------------------------------------------------------------------------------------


@blueprint.route("/<number>/breaches/new", methods=["GET", "POST"])
@allowed("contract.see")
def new_breach(number: str) -> ResponseReturnValue:
    """Record a breach."""
    found, session = contract_by_number(number), db.session()
    check("contract.perform", found)
    form, problem = BreachForm().offer(session, found, milestone_title), None
    if form.validate_on_submit():
        try:
            row = breaches.record(
                session, found, by_side=form.by_side.data or "", kind=form.kind.data or "",
                occurred_on=form.occurred_on.data, description=form.description.data or "",
                consequence=form.consequence.data or "", amount=form.amount.amount,
                milestone_id=form.milestone_id, day=today(), by=person().id,
            )  # fmt: skip
            address = url_for("contracts.breach", number=number, breach_id=row.id)
            session.commit()
            flash(_("The breach is recorded."), "success")
            return redirect(address)
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
    return _page("contracts/breach_new.html", form, problem, number)


@blueprint.route("/<number>/breaches/<int:breach_id>", methods=["GET", "POST"])
@allowed("contract.see")
def breach(number: str, breach_id: int) -> ResponseReturnValue:
    """Show a breach, and write down how it ended."""
    found, session = contract_by_number(number), db.session()
    row, form, problem = breaches.breach_of(session, found, breach_id), BreachEndForm(), None
    if request.method == "POST":
        check("contract.perform", found)
        if form.validate():
            try:
                ended, note = form.status.data or "", form.note.data or ""
                breaches.end(session, row, ended, form.closed_on.data, note, today(), person().id)
                session.commit()
                return _back(number, _("The breach is ended."))
            except Refused as refused:
                session.rollback()
                problem = at_field(form, refused)
    return _breach_page(number, breach_id, form, TerminationForm(formdata=None), problem)


@blueprint.post("/<number>/breaches/<int:breach_id>/terminate")
@allowed("contract.see")
def terminate(number: str, breach_id: int) -> ResponseReturnValue:
    """End the contract for a breach."""
    found, session = contract_by_number(number), db.session()
    check("contract.perform", found)
    row, form, problem = breaches.breach_of(session, found, breach_id), TerminationForm(), None
    if form.validate():
        try:
            renewing.end_for_breach(
                session, engine(), row, form.paper(), form.ends_on.data, Actor(person().id)
            )
            session.commit()
            return _back(number, _("The contract is terminated; what was planned under it is cancelled."))
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
    return _breach_page(number, breach_id, BreachEndForm(formdata=None), form, problem)


def _breach_page(
    number: str, breach_id: int, form: BreachEndForm, notice: TerminationForm, problem: str | None
) -> ResponseReturnValue:
    found, session = contract_by_number(number), db.session()
    row = breaches.breach_of(session, found, breach_id)
    owed = row.by_side == "them" and row.kind in breaches.OWED and found.customer_id is not None
    page = render_template(
        "contracts/breach.html",
        contract=found,
        breach=row,
        form=form,
        notice=notice,
        problem=problem,
        case=open_case(session, found.customer_id or 0) if owed else None,
        may_perform=may(person(), "contract.perform", found),
    )
    return (page, 422) if request.method == "POST" else page


# --- invoices -------------------------------------------------------------------------------------------------------


@blueprint.route("/<number>/invoices/link", methods=["GET", "POST"])
@allowed("contract.see")
def link_invoice(number: str) -> ResponseReturnValue:
    """Say which invoice belongs to the contract."""
    found, session = contract_by_number(number), db.session()
    check("contract.perform", found)
    form, problem = ItemForm(), None
    if form.validate_on_submit():
        try:
            contract_items.link(session, found, form.number.data or "", today(), person().id)
            session.commit()
            return _back(number, _("The invoice belongs to the contract now."))
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
    return _page("contracts/link_invoice.html", form, problem, number)


@blueprint.route("/<number>/invoices/<int:item_id>/unlink", methods=["GET", "POST"])
@allowed("contract.see")
def unlink_invoice(number: str, item_id: int) -> ResponseReturnValue:
    """Say that an invoice does not belong to the contract."""
    found, session = contract_by_number(number), db.session()
    check("contract.perform", found)
    form, problem = UnlinkForm(), None
    item = contract_items.linked_item(session, found, item_id)
    if form.validate_on_submit():
        try:
            contract_items.unlink(session, found, item_id, form.why.data or "", today(), person().id)
            session.commit()
            return _back(number, _("The invoice is taken out of the contract."))
        except InvalidAnswer as refused:
            session.rollback()
            problem = at_field(form, refused)
            item = contract_items.linked_item(session, contract_by_number(number), item_id)
    return _page("contracts/unlink_invoice.html", form, problem, number, item=item)


def _page(
    template: str, form: Any, problem: str | None, number: str, milestone_id: int = 0, **facts: Any
) -> ResponseReturnValue:
    """A form's page; read anew, for what was refused has been rolled back."""
    found = contract_by_number(number)
    row = milestones.milestone_of(db.session(), found, milestone_id) if milestone_id else None
    page = render_template(template, contract=found, form=form, problem=problem, row=row, **facts)
    return (page, 422) if form.is_submitted() else page


def _back(number: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("contracts.contract", number=number))
