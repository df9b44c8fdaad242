"""Provisions: the run of each month end with its lines and movement, running one, and specific reserves."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.ageing import AgeingPolicy
from credit_app.domain.provision import last_month_end, total_of
from credit_app.facts import provision as facts_of
from credit_app.facts.customer_access import log_access
from credit_app.forms.provision import ReserveForm, RunForm
from credit_app.i18n import _, ngettext, said
from credit_app.models import policy_values
from credit_app.models.provision import ProvisionRun
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.exporting import send_table
from credit_app.screens.receivables import blueprint
from credit_app.screens.receivables.board import day_of
from credit_app.screens.receivables.words import bucket_words, segment_word
from workflows import InvalidAnswer, NotFound, Refused


@blueprint.get("/provisions")
@allowed("provision.see")
def provisions() -> ResponseReturnValue:
    """Show the latest run, or that of a month, beside the others; what history says of the rates."""
    return provisions_page()


@blueprint.post("/provisions/run")
@allowed("provision.see")
def run_provision() -> ResponseReturnValue:
    """Run the provision of a month end, and of those before it that were left out."""
    check("provision.run")
    form = RunForm(prefix="run")
    if form.validate():
        session = db.session()
        try:
            done = facts_of.run_until(session, form.month.data, today(), person().id)
        except Refused as refused:
            session.rollback()
            form.month.errors = [said(refused)]
        else:
            month = done[-1].month_end.isoformat()
            words = ngettext(
                "The provision of %(num)s month is run.",
                "The provisions of %(num)s months are run.",
                len(done),
            )
            session.commit()
            flash(words, "success")
            return redirect(url_for("receivables.provisions", month=month))
    return provisions_page(run=form), 422


@blueprint.post("/provisions/reserve")
@allowed("provision.see")
def reserve() -> ResponseReturnValue:
    """Reserve an amount for one debt, or put it back into the matrix."""
    check("provision.reserve")
    form = ReserveForm(prefix="reserve")
    if form.validate():
        session = db.session()
        amount = None if form.released.data else form.amount.given
        try:
            row = facts_of.reserve(session, form.number.data, amount, form.reason.data, today(), person().id)
        except InvalidAnswer as refused:
            session.rollback()
            form[refused.field].errors = [said(refused)]
        else:
            change = {"specific_reserve": [None, str(amount) if amount is not None else _("released")]}
            log_access(session, row.item.customer_id, person().id, "change", "account", now(), "", change)
            session.commit()
            flash(_("The reserve is kept."), "success")
            return redirect(url_for("receivables.provisions"))
    return provisions_page(reserve=form), 422


@blueprint.get("/provisions/<month>/<any(matrix, movement):part>.<any(csv, xlsx):form>")
@allowed("provision.see")
def export_provision(month: str, part: str, form: str) -> ResponseReturnValue:
    """Send the lines or the movement of a run."""
    run = run_of(month)
    rows = list(movement_rows(run) if part == "movement" else matrix_rows(run))
    heads = movement_heads() if part == "movement" else matrix_heads()
    title = _("Movement of provisions") if part == "movement" else _("Provision matrix")
    return send_table(form, f"provision-{part}-{run.month_end.isoformat()}", title, heads, iter(rows))


# --- inside -------------------------------------------------------------------------------------------------------


def provisions_page(**forms: Any) -> str:
    """The page with its forms as they stand."""
    session, day = db.session(), today()
    runs = facts_of.runs_of(session)
    asked = request.args.get("month", "")
    shown = run_of(asked) if asked else next(iter(runs), None)
    history, missing = None, ""
    if "history" in request.args:  # looks at every entry of a year: only when it is asked for
        try:
            history = facts_of.history_of(session, day)
        except Refused as refused:
            missing = said(refused)
    ends = AgeingPolicy.from_policy(policy_values(session, day)).ends
    return render_template(
        "receivables/provisions.html",
        runs=runs,
        shown=shown,
        total=total_of(shown.movements) if shown else None,
        totals={run.id: total_of(run.movements) for run in runs},
        words=bucket_words_of(shown) if shown else [],
        history=history,
        history_words=bucket_words(ends),
        missing=missing,
        asked_history="history" in request.args,
        reserves=facts_of.reserves_of(session, day),
        run=forms.get("run") or RunForm(formdata=None, prefix="run", month=last_month_end(day)),
        reserve=forms.get("reserve") or ReserveForm(formdata=None, prefix="reserve"),
        may_run=may(person(), "provision.run"),
        may_reserve=may(person(), "provision.reserve"),
    )


def run_of(month: str) -> ProvisionRun:
    """The run of a month end as the address writes it. Raises NotFound, BadParameter."""
    day = day_of(month, date.min)
    found = db.session.scalar(select(ProvisionRun).where(ProvisionRun.month_end == day))
    if found is None:
        raise NotFound(_("No provision of this month was run."))
    return found


def bucket_words_of(run: ProvisionRun) -> Sequence[str]:
    """The buckets as they were on the day of the run."""
    return bucket_words(AgeingPolicy.from_policy(policy_values(db.session(), run.month_end)).ends)


def matrix_heads() -> list[str]:
    """The headings of the lines."""
    return [
        _("Segment"), _("Age"), _("Debt"), _("Currency"), _("Balance"), _("Loss rate"), _("Factor"),
        _("Provision"), _("In base currency"),
    ]  # fmt: skip


def movement_heads() -> list[str]:
    """The headings of the movement."""
    return [
        _("Segment"), _("Opening"), _("Charge"), _("Reversal"), _("Write-off"), _("Recovery"), _("FX"), _("Closing"),
        _("Currency"),
    ]  # fmt: skip


def matrix_rows(run: ProvisionRun) -> list[tuple[Any, ...]]:
    """The lines of a run."""
    words = bucket_words_of(run)
    return [
        (
            segment_word(row.segment), words[row.bucket] if row.bucket is not None else _("specific reserve"),
            row.item.number if row.item else "", row.currency, row.balance, row.rate, row.factor, row.amount,
            row.base_amount,
        )
        for row in run.lines
    ]  # fmt: skip


def movement_rows(run: ProvisionRun) -> list[tuple[Any, ...]]:
    """The movement of a run by segment, and of all."""
    rows = [(segment_word(row.segment), row) for row in run.movements]
    both: list[tuple[str, Any]] = [*rows, (_("Total"), total_of(run.movements))]
    return [
        (
            name, row.opening, row.charge, row.reversal, row.write_off, row.recovery, row.fx, row.closing,
            run.currency,
        )
        for name, row in both
    ]  # fmt: skip
