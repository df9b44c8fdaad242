"""Letters by rule: which debts they demand and claim, their texts, telephone numbers, and what policy may not say."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from credit_app.domain import dunning_text as texts
from credit_app.domain.default_policy import default_values
from credit_app.domain.dunning import (
    CHANNELS,
    LETTER_LANGUAGES,
    LEVELS,
    DueItem,
    DunningPolicy,
    asks_for_something,
    newly_demanded,
    totals,
)
from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.phone import NotE164, e164

DUE = date(2026, 2, 1)
ITEM = DueItem(1, "R-1", DUE - timedelta(days=30), DUE, 37, "EUR", Decimal(100))
FOLDER = Path(__file__).parents[2] / "templates" / "dunning"


def test_a_debt_is_demanded_once_at_a_level_and_never_after_a_harsher_one() -> None:
    younger = replace(ITEM, item_id=2, due_date=DUE + timedelta(days=20))
    assert newly_demanded([ITEM, younger], "letter_1", DUE) == {1}
    assert newly_demanded([ITEM, younger], "letter_1", younger.due_date) == {1, 2}
    for before, level, demands in (
        ("friendly_notice", "letter_1", {1}),
        ("letter_1", "letter_1", set()),
        ("letter_2", "letter_1", set()),
        ("letter_1", "letter_2", {1}),
        ("reminder", "friendly_notice", {1}),
    ):
        assert newly_demanded([replace(ITEM, demanded=frozenset({before}))], level, DUE) == demands
    disputed = replace(ITEM, disputed=Decimal(60), promised=Decimal(40))
    assert newly_demanded([disputed], "letter_1", DUE) == set()


def test_sums_stand_apart_by_currency_and_a_credit_counts_in_its_own() -> None:
    dollars = replace(ITEM, item_id=2, currency="USD", open_amount=Decimal(50), disputed=Decimal(20))
    fined = replace(ITEM, interest=Decimal("1.50"), fee=Decimal(40), fee_currency="USD")
    left_out = replace(ITEM, item_id=3, promised=Decimal(100), interest=Decimal(9))
    euro, dollar = totals([fined, dollars, left_out], {"EUR": Decimal(30), "GBP": Decimal(99)})
    assert (euro.claimed, euro.interest, euro.fee, euro.credit, euro.to_pay) == (
        100, Decimal("1.50"), 0, 30, Decimal("71.50"),
    )  # fmt: skip
    assert (dollar.currency, dollar.claimed, dollar.fee, dollar.to_pay) == ("USD", 30, 40, 70)
    assert not asks_for_something(totals([ITEM], {"EUR": Decimal(100)}))


@pytest.mark.parametrize(
    ("channel", "text", "problem"),
    [
        ("email", "Dear {contakt}\n{items}", "“{contakt}” is no field here; the fields are {customer}, "),
        ("sms", "{items}", "“{items}” is no field here; the fields are {customer}, "),
        ("email", "{{ config }}\n{items}", "“{ config }” is no field here"),
        ("letter", "{customer.__class__}\n{items}", "“{customer.__class__}” is no field here"),
        ("letter", "{items", "A brace stands alone near “{items”"),
        ("letter", "See {items} here", "The text has to hold {items} exactly once, on a line of its own."),
        ("email", "{items}\n{items}", "The text has to hold {items} exactly once, on a line of its own."),
        ("letter", "{items}\n{", "A brace stands alone near “{”"),
        ("sms", "x" * 481, "The text has 481 characters; at most 480 are accepted here."),
        ("sms", " \n", "The text is empty."),
    ],
)
def test_a_text_with_an_unknown_field_or_a_loose_brace_is_refused(
    channel: str, text: str, problem: str
) -> None:
    with pytest.raises(DomainError) as refused:
        texts.check_body(text, channel)
    assert str(refused.value).startswith(problem)


def test_what_a_field_holds_is_never_read_as_a_field_or_as_the_place_of_the_items() -> None:
    values = {"customer": "{company} {items} \f\u202e AG", "company": "Ours"}
    filled = texts.fill("{customer} of {company}\n{items}\nend", values)
    assert filled == "{company} {items}    AG of Ours\n\f\nend"
    assert texts.around_items(filled) == ("{company} {items}    AG of Ours", "end")
    assert texts.with_items(filled, "R-1") == "{company} {items}    AG of Ours\nR-1\nend"


@pytest.mark.parametrize("language", LETTER_LANGUAGES)
def test_every_shipped_text_is_there_and_sound(language: str) -> None:
    shipped = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    assert tuple(shipped) == LEVELS
    for kept in shipped.values():
        texts.check_subject(kept["subject"])
        for channel in CHANNELS:
            texts.check_body(kept["sms" if channel == "sms" else "body"].strip(), channel)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+49 (0)40 123-4567", "+49401234567"),
        ("0086 21 5555.0000", "+862155550000"),
        ("＋86 138 0000 0000", "+8613800000000"),
        ("040 1234567", None),
        ("+0401234567", None),
        ("+49 40 12a", None),
        ("+1234567890123456", None),
        ("+49", None),
        ("", None),
    ],
)
def test_a_telephone_number_has_its_country_or_is_refused(typed: str, number: str | None) -> None:
    if number is None:
        with pytest.raises(NotE164, match="write it as in"):
            e164(typed)
    else:
        assert e164(typed) == number


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dunning.channels", {"reminder": ["email"]}),
        ("dunning.channels", {level: ["email"] for level in LEVELS}),  # somebody could not be written to
        ("dunning.channels", {level: ["fax", "letter"] for level in LEVELS}),
        ("dunning.pay_within_days", {"letter_1": 10}),
        ("dunning.pay_within_days", dict.fromkeys(LEVELS[1:], 0)),
        ("dunning.review_levels", ["call"]),
        ("dunning.interest_levels", ["reminder"]),
        ("dunning.remind_before_days", 400),
        ("dunning.demand_restarts_limitation", ["China"]),
        ("dunning.sender", "one line"),
    ],
)
def test_policy_that_means_nothing_is_refused_by_its_key(key: str, value: Any) -> None:
    policy = DunningPolicy.from_policy(default_values())
    assert policy.channel("letter_1", email=False, phone=True) == "letter"
    assert policy.channel("friendly_notice", email=False, phone=True) == "sms"
    assert policy.channel("reminder", email=False, phone=True) is None
    with pytest.raises(InvalidPolicy, match=key):
        DunningPolicy.from_policy({**default_values(), key: value})


def test_an_account_is_named_for_each_currency_as_far_as_policy_has_one() -> None:
    accounts = {"EUR": "DE02 1203", "*": "GB33 BUKB"}
    policy = DunningPolicy.from_policy({**default_values(), "dunning.bank_accounts": accounts})
    assert policy.pay_to(["EUR", "USD"]) == (("EUR", "DE02 1203"), ("USD", "GB33 BUKB"))
    assert DunningPolicy.from_policy(default_values()).pay_to(["EUR"]) == ()
