"""Promises to pay: the list with how many are kept, one with what came of it, and the form that takes one down."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from credit_app import promises as starting
from credit_app.db import db
from credit_app.facts import promised
from credit_app.facts import promises as facts_of
from credit_app.facts.subjects import PROMISE
from credit_app.forms.promises import PromiseForm
from credit_app.i18n import _
from credit_app.models import Person
from credit_app.models.promises import PROMISE_STATUSES, PromiseToPay
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.agreed import debts, fetch, for_customer, list_page
from credit_app.screens.problems import at_field
from workflows import Actor, Refused, inbox


@blueprint.get("/promises")
@allowed("promise.see")
def promises() -> ResponseReturnValue:
    """Show the promises, and which share of them each collector's debtors have kept."""
    session = db.session()
    records = facts_of.records_of_collectors(session, today())
    people = [(session.get_one(Person, who), record) for who, record in records.items()]
    return list_page(
        PromiseToPay, PROMISE, PROMISE_STATUSES, PromiseToPay.promised_on, "collection/promises.html",
        records=sorted(people, key=lambda row: row[0].name),
    )  # fmt: skip


@blueprint.get("/promises/<number>")
@allowed("promise.see")
def promise(number: str) -> ResponseReturnValue:
    """Show a promise: its day, what came of each item, what happens next."""
    session, (found, file) = db.session(), fetch(PromiseToPay, number)
    running = found.closed_on is None
    page = render_template(
        "collection/promise.html",
        promise=found,
        customer=file.customer,
        came=promised.came_by_item(session, found.items) if running else {},
        paid=promised.came(session, found) if running else found.paid,
        record=facts_of.record_of_customer(session, found.customer_id, today()),
        interrupted=promised.interrupted_by(session, found),
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
        may_open_document=may(person(), "customer.file", file.customer),
    )
    file.log("view", "account")
    session.commit()
    return page


@blueprint.route("/promises/new", methods=["GET", "POST"])
@allowed("promise.see")
def new_promise() -> ResponseReturnValue:
    """Take down what a debtor promises."""
    file, session = for_customer("promise.record"), db.session()
    open_debts = debts(file.customer)
    form = PromiseForm().offer(sorted({debt.item.currency for debt in open_debts}))
    problem = None
    if form.validate_on_submit():
        try:
            row = starting.take_promise(
                session, engine(), file.customer, form.answer(), Actor(person().id), "screen:collection.new_promise",
                now(), may_go_beyond=may(person(), "promise.beyond", file.customer),
            )  # fmt: skip
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
        else:
            address = url_for("collection.promise", number=row.number)
            file.log("change", "account", {"promise": [None, row.number]})
            session.commit()
            flash(_("The promise is taken down."), "success")
            return redirect(address)
    policy = facts_of.policy_of(session, today())
    page = render_template(
        "collection/promise_new.html",
        customer=file.customer,
        debts=open_debts,
        form=form,
        problem=problem,
        policy=policy,
        broken=facts_of.broken_lately(session, file.customer.id, today()),
        record=facts_of.record_of_customer(session, file.customer.id, today()),
    )
    return (page, 422) if form.is_submitted() else page
