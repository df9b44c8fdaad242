"""Payment plans: the list, one with its instalments, the agreement to sign, and the form that asks for one."""

from datetime import date
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import selectinload

from credit_app import promises as starting
from credit_app.db import db
from credit_app.domain.dates import add_months
from credit_app.facts import agreements, promised
from credit_app.facts import plans as facts_of
from credit_app.facts.promised import Debt
from credit_app.facts.subjects import PLAN
from credit_app.forms.promises import PlanForm
from credit_app.i18n import LANGUAGES, _
from credit_app.models import the_company
from credit_app.models.promises import PLAN_STATUSES, PaymentPlan
from credit_app.reports.pdf import pdf_of
from credit_app.reports.plan import plan_document
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.agreed import debts, fetch, for_customer, list_page
from credit_app.screens.exporting import attached
from credit_app.screens.problems import at_field
from workflows import Actor, NotFound, Refused, inbox

AGREED = ("running", "completed", "broken")


@blueprint.get("/plans")
@allowed("plan.see")
def plans() -> ResponseReturnValue:
    """Show the payment plans."""
    return list_page(
        PaymentPlan, PLAN, PLAN_STATUSES, PaymentPlan.requested_on, "collection/plans.html",
        lambda query: query.options(selectinload(PaymentPlan.instalments)),
    )  # fmt: skip


@blueprint.get("/plans/<number>")
@allowed("plan.see")
def plan(number: str) -> ResponseReturnValue:
    """Show a plan: its instalments with what is paid, what is agreed, who decided, what happens next."""
    session, (found, file) = db.session(), fetch(PaymentPlan, number)
    running = found.closed_on is None
    page = render_template(
        "collection/plan.html",
        plan=found,
        customer=file.customer,
        instalments=facts_of.instalments_of(session, found),
        came=promised.came_by_item(session, found.items) if running else {},
        left=agreements.still_open(session, found) if running else None,
        interrupted=promised.interrupted_by(session, found),
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
        languages=LANGUAGES,
        agreed=found.status in AGREED,
        today=today(),
    )
    file.log("view", "account")
    session.commit()
    return page


@blueprint.get("/plans/<number>/agreement.<language>.pdf")
@allowed("plan.see")
def plan_pdf(number: str, language: str) -> ResponseReturnValue:
    """Hand out the agreement to sign, once the plan was approved."""
    found, file = fetch(PaymentPlan, number)
    if language not in LANGUAGES or found.status not in AGREED:
        raise NotFound(_("There is no agreement of this plan in this language."))
    company = the_company(db.session()).name
    with force_locale(language):
        content = pdf_of(plan_document(company, found, language), now())
    file.log("print", "account")
    db.session.commit()
    return attached(content, "application/pdf", f"{found.number}.{language}.pdf")


@blueprint.route("/plans/new", methods=["GET", "POST"])
@allowed("plan.see")
def new_plan() -> ResponseReturnValue:
    """Ask for a plan; a button fills in equal monthly instalments."""
    file, session = for_customer("plan.request"), db.session()
    open_debts, form, problem = debts(file.customer), PlanForm(), None
    if form.is_submitted() and request.form.get("propose"):
        problem = propose(form, open_debts)
    elif form.validate_on_submit():
        try:
            row = starting.ask_for_plan(
                session, engine(), file.customer, form.items.ids, form.schedule(), Actor(person().id),
                "screen:collection.new_plan", now(),
            )  # fmt: skip
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
        else:
            address = url_for("collection.plan", number=row.number)
            file.log("change", "account", {"payment_plan": [None, row.number]})
            session.commit()
            flash(_("The plan is asked for."), "success")
            return redirect(address)
    page = render_template(
        "collection/plan_new.html",
        customer=file.customer,
        debts=open_debts,
        form=form,
        problem=problem,
        policy=facts_of.policy_of(session, today()),
    )
    return (page, 422) if form.is_submitted() and not request.form.get("propose") else page


# --- inside -------------------------------------------------------------------------------------------------------


def propose(form: PlanForm, open_debts: list[Debt]) -> str | None:
    """Fill in equal monthly instalments over what is free of the ticked items; what is wrong, as a sentence."""
    form.validate()
    form.with_interest.errors, form.ground.errors = [], []
    total = sum((debt.free for debt in open_debts if debt.item.id in form.items.ids), Decimal(0))
    count, first = form.count.number or 0, form.first_on.data
    if total <= 0:
        return _("Choose at least one open item.")
    if not 2 <= count <= facts_of.policy_of(db.session(), today()).most_instalments or first is None:
        return _("Give how many instalments, and the day of the first.")
    days: list[date] = [add_months(first, month) for month in range(count)]
    form.fill_in(total, days)
    return None
