"""Whom a text mentions."""

import pytest

from credit_app.domain.mentions import AmbiguousMention, Named, UnknownMention, mentioned

PEOPLE = [
    Named(1, "Anna Weiss", "anna.weiss@test.example"),
    Named(2, "Anna Weissmann", "a.weissmann@test.example"),
    Named(3, "张伟", "zhang.wei@test.example"),
    Named(4, "Max Muster", "max@test.example"),
    Named(5, "Max Muster", "muster@test.example"),
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ()),
        ("nobody here", ()),
        ("@Anna Weiss please look", (1,)),
        ("ask @anna weiss, then @ANNA WEISSMANN.", (1, 2)),
        ("@anna.weiss: see above", (1,)),
        ("(@a.weissmann)", (2,)),
        ("请@张伟看一下", (3,)),
        ("@zhang.wei and @张伟", (3,)),
        ("@max and @muster", (4, 5)),
        ("write to anna.weiss@test.example or x@y", ()),
        ("3 @ 5 EUR, @ home", ()),
    ],
)
def test_people_are_mentioned_by_full_name_or_address(text: str, ids: tuple[int, ...]) -> None:
    assert mentioned(text, PEOPLE) == ids


@pytest.mark.parametrize("text", ["@Anna look", "@Annaweiss", "hello @nobody!", "@anna.weissx"])
def test_a_name_that_is_nobodys_is_said(text: str) -> None:
    with pytest.raises(UnknownMention, match="is the name of nobody"):
        mentioned(text, PEOPLE)


def test_a_name_of_several_is_asked_back() -> None:
    with pytest.raises(AmbiguousMention, match="Several people are called “Max Muster”"):
        mentioned("@Max Muster: your turn", PEOPLE)
