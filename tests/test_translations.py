"""Every text there is has a translation, with the same places; the file of a language is kept in order."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from lxml import etree

from credit_app import catalogue, drawn_texts, resources
from credit_app.i18n import LANGUAGES
from credit_app.po import load, po_file

PLACE = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
CHINESE = "zh_Hans_CN"
TRANSLATES = {"_", "_l", "N_", "gettext", "ngettext"}
TRANSLATED = [message for message in catalogue.translations(CHINESE) if message.id]


def forms(message: Message) -> list[tuple[str, str]]:
    """What is to be translated and what it became, for each plural form."""
    strings = [message.string] if isinstance(message.string, str) else list(message.string)
    return [(message.id if isinstance(message.id, str) else message.id[1], string) for string in strings]


def test_every_language_but_english_has_a_catalogue() -> None:
    assert set(LANGUAGES) == {"en", *catalogue.LANGUAGES}
    assert all(po_file(code).is_file() for code in catalogue.LANGUAGES)


@pytest.mark.parametrize("locale", catalogue.LANGUAGES)
def test_no_text_lacks_a_translation(locale: str) -> None:
    lacking = [message.id for message in catalogue.missing(locale)]
    assert lacking == [], (
        "translate them in the .po file; python -m credit_app.catalogue --update puts them there"
    )


@pytest.mark.parametrize("locale", catalogue.LANGUAGES)
def test_the_translations_are_in_order_and_none_is_left_over(locale: str) -> None:
    text = po_file(locale).read_text()
    assert text == catalogue.updated(locale), "run: python -m credit_app.catalogue --update"
    assert "fuzzy" not in text


def test_a_translation_has_the_places_of_its_text() -> None:
    wrong = [
        (text, said)
        for message in TRANSLATED
        for text, said in forms(message)
        if set(PLACE.findall(text)) != set(PLACE.findall(said))
    ]
    assert wrong == []


def test_a_per_cent_sign_that_is_no_place_does_not_break_a_template() -> None:
    """A template reads each text as a pattern: a lone % in a translation would end its page with an error."""
    called = re.compile(r"""\b(?:_|ngettext)\((?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
    pages = [path.read_text() for path in (resources.CHECKOUT / "templates").rglob("*.html")]
    texts = {found[0] or found[1] for page in pages for found in called.findall(page)}
    lone = [
        said for m in TRANSLATED for text, said in forms(m) if text in texts and "%" in PLACE.sub("", said)
    ]
    assert len(texts) > 1000
    assert lone == []


def test_a_translation_brings_no_mark_up_of_its_own() -> None:
    marks = [(text, said) for m in TRANSLATED for text, said in forms(m) if ("<" in said) != ("<" in text)]
    assert marks == []


def test_chinese_is_set_with_its_own_signs() -> None:
    """No half-width comma, colon or question mark after a Chinese character, no blank between two of them."""
    han = r"[\u4e00-\u9fff]"
    loose = re.compile(rf"{han}[,;:?!]|{han} +{han}|{han}\.(?!\w)")
    assert [said for m in TRANSLATED for _text, said in forms(m) if loose.search(said)] == []


@pytest.mark.parametrize("path", sorted(resources.bpmn().glob("*.*mn")), ids=lambda path: path.name)
def test_every_word_of_a_diagram_and_decision_table_is_translated(path: Path) -> None:
    found = [text for text, _put in drawn_texts.texts(drawn_texts.parsed(path.read_bytes()))]
    chinese = load(CHINESE)
    assert found
    assert [text for text in found if chinese.gettext(text) == text and re.search("[a-z]{3}", text)] == []


def test_a_drawn_file_keeps_everything_but_its_words() -> None:
    content = (resources.bpmn() / "approval.bpmn").read_bytes()
    chinese = load(CHINESE)
    before, after = (
        etree.fromstring(content),
        etree.fromstring(drawn_texts.in_other_words(content, chinese.gettext)),
    )
    rows = list(zip(before.iter("{*}*"), after.iter("{*}*"), strict=True))
    assert all(set(one.attrib) == set(other.attrib) for one, other in rows)
    changed = {key for one, other in rows for key in one.attrib if one.get(key) != other.get(key)}
    assert changed == {"name"}
    assert after.xpath("//*[@id='decide_limit']/@name") == ["审批额度"]


def test_the_catalogue_is_sorted_so_that_two_changes_merge() -> None:
    ids = re.findall(r'^msgid "(.+)"$', po_file(CHINESE).read_text(), re.M)
    assert all(first <= second for first, second in pairwise(ids))


def called(node: ast.AST) -> str:
    """The name of what a call calls; empty for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))


def modules() -> list[Path]:
    """What shows texts to people in their own language; the command line speaks English."""
    root = resources.CHECKOUT / "credit_app"
    english = {root / "backup.py", root / "companies.py", *(root / "cli").rglob("*.py")}
    return sorted(set(root.rglob("*.py")) - english)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_no_text_hides_where_the_catalogue_cannot_find_it(path: Path) -> None:
    """Gettext inside an f-string is not found, and an f-string given to gettext or a refusal is never translated."""
    hidden = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            hidden += [each.lineno for each in ast.walk(node) if called(each) in TRANSLATES]
        if called(node) in TRANSLATES | set(catalogue.SENTENCES):
            hidden += [each.lineno for each in node.args if isinstance(each, ast.JoinedStr)]
    assert hidden == [], "put the words into a name first; name the values: %(amount)s"
