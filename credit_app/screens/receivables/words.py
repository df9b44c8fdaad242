"""The words of the ledger as people read them."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from flask import Flask
from flask_babel import LazyString

from credit_app.facts.ledger_words import entry_word
from credit_app.i18n import _, _l

REASONS: Mapping[str, LazyString] = {
    "correction": _l("correction"),
    "discount": _l("discount"),
    "small_difference": _l("small difference"),
    "price": _l("price"),
    "goods_returned": _l("goods returned"),
    "other": _l("other"),
}
# Booked by processes of their own, never by hand.
BOOKED_REASONS: Mapping[str, LazyString] = {
    "written_off": _l("written off"),
    "recovered": _l("recovered after the write-off"),
    "waived": _l("waived"),
}
SEGMENTS: Mapping[str, LazyString] = {
    "low": _l("low risk"),
    "medium": _l("medium risk"),
    "high": _l("high risk"),
    "other": _l("others"),
}
DIFFERENCE_OUTCOMES: Mapping[str | None, LazyString] = {
    None: _l("not settled yet"),
    "dispute": _l("became a dispute"),
    "correction": _l("corrected"),
    "none": _l("nothing, with a ground"),
}
MEASURES: Mapping[str, LazyString] = {
    "none": _l("no measure"),
    "remind": _l("remind"),
    "call": _l("call"),
    "letter": _l("reminder letter"),
    "hold_and_visit": _l("orders on hold, visit"),
    "final_demand": _l("final demand"),
    "legal": _l("lawyer, agency, legal action"),
}
GROUPINGS: Mapping[str, LazyString] = {
    "customer": _l("customer"),
    "group": _l("group"),
    "rep": _l("sales rep"),
    "branch": _l("branch"),
    "rating": _l("grade"),
    "currency": _l("currency"),
}


def init_app(app: Flask) -> None:
    """Give the words to the templates."""
    app.add_template_filter(entry_word)
    app.add_template_filter(adjustment_word)
    app.add_template_filter(measure_word)
    app.add_template_filter(segment_word)
    app.add_template_filter(difference_word)


def adjustment_word(reason: str) -> str:
    """Why an item was corrected."""
    return str({**REASONS, **BOOKED_REASONS}.get(reason, reason))


def segment_word(segment: str) -> str:
    """A segment of the provision matrix: a risk class, or a country by its code."""
    return str(SEGMENTS.get(segment, segment))


def measure_word(measure: str) -> str:
    """What is done with items of an age."""
    return str(MEASURES.get(measure, measure))


def difference_word(outcome: str | None) -> str:
    """What became of a difference that a customer named."""
    return str(DIFFERENCE_OUTCOMES[outcome])


def bucket_words(ends: Sequence[int], by_document: bool = False) -> list[str]:
    """The ageing buckets in words, the youngest first."""
    first = _("up to %(days)s days", days=ends[0]) if by_document or ends[0] else _("not due")
    middle = [_("%(first)s–%(last)s days", first=a + 1, last=b) for a, b in pairwise(ends)]
    return [first, *middle, _("over %(days)s days", days=ends[-1])]


def key_word(by: str, key: Any, names: Mapping[Any, tuple[str, str]]) -> str:
    """What a row of the ageing stands for."""
    if key is None:
        return {"rep": _("no sales rep"), "branch": _("no branch"), "rating": _("not rated")}.get(by, "–")
    return names[key][0] if key in names else str(key)


__all__ = ["GROUPINGS", "bucket_words", "entry_word", "init_app", "key_word", "measure_word"]
