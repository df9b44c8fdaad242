"""Pages in the language of their reader: chosen by the person, before sign-in by the browser."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.domain.plain import to_json
from credit_app.domain.sentences import Sentence
from credit_app.i18n import force_locale, said
from credit_app.models.base import Model
from credit_app.screens import present
from credit_app.screens.code_words import sentence_words
from credit_app.screens.column_words import COLUMN_WORDS, TABLE_WORDS, hidden
from credit_app.screens.policy_words import source_said
from credit_app.screens.process_words import details_of
from credit_app.screens.words import MAIL_WORDS
from tests.factories import Cast
from tests.screens.frame.browsing import Browser
from workflows import Refused
from workflows.tables import Definition

CHINESE = "zh_Hans_CN"
Enter = Callable[[Any], Browser]


@pytest.mark.parametrize(
    ("asked", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans-CN"),
        ("zh-Hans", "zh-Hans-CN"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr-FR,zh;q=0.5,en;q=0.1", "zh-Hans-CN"),
        ("zh;q=0,en", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_before_sign_in_the_browser_says_the_language(browser: Browser, asked: str, lang: str) -> None:
    page = browser.client.get("/sign-in", headers={"Accept-Language": asked}).text
    assert f'<html lang="{lang}"' in page
    assert ("登录" in page) == lang.startswith("zh")


def test_person_chooses_the_language_on_the_account_page(signed_in: Enter, cast: Cast) -> None:
    browser = signed_in(cast.sara)
    assert 'name="locale"' in browser.get("/account").text
    browser.post("/preferences", {"locale": CHINESE, "next": "/account"})
    page = browser.get("/account").text
    assert "您的账户" in page
    assert '<html lang="zh-Hans-CN"' in page
    browser.post("/preferences", {"locale": "tlh", "next": "/account"})
    assert "您的账户" in browser.get("/account").text


def test_refusal_of_the_platform_is_told_in_the_readers_language(
    signed_in: Enter, cast: Cast, owner_session: Session
) -> None:
    cast.sara.locale = CHINESE
    owner_session.commit()
    page = signed_in(cast.sara).get("/tasks/424242")
    assert page.status_code == 404
    assert "没有此任务。" in page.text


def test_values_of_a_refusal_are_put_in_after_translating(app: Flask) -> None:
    refusal = Refused("There is no process number %(instance_id)s.", instance_id=7)
    assert str(refusal) == refusal.sentence == "There is no process number 7."
    with app.test_request_context(), force_locale(CHINESE):
        assert said(refusal) == "没有编号为7的流程。"
        assert said(Refused("100 % as it was typed")) == "100 % as it was typed"


def test_stored_sentence_is_told_in_the_readers_language(app: Flask) -> None:
    inner = Sentence("line", "Net profit")
    kept = to_json(Sentence("s", "%(year)s: “%(line)s” is missing.", {"year": 2025, "line": inner}))
    old = {"code": "s", "text": "The rating rests on the payment record only.", "values": {}}
    with app.test_request_context(), force_locale(CHINESE):
        assert said(kept) == "2025年：缺少“净利润”。"
        assert said(old) == "评级仅依据付款记录。"
    with app.test_request_context(), force_locale("en"):
        assert said(kept) == "2025: “Net profit” is missing."


def test_codes_and_days_in_a_sentence_are_words_of_the_reader(app: Flask) -> None:
    stale = Sentence("s", "Nothing was settled after %(day)s.", {"day": "2026-03-09"})
    level = Sentence("s", "This decision belongs to the role “%(role)s”.", {"role": "credit_manager"})
    with app.test_request_context(), force_locale(CHINESE):
        assert said(stale) == "2026年3月9日之后没有结清任何款项。"
        assert said(level) == "此决定属于角色“信用经理”。"
    with app.test_request_context(), force_locale("en"):
        assert said(stale) == "Nothing was settled after 9 Mar 2026."


def test_sentences_kept_in_the_history_are_translated(app: Flask) -> None:
    kept = to_json(Sentence("s", "Grade %(grade)s has no credit.", {"grade": "D"}))
    with app.test_request_context(), force_locale(CHINESE):
        assert [text for _label, text in details_of({"exceptions": [kept]})] == ["D级不予授信。"]


def test_days_numbers_and_lists_are_written_as_the_language_does(app: Flask) -> None:
    instant = datetime(2026, 3, 9, 8, 5, tzinfo=UTC)
    with app.test_request_context(), force_locale(CHINESE):
        assert present.day(date(2026, 3, 9)) == "2026年3月9日"
        assert present.weekday(date(2026, 3, 9)) == "2026年3月9日周一"
        assert present.moment(instant).endswith(":05")
        assert present.percent(Decimal("0.125"), 1) == "12.5%"
        assert present.listed(["一", "二"]) == "一、二"
    with app.test_request_context(), force_locale("en"):
        assert present.day(date(2026, 3, 9)) == "9 Mar 2026"
        assert present.percent(Decimal("0.125"), 1) == "12.5 %"
        assert present.listed(["a", "b"]) == "a, b"


def test_every_code_has_a_word_in_chinese(app: Flask) -> None:
    with app.test_request_context():
        english = {(n, c): str(w) for n, words in sentence_words().items() for c, w in words.items()}
        with force_locale(CHINESE):
            chinese = {(n, c): str(w) for n, words in sentence_words().items() for c, w in words.items()}
    assert [key for key in english if english[key] == chinese[key]] == []


def test_source_of_a_policy_figure_is_translated_and_a_companys_own_is_kept(app: Flask) -> None:
    with app.test_request_context(), force_locale(CHINESE):
        assert "增值税" in source_said(
            "(check) Start figure from memory of the field, to be confirmed by the company: "
            "VAT on the company's invoices, part of what the customer owes; set it to your country's."
        )
        assert source_said("Board decision of 3 May") == "Board decision of 3 May"


def test_diagram_for_the_viewer_speaks_the_readers_language_and_the_file_stays(
    signed_in: Enter, cast: Cast, owner_session: Session
) -> None:
    cast.ada.locale = CHINESE
    owner_session.commit()
    browser = signed_in(cast.ada)
    number = owner_session.scalars(select(Definition.id).where(Definition.key == "credit_application")).one()
    page = browser.get(f"/processes/{number}").text
    kept = browser.get(f"/processes/{number}/approval.bpmn").text
    drawn = browser.get(f"/processes/{number}/approval.bpmn?lang={CHINESE}").text
    assert f"/processes/{number}/approval.bpmn?lang={CHINESE}" in page
    assert 'name="审批额度"' in drawn
    assert 'name="Decide limit"' in kept
    assert browser.get(f"/processes/{number}/approval.bpmn?lang=tlh").text == kept


def test_every_column_a_history_can_show_has_a_word() -> None:
    lacking = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        if table.name in TABLE_WORDS
        for column in table.columns
        if not hidden(column.name) and column.name not in COLUMN_WORDS
    }
    assert lacking == set()


def codes() -> set[tuple[str, str]]:
    """The words that the database allows in a column, for the tables that a history can show."""
    found = set()
    for table in Model.metadata.sorted_tables:
        for check in table.constraints if table.name in TABLE_WORDS else ():
            if match := re.fullmatch(r"(\w+) IN \(('\w+'(?:, '\w+')*)\)", str(getattr(check, "sqltext", ""))):
                found |= {(match[1], word) for word in re.findall(r"'(\w+)'", match[2])}
    return found


def test_every_code_a_history_can_show_has_a_word() -> None:
    words = sentence_words()
    said = {(name, code) for name in words for code in words[name]}
    assert len(codes()) > 50
    assert {pair for pair in codes() - said if not pair[0].endswith("grade")} == set()


def test_every_mail_has_a_word() -> None:
    templates = {path.stem for path in (resources.templates() / "mail").glob("[!_]*.txt")}
    assert templates - set(MAIL_WORDS) == set()
