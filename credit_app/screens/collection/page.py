"""The page of a case, from which a collector calls: all that is at hand, a contact taken down, who leads decides."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts.call_sheet import call_sheet
from credit_app.facts.contacts import take_down, to_enter
from credit_app.facts.insolvency import insolvency_of
from credit_app.facts.late_receipts import late_receipts
from credit_app.facts.worklist_lines import line_of
from credit_app.forms.base import Form
from credit_app.forms.worklist import ContactForm, GiveUpForm, PauseForm, TagForm
from credit_app.i18n import _
from credit_app.leading import told_who_has
from credit_app.models import CollectionCase
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.cases import case_by_number
from credit_app.screens.collection.procedures import procedures_of
from credit_app.screens.collection.views import colleagues
from credit_app.screens.collection.worklist_words import contact_choices, reasons
from credit_app.screens.file.opening import opened
from credit_app.screens.problems import problems
from workflows import Conflict, Refused, inbox


@blueprint.get("/cases/<number>")
@allowed("collection.see")
def case(number: str) -> ResponseReturnValue:
    """Show a case: why it is where it is, what is owed, what was said, and what can be done now."""
    found = case_by_number(number)
    file = opened(found.customer.number)
    shown = case_page(number)
    file.log("view", "account")
    db.session.commit()
    return shown


@blueprint.post("/cases/<number>/contacts")
@allowed("collection.work")
def add_contact(number: str) -> ResponseReturnValue:
    """Take down what was tried or said, by whichever way, also outside of a task."""
    session, form = db.session(), ContactForm()
    found = case_by_number(number)
    check("collection.work", found.customer)
    if not form.validate():
        return case_page(number, form=form), 422
    entered = form.answer()
    try:
        refuse_another(found, entered.direction)
        take_down(
            session, found, entered.choice, person().id, now(), today(), channel=entered.channel,
            direction=entered.direction, reason_code=entered.reason_code, reached=entered.reached, note=entered.note,
            follow_up_on=entered.follow_up_on,
        )  # fmt: skip
        session.commit()
    except Refused as error:
        session.rollback()
        return case_page(number, form=form, refused=error), error.status
    flash(_("The contact is on record."), "success")
    return redirect(url_for("collection.case", number=number))


def case_page(number: str, form: Form | None = None, refused: Refused | None = None) -> str:
    """The page of a case. `form` is the one that was refused: what was typed stays in it."""
    session, found = db.session(), case_by_number(number)
    opened(found.customer.number)
    forms: dict[str, Any] = {
        name: form if isinstance(form, kind) else kind(formdata=None)
        for name, kind in (
            ("contact", ContactForm), ("pausing", PauseForm), ("giving_up", GiveUpForm), ("tagging", TagForm),
        )
    }  # fmt: skip
    leads = found.status == "open" and may(person(), "collection.lead", found.customer)
    tasks = inbox.of_instance(session, found.instance_id) if found.instance_id else []
    line = line_of(session, found, today())
    who_has = told_who_has(session, found) if found.collector_id not in (None, person().id) else None
    if who_has and form is None:
        forms["contact"].direction.data = "in"
    return render_template(
        "collection/case.html",
        case=found,
        customer=found.customer,
        line=line,
        to_enter=to_enter(session, line.last) if found.status == "open" else None,
        late=late_receipts(session, found.customer_id),
        sheet=call_sheet(session, found, today()),
        insolvency=insolvency_of(session, found.customer_id, today()),
        procedures=procedures_of(found.customer),
        why=reasons,
        tasks=tasks,
        problems=problems(form, refused) if form is not None or refused is not None else [],
        refused_form=form,
        contact_choices=contact_choices(),
        who_has=who_has,
        may_work=found.status == "open" and may(person(), "collection.work", found.customer),
        may_lead=leads,
        colleagues=colleagues() if leads else [],
        today=today(),
        may_interest=may(person(), "interest.see", found.customer),
        **forms,
    )


def refuse_another(case: CollectionCase, direction: str) -> None:
    """Two collectors do not work one case: the second may take down what the debtor says, not turn to the debtor."""
    if case.status != "open":
        raise Conflict(_("This case has ended; nothing of it is collected any more."))
    if direction == "out" and case.collector_id not in (None, person().id):
        raise Conflict(told_who_has(db.session(), case))
