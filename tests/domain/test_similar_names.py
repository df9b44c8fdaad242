"""Names that may mean the same company, and names that do not."""

import pytest

from credit_app.domain.default_policy import default_values
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.similar_names import DuplicatePolicy, is_alike, likeness, plain_name, search_word

POLICY = DuplicatePolicy.from_policy(default_values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nordwind GmbH", "NORDWIND AG"),
        ("Müller & Söhne KG", "Mueller und Sohne".replace("ue", "ü")),
        ("Stahlbau Kraus GmbH & Co. KG", "Stahlbau-Kraus"),
        ("杭州远帆机械有限公司", "杭州远帆机械股份有限公司"),
        ("Nordwind Turbinen GmbH", "Nordwind Turbine GmbH"),
    ],
)
def test_names_that_may_mean_the_same_company(one: str, other: str) -> None:
    assert is_alike(one, other, POLICY)
    assert is_alike(other, one, POLICY)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Nordwind GmbH", "Südwind GmbH"), ("Kraus AG", "Braun AG"), ("", ""), ("GmbH", "Kraus")],
)
def test_names_that_do_not(one: str, other: str) -> None:
    assert not is_alike(one, other, POLICY)


def test_the_legal_form_alone_makes_no_difference() -> None:
    assert likeness("Kraus GmbH", "Kraus AG") == 1
    assert plain_name("Kraus Limited") == "kraus"
    assert plain_name("Company Limited") == "company limited"


def test_others_are_looked_up_by_the_longest_word() -> None:
    assert search_word("Stahlbau Kraus GmbH") == "stahlbau"
    assert search_word("A B C") == ""
    assert search_word("华鑫") == "华鑫"


def test_a_likeness_of_nothing_is_no_policy() -> None:
    with pytest.raises(InvalidPolicy, match="likeness"):
        DuplicatePolicy.from_policy({"duplicates.likeness": "0"})
