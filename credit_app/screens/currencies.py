"""Currencies in use, their exchange rates, and which rates are missing today."""

from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from credit_app.db import db
from credit_app.facts.rates import known_rate, needed_rates
from credit_app.forms.administration import CurrencyForm, RateForm
from credit_app.i18n import _, written_day
from credit_app.models import Currency, ExchangeRate, currency_codes, the_company
from credit_app.screens.access import allowed
from credit_app.screens.clock import today
from credit_app.screens.policy_reading import scalar

blueprint = Blueprint("currencies", __name__, url_prefix="/admin/currencies")


@blueprint.get("")
@allowed("currency.see")
def index() -> ResponseReturnValue:
    """Show currencies, the newest rate of each pair, and what is missing."""
    return page(CurrencyForm(formdata=None), rate_form(None))


@blueprint.post("/add")
@allowed("currency.change")
def add() -> ResponseReturnValue:
    """Take a currency into use."""
    form = CurrencyForm()
    if form.validate_on_submit():
        if db.session.get(Currency, form.code.data) is None:
            values = {
                "code": form.code.data,
                "name": form.name.data,
                "minor_units": int(form.minor_units.data),
            }
            db.session.execute(insert(Currency).values(values).on_conflict_do_nothing())
            db.session.commit()
            flash(_("%(code)s is in use now.", code=form.code.data), "success")
            return redirect(url_for("currencies.index"))
        form.code.errors = [_("%(code)s is in use already.", code=form.code.data)]
    return page(form, rate_form(None))


@blueprint.post("/rates")
@allowed("currency.change")
def add_rate() -> ResponseReturnValue:
    """Enter a rate. An earlier one of the same day stays on record, and this one corrects it."""
    form = rate_form(request.form)
    if form.validate_on_submit():
        base, quote, day = form.base.data, form.quote.data, form.day.data
        before = known_rate(db.session(), base, quote, day)
        if day > today():
            form.day.errors = [_("A rate is known from its day on: give today or a past day.")]
        elif not form.checked.data and before is not None and departs(form.exact, before):
            form.rate.errors = [
                _(
                    "%(rate)s is far from the %(before)s on record; correct it, or tick below that"
                    " you have checked it.",
                    rate=exact_rate(form.exact),
                    before=exact_rate(before.quantize(Decimal("1e-8"))),
                )
            ]
        else:
            db.session.add(
                ExchangeRate(base=base, quote=quote, day=day, rate=form.exact, source=form.source.data)
            )
            db.session.commit()
            flash(_("The rate of %(day)s is entered.", day=written_day(day)), "success")
            return redirect(url_for("currencies.index"))
    return page(CurrencyForm(formdata=None), form)


def departs(rate: Decimal, before: Decimal) -> bool:
    """Return whether a rate is more than a fifth away from the one before, as a slip of the finger would be."""
    return abs(rate - before) > before / 5


def exact_rate(rate: Decimal) -> str:
    """Return a rate with all its decimals, no needless zeros."""
    return scalar(rate.normalize())


def rate_form(given: object) -> RateForm:
    """Return the form of a rate with the currencies in use."""
    form = RateForm(given) if given is not None else RateForm(formdata=None, day=today())
    return form.offer(currency_codes(db.session()))


def page(form: CurrencyForm, rate: RateForm) -> tuple[str, int]:
    """Return the page with both forms as they stand."""
    newest = (
        select(ExchangeRate)
        .ext(distinct_on(ExchangeRate.base, ExchangeRate.quote))
        .where(ExchangeRate.day <= today())
        .order_by(ExchangeRate.base, ExchangeRate.quote, ExchangeRate.day.desc(), ExchangeRate.id.desc())
    )
    shown = render_template(
        "admin/currencies.html",
        form=form,
        rate=rate,
        base=the_company(db.session()).base_currency,
        currencies=db.session.scalars(select(Currency).order_by(Currency.code)).all(),
        newest=db.session.scalars(newest).all(),
        needed=needed_rates(db.session(), today()),
    )
    return shown, 422 if form.errors or rate.errors else 200
