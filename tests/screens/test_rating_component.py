"""The component that shows a rating: every method and point, older ratings, both languages."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import Flask, render_template_string
from flask_babel import force_locale
from lxml import html

from credit_app.domain.altman import AltmanPolicy, every_variant
from credit_app.domain.combined_rating import FullRating
from credit_app.domain.plain import to_json
from credit_app.domain.rating import rate_by_payment_record
from credit_app.domain.rating_grading import Judgement
from credit_app.domain.vetoes import VetoFacts, vetoes
from credit_app.models import Rating
from tests.domain.policies import RATING, VALUES
from tests.domain.statement_samples import statement
from tests.domain.test_rating import record_of
from tests.domain.test_rating_methods import GOOD_STATEMENTS, GROUNDS, MEDIAN, VETOES, rated
from tests.domain.test_scorecard import best, reading
from tests.factories import NOW, TODAY
from tests.screens.pages import plain

PAGE = "{% from 'components/rating.html' import rating_full with context %}{{ rating_full(rating) }}"
TRENDS = {"current_ratio": {"change": "0.25", "better": True, "years": 2}}


def full(**more: Any) -> FullRating:
    """A rating by all methods, with a weak current ratio out of a named row."""
    readings = best() | {
        "current_ratio": reading("1.3", row="financial_statement:7", on=TODAY),
        "equity_ratio": reading("0.123"),
        "management": reading("weak"),
        "own_payment_record": replace(
            reading("75"), parts=rate_by_payment_record(record_of(*[0] * 12), RATING).points
        ),
    }
    found = rated(readings, GROUNDS, MEDIAN, statements=GOOD_STATEMENTS, **more)
    return replace(found, altman=every_variant(statement(), AltmanPolicy.from_policy(VALUES)))


def row(found: Any, **values: Any) -> Rating:
    given = {
        "method": "combined",
        "score": found.score,
        "grade": found.grade,
        "computed_grade": found.grade,
        "computed_score": found.score,
        "confidence": found.confidence,
        "model": "general@1",
        "policy_on": TODAY,
        "rated_at": NOW,
        "inputs": to_json({"rating": found, "trends": TRENDS}),
    }
    return Rating(**given | values)


def shown(app: Flask, rating: Rating, language: str = "en") -> html.HtmlElement:
    with app.test_request_context(), force_locale(language):
        return html.fromstring(render_template_string(PAGE, rating=rating))


def line(page: html.HtmlElement, first: str) -> list[str]:
    """The cells of the table row whose first cell begins so."""
    found = [one for one in page.iter("tr") if plain(one[0]).startswith(first)]
    return [plain(cell) for cell in found[0]]


def test_grade_score_confidence_model_and_the_three_methods_stand_side_by_side(app: Flask) -> None:
    found = full()
    text = plain(shown(app, row(found)))
    assert f"{found.grade} {found.score:.2f} of 100 points" in text
    assert "confidence 100 %" in text
    assert "Model: All other customers (general@1), policy of 10 Mar 2026" in text
    for method, weight in (("Scorecard", "60 %"), ("Experience", "20 %"), ("Industry comparison", "20 %")):
        assert method in text
        assert f"weight {weight}" in text


def test_each_point_is_traced_to_value_band_points_and_source(app: Flask) -> None:
    page = shown(app, row(full()))
    assert line(page, "Current ratio") == [
        "Current ratio: current assets ÷ current liabilities from 1.20 to below 1.50 · statement of 2025",
        "1.30",
        "+0.25 better",
        "from 1.20 to below 1.50",
        "1.95 / 3.00",
        "statement of 2025, 10 Mar 2026 financial_statement:7",
    ]
    assert line(page, "Equity ratio")[1:5] == ["12.3 %", "–", "from 5.0 % to below 15.0 %", "0.60 / 3.00"]
    assert line(page, "Management")[1:4] == ["weak", "–", "weak"]
    assert line(page, "Own payment record")[1] == "75"
    assert line(page, "↳ Share paid late")[1] == "0.0 %"


def test_every_dimension_opens_and_says_in_words_what_its_bar_shows(app: Flask) -> None:
    page = shown(app, row(full()))
    summaries = [plain(one) for one in page.iter("summary")]
    assert len(summaries) == 5
    assert summaries[1].startswith("Financial structure")
    assert "of 20.0 points" in summaries[1]
    assert all(bar.get("aria-hidden") == "true" for bar in page.iter("svg") if bar.get("class") == "cd-bar")


def test_industry_experience_and_altman_stand_beside_them(app: Flask) -> None:
    page = shown(app, row(full()))
    assert line(page, "Equity ratio: equity ÷ assets")[1:] != []
    text = plain(page)
    assert "Seen on site" in text
    assert "against the quartiles of the industry in the policy" in text
    assert line(page, "Z″, all other companies")[1:] == ["4.35", "safe"]
    assert "the market value of the equity is not known" in line(page, "Z, listed companies")[0]


def test_caps_judgement_override_and_doubts_are_said(app: Flask) -> None:
    judged = Judgement(Decimal("-2.5"), "The founder leaves and nobody follows.")
    fired = vetoes(VetoFacts(equity=Decimal(-5), equity_year=2025), VETOES)
    found = full(fired=fired, judgement=judged)
    text = plain(shown(app, row(found, grade="CC", override_reason="Talks with its bank failed.")))
    assert "Equity was negative in 2025 (-5.00): the grade is CCC at best." in text
    assert "earned before caps" in text
    assert "Judgement: -2.5 points. The founder leaves and nobody follows." in text
    assert "Overridden by the analyst; the model says CCC. Talks with its bank failed." in text
    thin = plain(shown(app, row(rated({"current_ratio": reading("1.3")}, GROUNDS))))
    assert "There are no financial statements." in thin
    assert "does not count" in thin
    assert "19.0 of 20.0" not in thin
    assert "17.0 of 20.0 points without a figure" in thin


def test_a_rating_by_payment_record_shows_its_figures(app: Flask) -> None:
    found = rated()
    page = shown(app, row(found, method="payment_record"))
    text = plain(page)
    assert "by payment record, confidence 60 %" in text
    assert line(page, "Share paid late")[1:3] == ["0.0 %", "20.0 / 20.0"]
    assert "The rating rests on the payment record only." in text


def test_a_rating_of_the_first_release_is_shown_as_it_was_kept(app: Flask) -> None:
    old = rate_by_payment_record(record_of(*[0, 5] * 6), RATING)
    stored: Any = to_json({"rating": old})
    for name in ("caps",):
        del stored["rating"][name]
    page = shown(
        app,
        row(old, method="payment_record", inputs=stored, model="", computed_grade=None, computed_score=None),
    )
    assert line(page, "Share paid late")[1] == "50.0 %"
    assert "6 of 12 settled invoices were late" in plain(page)
    assert "Methods side by side" not in html.tostring(page, encoding="unicode")


def test_a_rating_without_inputs_is_shown_too(app: Flask) -> None:
    rating = row(full(), inputs={})
    assert "of 100 points" in plain(shown(app, rating))


def test_the_component_speaks_chinese(app: Flask) -> None:
    text = plain(shown(app, row(full()), "zh_Hans_CN"))
    assert "of 100 points" not in text


def test_what_people_wrote_is_escaped(app: Flask) -> None:
    found = full(judgement=Judgement(Decimal(1), "<script>alert(1)</script> and more"))
    page = shown(app, row(found))
    assert not list(page.iter("script"))
