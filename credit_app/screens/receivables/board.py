"""The receivables board: what is owed, how old it is and who owes most, on any day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.ageing import WeightPolicy
from credit_app.facts.ageing import Ageing, Filter, ageing, balance_total, control_total
from credit_app.facts.days_late import average_days_late
from credit_app.facts.receivables import (
    LargeItem,
    items_of_age,
    key_customers,
    large_items,
    names_of,
    unallocated_money,
)
from credit_app.i18n import _, listed
from credit_app.models import GRADES, Branch, Currency, Customer, currency_codes, policy_values
from credit_app.permissions import CREDIT, LEDGER, branches_of
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.exporting import send_table
from credit_app.screens.listing import BadParameter
from credit_app.screens.receivables import blueprint
from credit_app.screens.receivables.words import GROUPINGS, bucket_words, key_word

ROLES = (*CREDIT, *LEDGER, "auditor")
VIEWS = ("ageing", "key", "large", "money", "items")
SHOWN = 100
NARROW = {
    "branch": "branch",
    "rating": "grade",
    "currency": "currency",
    "rep": "rep",
}  # what filters a row's items
MOST_ITEMS = 200


@blueprint.get("")
@allowed("receivables.board")
def board() -> ResponseReturnValue:
    """Show the ageing by customer or another grouping, key customers, large items or money on account."""
    session = db.session()
    asked = Asked()
    found = ageing(session, asked.day, asked.by, asked.only)
    if asked.view == "items" and not (asked.age is not None and asked.age < found.policy.buckets):
        raise BadParameter(_("Choose one of the ages of the ageing."))
    rows, share = key_customers(session, found) if asked.view == "key" else (found.rows, None)
    shown = rows[:SHOWN]
    names = names_of(session, asked.by, [row.key for row in shown])
    return render_template(
        "receivables/board.html",
        asked=asked,
        found=found,
        rows=shown,
        left_out=len(rows) - len(shown),
        share=share,
        late=average_days_late(session, asked.day, asked.by, asked.only) if rows else {},
        names=names,
        name_of=lambda key: key_word(asked.by, key, names),
        buckets=bucket_words(found.policy.ends, found.policy.basis == "document"),
        least=WeightPolicy.from_policy(policy_values(session, asked.day)).large_item,
        large=large_items(session, asked.day, asked.only) if asked.view == "large" else [],
        items=aged(found, asked),
        most_items=MOST_ITEMS,
        age_url=lambda key, bucket: asked.age_url(key, bucket, names),
        money_rows=unallocated_money(session, asked.day, asked.only) if asked.view == "money" else [],
        ties=ties(found, asked),
        branches=session.execute(select(Branch.id, Branch.name).order_by(Branch.name)).all(),
        currencies=currency_codes(db.session()),
        grades=GRADES,
        groupings=GROUPINGS,
        today=today(),
    )


@blueprint.get("/ageing.<any(csv, xlsx):form>")
@allowed("receivables.board")
def export_ageing(form: str) -> ResponseReturnValue:
    """Send every row of the ageing as it is filtered and grouped, in base currency."""
    session, asked = db.session(), Asked()
    found = ageing(session, asked.day, asked.by, asked.only)
    names = names_of(session, asked.by, [row.key for row in found.rows])
    late = average_days_late(session, asked.day, asked.by, asked.only)
    buckets = bucket_words(found.policy.ends, found.policy.basis == "document")
    heads = [_("Number"), GROUPINGS[asked.by], _("Owed"), _("Overdue"), *buckets]
    heads += [_("Credit notes"), _("Money on account"), _("Net"), _("Days late"), _("Currency")]
    rows = [
        (
            names.get(row.key, ("", ""))[1], key_word(asked.by, row.key, names), row.owed, row.overdue, *row.buckets,
            row.credits, row.unallocated, row.net, late.get(row.key), found.currency,
        )
        for row in found.rows
    ]  # fmt: skip
    return send_table(form, f"ageing-{asked.day.isoformat()}", _("Ageing"), heads, iter(rows))


def aged(found: Ageing, asked: "Asked") -> list[LargeItem]:
    """The open items of the age that was asked for, and one more when there are too many to show."""
    if asked.view != "items" or asked.age is None:
        return []
    return items_of_age(db.session(), asked.day, asked.only, asked.age, found.policy, MOST_ITEMS + 1)


def ties(found: Ageing, asked: "Asked") -> bool | None:
    """Whether the balances come to what all entries come to; None where only a part of the books is shown."""
    if not asked.only.is_open:
        return None
    return control_total(db.session(), found.as_of) == balance_total(db.session(), found.as_of)


class Asked:
    """What the address asks for. Raises BadParameter for what this page does not know."""

    def __init__(self) -> None:
        self.args: Mapping[str, str] = {name: value for name, value in request.args.items() if value}
        self.view = self.one_of("view", VIEWS, "ageing")
        self.by = "customer" if self.view == "key" else self.one_of("by", tuple(GROUPINGS), "customer")
        self.day = day_of(self.args.get("as_of", ""), today())
        self.grade = self.one_of("grade", GRADES, "")
        self.currency = self.args.get("currency", "")
        self.branch = self.number("branch", _("This branch is not one of yours."))
        self.age = self.number("age", _("Choose one of the ages of the ageing."))
        self.rep = self.number("rep", _("Please choose a colleague from the list."))
        self.customer = self.args.get("customer", "")
        if self.currency and not db.session.get(Currency, self.currency):
            raise BadParameter(_("“%(code)s” is no currency in use here.", code=self.currency[:10]))
        self.only = self._only()

    def _only(self) -> Filter:
        mine = branches_of(person(), ROLES)
        only = Filter(
            branches=None if mine is None else sorted(mine),
            grade=self.grade or None,
            currency=self.currency or None,
            rep_id=self.rep,
            customer_ids=self._customer_ids(),
        )
        if self.branch is None:
            return only
        if mine is not None and self.branch not in mine:
            raise BadParameter(_("This branch is not one of yours."))
        return replace(only, branches=[self.branch])

    def _customer_ids(self) -> list[int] | None:
        if not self.customer:
            return None
        found = db.session.scalar(select(Customer.id).where(Customer.number == self.customer))
        if found is None:
            raise BadParameter(_("There is no customer %(number)s.", number=self.customer[:40]))
        return [found]

    def one_of(self, name: str, words: tuple[str, ...], otherwise: str) -> str:
        """A word of the address, or what holds without one."""
        value = self.args.get(name, otherwise)
        if value != otherwise and value not in words:
            raise BadParameter(
                _(
                    "“%(value)s” is no choice here. Possible are: %(names)s.",
                    value=value[:60],
                    names=listed(words),
                )
            )
        return value

    def number(self, name: str, otherwise: str) -> int | None:
        """A number of the address, None without one; `otherwise` says what is wrong with anything else."""
        value = self.args.get(name, "")
        if value and not (value.isascii() and value.isdigit() and len(value) < 19):
            raise BadParameter(otherwise)
        return int(value) if value else None

    def url(self, **changes: str | None) -> str:
        """The address of this page with these parameters changed, or left out with None."""
        args = {**self.args, **changes}
        kept: dict[str, Any] = {name: value for name, value in args.items() if value}
        return url_for("receivables.board", **kept)

    def age_url(self, key: Any, bucket: int, names: Mapping[Any, tuple[str, str]]) -> str | None:
        """The address of the open items of one age of a row; None for rows that no filter is known for."""
        one = {"view": "items", "by": None, "age": str(bucket)}
        if self.by == "customer":
            return self.url(**one, customer=names[key][1]) if key in names else None
        return self.url(**one, **{NARROW[self.by]: str(key)}) if key and self.by in NARROW else None

    def export_url(self, form: str) -> str:
        """The address of the same rows as a table."""
        kept: dict[str, Any] = {name: value for name, value in self.args.items() if name != "view"}
        return url_for("receivables.export_ageing", form=form, **kept)


def day_of(text: str, otherwise: date) -> date:
    """The day of an address, not later than today; `otherwise` without one. Raises BadParameter."""
    if not text:
        return otherwise
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadParameter(_("This is no date.")) from None
    if found > today() or found.year < 1970:
        raise BadParameter(_("Choose today or a past day."))
    return found
