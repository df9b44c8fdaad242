"""Every text can be translated: the catalogue is current, and its places are whole."""

import re
from pathlib import Path

import pytest

from credit_app import catalogue, resources

PAGES = sorted(resources.templates().rglob("*.html"))


def test_the_catalogue_is_current() -> None:
    assert catalogue.POT.read_text() == catalogue.build(), "run: python -m credit_app.catalogue"


def test_the_names_of_the_diagrams_are_in_the_catalogue() -> None:
    text = catalogue.POT.read_text()
    for name in ("Decide limit", "Enter application", "Approver", "Limit granted"):
        assert f'msgid "{name}"' in text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(resources.templates())))
def test_no_page_holds_text_past_the_catalogue(path: Path) -> None:
    """Words between tags that are neither inside an expression nor a name nor a sign."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
    text = re.sub(r"<(script|style|kbd|code|svg)\b.*?</\1>", "", text, flags=re.S)
    bare = re.sub(r"<[^>]*>", "\n", text)
    words = re.findall(r"[A-Za-z]{2,}", bare.replace("Credit Desk", "").replace("&nbsp;", ""))
    assert words == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(resources.templates())))
def test_no_page_holds_inline_script_or_style(path: Path) -> None:
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)", path.read_text())
