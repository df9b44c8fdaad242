"""Contracts: dates, clauses found in a text, what a change concerns, who signs, and the credit that one needs."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from credit_app.domain import clause_form
from credit_app.domain.authority import NONE, LevelsReversed
from credit_app.domain.contract_credit import Granted, Wanted, is_covered, peak
from credit_app.domain.contract_signing import departures, levels_between, next_to_sign
from credit_app.domain.contracts import (
    TERMS,
    ContractPolicy,
    EndsBeforeStart,
    changed_terms,
    check_dates,
    found_clause,
)
from credit_app.domain.default_policy import default_values
from credit_app.domain.errors import InvalidPolicy

POLICY = ContractPolicy.from_policy(default_values())
ALL = frozenset({"sales_manager", "finance_director", "cfo"})


def test_a_contract_does_not_end_before_it_begins() -> None:
    check_dates(date(2026, 1, 1), date(2026, 1, 1))
    check_dates(None, date(2026, 1, 1))
    with pytest.raises(EndsBeforeStart, match="before it begins"):
        check_dates(date(2026, 1, 2), date(2026, 1, 1))


def test_a_clause_is_found_by_its_words_in_any_language() -> None:
    clause = POLICY.clause("law_and_forum")
    assert clause is not None
    assert found_clause(clause, "1. Goods\n 9. Governing LAW is that of Germany. \n") == (
        "9. Governing LAW is that of Germany."
    )
    assert found_clause(clause, "争议提交上海仲裁委员会仲裁") == "争议提交上海仲裁委员会仲裁"
    assert found_clause(clause, "Payment in 30 days") == ""
    assert {clause.code for clause in POLICY.clauses_for("sales")} - {
        clause.code for clause in POLICY.clauses_for("purchase")
    } == {"retention_of_title", "late_payment"}


def test_a_change_goes_to_those_whom_it_concerns() -> None:
    before = SimpleNamespace(**dict.fromkeys(TERMS, ""))
    after = SimpleNamespace(**dict.fromkeys(TERMS, "") | {"payment_days": 60, "forum": "Kiel"})
    assert changed_terms(before, after) == ["payment_days", "forum"]
    assert POLICY.areas_for(["payment_days", "forum"]) == ("credit", "finance", "legal")
    assert POLICY.areas_for(["delivery_place"]) == ("delivery",)
    same = SimpleNamespace(**dict.fromkeys(TERMS, "") | {"amount": Decimal("5.00")})
    assert changed_terms(same, SimpleNamespace(**dict.fromkeys(TERMS, "") | {"amount": Decimal("5")})) == []


def test_a_clause_that_is_moved_takes_the_place_it_was_given() -> None:
    rows = clause_form.typed(default_values()["contract.clauses"][:5])
    codes = [row.code for row in rows]
    assert clause_form.problems(rows) == []

    def moved(number: int, place: int | None) -> list[int]:
        changed = [replace(row, place=place) if row.number == number else row for row in rows]
        return [codes.index(row["code"]) + 1 for row in clause_form.kept(changed)]

    assert moved(1, 1) == [1, 2, 3, 4, 5]
    assert moved(4, 2) == [1, 4, 2, 3, 5]
    assert moved(2, 4) == [1, 3, 4, 2, 5]
    assert moved(1, None) == [2, 3, 4, 5, 1]


def test_policy_without_areas_is_refused() -> None:
    with pytest.raises(InvalidPolicy):
        ContractPolicy.from_policy({**default_values(), "contract.areas": {"amount": ["nobody"]}})
    with pytest.raises(InvalidPolicy):
        ContractPolicy.from_policy({**default_values(), "contract.clauses": [{"code": "x"}]})
    # What a checklist could not keep is refused before it rules, also where it was typed as JSON.
    clauses = default_values()["contract.clauses"]
    for wrong, says in (
        ([*clauses, clauses[0]], "two clauses have the short name “specification”"),
        ([{**clauses[0], "title_zh": "长" * 201}], "too long at the clause “specification”"),
        ([{**clauses[0], "code": f"c{number}"} for number in range(61)], "1 to 60 clauses"),
    ):
        with pytest.raises(InvalidPolicy, match=says):
            ContractPolicy.from_policy({**default_values(), "contract.clauses": wrong})


def test_levels_sign_in_order_and_one_without_anybody_is_passed_over() -> None:
    assert levels_between("sales_manager", "cfo") == ("sales_manager", "finance_director", "cfo")
    with pytest.raises(LevelsReversed):
        levels_between("cfo", "sales_manager")
    assert next_to_sign("sales_manager", "finance_director", frozenset(), ALL) == "sales_manager"
    assert next_to_sign("sales_manager", "finance_director", {"sales_manager"}, ALL) == "finance_director"
    assert next_to_sign("sales_manager", "finance_director", {"finance_director"}, ALL) == NONE
    # Nobody at the last level: the one above signs; nobody anywhere: it waits, visibly, at the last level.
    assert next_to_sign("sales_manager", "sales_manager", frozenset(), {"cfo"}) == "cfo"
    assert next_to_sign("sales_manager", "finance_director", frozenset(), frozenset()) == "finance_director"
    assert departures(["present", "deviating", "missing", "not_applicable"]) == 2


def test_what_is_owed_at_a_time_under_a_framework_contract() -> None:
    year = (date(2026, 1, 1), date(2026, 12, 31))
    assert peak(Decimal(365), "framework", *year, 30) == Decimal("60.00")
    assert peak(Decimal(365), "framework", *year, 400) == Decimal(365)
    assert peak(Decimal(365), "goods", *year, 30) == Decimal(365)
    assert peak(Decimal(365), "framework", date(2026, 1, 1), None, 30) == Decimal(365)


def test_limit_and_terms_have_to_cover_a_contract() -> None:
    assert is_covered(Wanted(Decimal(100), 30), Granted(Decimal(100), 30))
    assert not is_covered(Wanted(Decimal(100), 31), Granted(Decimal(100), 30))
    assert not is_covered(Wanted(Decimal(101), 30), Granted(Decimal(100), 30))
    assert not is_covered(Wanted(Decimal(1), 0), Granted(Decimal(100), None))
    assert is_covered(Wanted(Decimal(0), 30), Granted(Decimal(-5), None))
