"""A customer's late interest, explained line by line; claiming it, waiving it, and the rate that was agreed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.domain.interest_policy import InterestPolicy
from credit_app.domain.money import format_amount
from credit_app.facts import interest_claims as claims
from credit_app.facts.interest_statement import fee_sentences
from credit_app.facts.interest_words import formula, jurisdiction_word, rate_word
from credit_app.forms.interest import AgreementForm, ClaimForm, WaiveForm
from credit_app.i18n import _, ngettext, said
from credit_app.models import ReceivableItem, policy_values, the_company
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import today
from credit_app.screens.collection import blueprint
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.present import per_cent
from workflows import Refused

LONGEST_ID = 18


@blueprint.get("/customers/<number>/interest")
@allowed("interest.see")
def interest(number: str) -> ResponseReturnValue:
    """Show the late interest that is left to claim, and what was claimed and waived."""
    file = opened(number)
    page = interest_page(file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.post("/customers/<number>/interest/claim")
@allowed("interest.see")
def claim_interest(number: str) -> ResponseReturnValue:
    """Claim what is left of the ticked invoices up to today."""
    file = opened(number)
    check("interest.claim", file.customer)
    form = ClaimForm(prefix="claim")
    problem = ""
    if form.validate():
        try:
            rows = claims.claim(db.session(), file.customer, ticked("items"), today(), person().id)
        except Refused as refused:
            db.session.rollback()
            problem = said(refused)
        else:
            total = ", ".join(f"{row.item.number}: {row.amount}" for row in rows)[:500]
            words = ngettext(
                "Late interest of %(num)s invoice is claimed.",
                "Late interest of %(num)s invoices is claimed.",
                len(rows),
            )
            return done(file, words, {"interest_claimed": [None, total]})
    return interest_page(file, problem), 422


@blueprint.post("/customers/<number>/interest/waive")
@allowed("interest.see")
def waive_interest(number: str) -> ResponseReturnValue:
    """Waive what is left of the ticked invoices, and what is open of ticked interest that was claimed."""
    file = opened(number)
    check("interest.waive", file.customer)
    form = WaiveForm(prefix="waive")
    problem = ""
    if form.validate():
        try:
            total = claims.waive(
                db.session(),
                file.customer,
                ticked("items"),
                ticked("posted"),
                form.reason.data,
                today(),
                person(),
            )
        except Refused as refused:
            db.session.rollback()
            problem = said(refused)
        else:
            amount = format_amount(total, the_company(db.session()).base_currency)
            words = _("%(amount)s of late interest and fees is waived.", amount=amount)
            return done(file, words, {"interest_waived": [None, amount]})
    return interest_page(file, problem, waive=form), 422


@blueprint.post("/customers/<number>/interest/agree")
@allowed("interest.see")
def agree_interest(number: str) -> ResponseReturnValue:
    """Keep what was agreed with the customer."""
    file = opened(number)
    check("interest.agree", file.customer)
    form = AgreementForm(prefix="agree")
    if form.validate():
        claims.agree(
            db.session(), file.customer, form.valid_from.data, form.number, bool(form.small_enterprise.data),
            form.ground.data, person().id,
        )  # fmt: skip
        rate = str(form.number) if form.number is not None else _("what the law gives")
        return done(file, _("The agreement is kept."), {"interest_agreed": [None, rate]})
    return interest_page(file, agree=form), 422


# --- inside -------------------------------------------------------------------------------------------------------


def interest_page(file: Opened, problem: str = "", **forms: Any) -> str:
    """The page with its forms as they stand; where a rate is missing it says which one."""
    session, customer, day = db.session(), file.customer, today()
    ids = claims.late_items(session, customer.id, day)
    missing = ""
    try:
        left = claims.unclaimed_of(session, ids, customer.country, day)
    except Refused as refused:
        left, missing = {}, said(refused)
    numbers = numbers_of([item_id for item_id in ids if item_id in left])
    rows = [(item_id, numbers[item_id], left[item_id]) for item_id in ids if item_id in left]
    policy = InterestPolicy.from_policy(policy_values(session, day))
    asked = request.method == "POST"
    return render_template(
        "collection/interest.html",
        customer=customer,
        day=day,
        rows=rows,
        totals=totals_of(left),
        fees=fee_sentences(list(left.values())),
        missing=missing,
        problem=problem,
        law=jurisdiction_word(policy.jurisdiction(customer.country)),
        posted=claims.posted_open(session, customer.id),
        claims=claims.claims_of(session, customer.id),
        agreements=claims.agreements_of(session, customer.id),
        chosen=set(ticked("items") + ticked("posted")) if asked else {item_id for item_id, _n, _i in rows},
        claim=ClaimForm(formdata=None, prefix="claim"),
        waive=forms.get("waive") or WaiveForm(formdata=None, prefix="waive"),
        agree=forms.get("agree") or AgreementForm(formdata=None, prefix="agree", valid_from=day),
        may_claim=may(person(), "interest.claim", customer),
        may_waive=may(person(), "interest.waive", customer),
        may_agree=may(person(), "interest.agree", customer),
    )


def totals_of(left: Mapping[int, Any]) -> list[tuple[str, Decimal]]:
    """(currency, interest left to claim), by currency."""
    totals: dict[str, Decimal] = {}
    for one in left.values():
        totals[one.currency] = totals.get(one.currency, Decimal(0)) + one.amount
    return sorted(totals.items())


def numbers_of(item_ids: list[int]) -> dict[int, str]:
    """The numbers of items."""
    rows = db.session().query(ReceivableItem.id, ReceivableItem.number)
    return {row[0]: row[1] for row in rows.filter(ReceivableItem.id.in_(item_ids))}


def ticked(name: str) -> list[int]:
    """The ids that were ticked; what is no id is left out."""
    texts = request.form.getlist(name)
    return [int(one) for one in texts if one.isascii() and one.isdigit() and len(one) <= LONGEST_ID]


def done(file: Opened, sentence: str, details: dict[str, Any]) -> ResponseReturnValue:
    """Log and commit, say what was done and show the page."""
    address = url_for("collection.interest", number=file.customer.number)
    file.log("change", "account", details)
    db.session.commit()
    flash(sentence, "success")
    return redirect(address)


def init_app(app: Flask) -> None:
    """Make the words of interest known to every template."""
    app.add_template_filter(rate_word)
    app.add_template_filter(per_cent)
    app.add_template_global(formula, "late_interest_formula")
