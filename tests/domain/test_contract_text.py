"""Texts of contracts: templates filled once, quotes found, differences word by word and in time."""

from time import perf_counter

import pytest

from credit_app.domain.contract_text import (
    GAP,
    MOST_SIGNS,
    Difference,
    LooseTemplateBrace,
    UnknownTemplateField,
    difference,
    filled,
    holds_quote,
)


def marked(found: Difference) -> str:
    """The comparison as one text: [-taken out-], {+put in+}, … for what is left out."""
    signs = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    lines = [
        f"…{line.left_out}"
        if line.left_out
        else "".join(signs[one.kind].format(one.text) for one in line.pieces)
        for line in found.lines
    ]
    return "\n".join(lines)


def test_a_template_is_filled_once_and_knows_its_fields() -> None:
    assert filled("To {name}: {goods}", {"name": "A {goods} B", "goods": "pumps"}) == "To A {goods} B: pumps"
    with pytest.raises(UnknownTemplateField, match=r"“nobody” is no field"):
        filled("To {nobody}", {"name": ""})
    with pytest.raises(LooseTemplateBrace, match=r"near “To \{ name”"):
        filled("To { name", {"name": ""})
    with pytest.raises(UnknownTemplateField):
        filled("{name.__class__}", {"name": ""})


def test_what_was_not_agreed_leaves_a_gap_and_what_is_optional_is_left_out() -> None:
    law = "1. Law\nThe law is {law}. [Retention: {share} for {days} days.]\n[Quantity: {count}[ {unit}].]"
    body = f"{law}\n\n2. Cap\n[{{cap}}]"
    nothing = {"law": "", "share": "", "days": "", "count": "", "unit": "", "cap": ""}
    assert filled(body, nothing) == f"1. Law\nThe law is {GAP}.\n\n2. Cap\n{GAP}"
    some = nothing | {"law": "[DE]", "share": "5 %", "count": "12", "cap": "EUR 5"}
    assert (
        filled(body, some)
        == f"1. Law\nThe law is [DE]. Retention: 5 % for {GAP} days.\nQuantity: 12.\n\n2. Cap\nEUR 5"
    )
    assert filled("[{cap}]\n\nEnd [as agreed]", nothing) == "End [as agreed]"


def test_a_quote_is_found_across_lines_and_letters() -> None:
    text = "Title to the goods\n  passes when   they are PAID."
    assert holds_quote(text, "goods passes when they are paid")
    assert not holds_quote(text, "goods pass when")


def test_what_changed_is_shown_word_by_word_with_the_lines_around_it() -> None:
    before = "\n".join(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "Payment within 30 days.",
            "seven",
            "eight",
            "nine",
            "ten",
            "end",
        ]
    )
    after = before.replace("30 days", "60 days").replace("\nend", "\nend\nmore")
    assert marked(difference(before, after)) == "\n".join(
        [
            "…3",
            "four",
            "five",
            "Payment within [-30-]{+60+} days.",
            "seven",
            "eight",
            "nine",
            "ten",
            "end",
            "{+more+}",
        ]
    )
    assert marked(difference("货款三十日内付清。", "货款六十日内付清。")) == "货款[-三-]{+六+}十日内付清。"
    assert not difference(before, before).changed
    assert marked(difference("", "new")) == "{+new+}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n" * 90_000, "x\n" * 45_000),
        ("a b " * 50_000, "b a " * 50_000),
        ("".join(f"line {n} a\n" for n in range(9_000)), "".join(f"line {n} b\n" for n in range(9_000))),
        (
            "a b " * 199 + "\n" + ("a b " * 200 + "\n") * 140,
            "b a " * 199 + "\n" + ("b a " * 200 + ".\n") * 140,
        ),
        ("ab\n" * 2_000 + "ba\n" * 2_000, "ba\n" * 2_000 + "ab\n" * 2_000),
    ],
)
def test_hostile_texts_are_compared_in_time(before: str, after: str) -> None:
    began = perf_counter()
    found = difference(before, after)
    assert perf_counter() - began < 5
    assert found.cut or max(len(before), len(after)) <= MOST_SIGNS
