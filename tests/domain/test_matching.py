"""How surely an entry of a bank statement pays what: keys, reasons, certainty, and what is no customer's money."""

from datetime import date
from decimal import Decimal

import pytest

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.matching import (
    Item,
    Match,
    MatchingPolicy,
    Payer,
    by_amount_only,
    certain_match,
    keys_of,
    rank,
    set_aside_as,
    words_of,
)
from tests.domain.policies import VALUES, changed

RULES = MatchingPolicy.from_policy(VALUES)
DUE = date(2026, 3, 1)


def item(number: int, amount: str, customer: int = 1, by: str = "reference", due: date = DUE) -> Item:
    return Item(number, customer, Decimal(amount), due, by)


def best(amount: str, *payers: Payer) -> tuple[Match | None, list[Match]]:
    ranked = rank(Decimal(amount), payers, RULES)
    return certain_match(ranked, RULES), ranked


def test_numbers_are_found_however_payers_write_them() -> None:
    for text in (
        "Invoice INV-2024/0012.",
        "inv 2024 0012",
        "(INV2024-0012)",
        "RE:INV_2024_0012",
        "your inv/2024/0012",
    ):
        assert "INV20240012" in keys_of(text), text
    assert "20240012" in keys_of("INV/20240012")
    assert keys_of("thanks for the order", "12", "") == []
    assert len(keys_of("a1b2 " * 10_000)) < 10
    assert words_of("see inv-0012, and 99") == ["inv-0012"]


@pytest.mark.parametrize(
    ("amount", "payer", "reasons", "parts"),
    [
        ("100", Payer(1, (item(1, "100"),)), ("reference", "amount_named"), ((1, 100),)),
        ("150", Payer(1, (item(1, "100"), item(2, "50"))), ("reference", "amount_named"), ((1, 100), (2, 50))),
        ("100", Payer(1, (item(1, "100", by="order"),)), ("order", "amount_named"), ((1, 100),)),
        ("77", Payer(1, same_amount=(item(3, "77"),), knows_account=True, likeness=Decimal(1)),
            ("amount_item", "account", "name"), ((3, 77),)),
        ("90", Payer(1, balance=Decimal(90), items=(item(1, "40"), item(2, "50")), knows_account=True,
            likeness=Decimal(1)), ("amount_balance", "account", "name"), ((1, 40), (2, 50))),
    ],
)  # fmt: skip
def test_what_is_certain_is_booked(
    amount: str, payer: Payer, reasons: tuple[str, ...], parts: tuple[tuple[int, int], ...]
) -> None:
    match, _ranked = best(amount, payer)
    assert match is not None
    assert (match.reasons, match.parts) == (reasons, parts)
    assert match.certainty >= RULES.certain


@pytest.mark.parametrize(
    ("amount", "payers"),
    [
        # A part, or more than what is named: however well the payer is known.
        ("60", [Payer(1, (item(1, "100"),), knows_account=True, likeness=Decimal(1))]),
        ("120", [Payer(1, (item(1, "100"),), knows_account=True, likeness=Decimal(1))]),
        ("99.50", [Payer(1, (item(1, "100"),))]),
        # Two customers are named, or two items have the amount.
        ("100", [Payer(1, (item(1, "100"),)), Payer(2, (item(2, "100", 2),))]),
        ("100", [Payer(1, (item(1, "100"),)), Payer(2, (item(2, "7", 2),))]),
        ("77", [Payer(1, same_amount=(item(3, "77"), item(4, "77")), knows_account=True, likeness=Decimal(1))]),
        # The account is that of several customers; or only the name speaks beside the amount.
        ("77", [Payer(1, same_amount=(item(3, "77"),), knows_account=True, shared_account=True)]),
        ("77", [Payer(1, same_amount=(item(3, "77"),), likeness=Decimal(1))]),
    ],
)  # fmt: skip
def test_what_is_not_certain_waits_with_a_suggestion(amount: str, payers: list[Payer]) -> None:
    match, ranked = best(amount, *payers)
    assert match is None
    assert ranked
    assert ranked[0].reasons


def test_a_payment_goes_over_what_it_names_the_oldest_first_and_never_beyond() -> None:
    old, new = item(2, "80", due=date(2026, 1, 1)), item(1, "80")
    assert best("100", Payer(1, (new, old)))[1][0].parts == ((2, Decimal(80)), (1, Decimal(20)))
    assert best("500", Payer(1, (new, old)))[1][0].parts == ((2, Decimal(80)), (1, Decimal(80)))
    assert best("80", Payer(1, (item(1, "80"), item(2, "30"))))[1][0].parts == ((1, Decimal(80)),)


def test_a_known_payer_without_an_item_is_suggested_for_the_account_only() -> None:
    match, ranked = best("5", Payer(1, knows_account=True, likeness=Decimal("0.9")), Payer(2))
    assert match is None
    assert [(one.customer_id, one.parts, one.reasons) for one in ranked] == [(1, (), ("account", "name"))]


def test_what_only_the_amount_speaks_for_is_suggested_last_and_never_booked() -> None:
    known = best("77", Payer(1, knows_account=True, shared_account=True))[1]
    late, early = item(8, "77", 2), item(9, "77", 3, due=date(2026, 1, 1))
    added = by_amount_only([late, early], known, RULES)
    assert [(one.customer_id, one.parts, one.reasons) for one in added] == [
        (3, ((9, Decimal(77)),), ("amount",)), (2, ((8, Decimal(77)),), ("amount",)),
    ]  # fmt: skip
    assert {one.certainty for one in added} == {RULES.suggest_from / 2}  # each may be meant
    assert added[0].certainty < known[0].certainty
    (single,) = by_amount_only([late], [], RULES)
    assert single.certainty == RULES.suggest_from
    assert certain_match([single], RULES) is None
    explained = best("100", Payer(1, (item(1, "100"),)))[1]
    assert by_amount_only([late], explained, RULES) == []


@pytest.mark.parametrize(
    ("amount", "is_return", "code", "own", "rule"),
    [
        ("-9", False, "PMNT/MDOP/CHRG", False, "fee"),
        ("-9", False, "PMNT/ICDT/ESCT", False, "outgoing"),
        ("-9", True, "PMNT/RDDT/UPDD", False, None),
        ("9", False, "ACMT/MCOP/INTR", False, "interest"),
        ("9", False, "PMNT/RCDT/ESCT", True, "own_transfer"),
        ("9", False, "PMNT/RCDT/ESCT", False, None),
    ],
)
def test_what_is_no_customers_money(
    amount: str, is_return: bool, code: str, own: bool, rule: str | None
) -> None:
    assert set_aside_as(Decimal(amount), is_return, code, own) == rule


@pytest.mark.parametrize(
    "figures",
    [
        {"matching__suggest_from": "0.99"},
        {"matching__weights": {"reference": "0.5"}},
        {"matching__weights": VALUES["matching.weights"] | {"name": "1"}},
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(figures: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy):
        MatchingPolicy.from_policy(changed(**figures))
