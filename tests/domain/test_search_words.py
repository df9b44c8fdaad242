"""What texts are found by."""

from credit_app.domain.search_words import MOST_BYTES, lexemes_of, typed_lexemes


def found(text: str, typed: str) -> bool:
    """As PostgreSQL finds: each word typed begins a word of the text."""
    words = lexemes_of(text)
    return all(any(word.startswith(one) for word in words) for one in typed_lexemes(typed))


def test_western_words_are_found_in_any_case_and_by_their_beginning() -> None:
    text = "Framework Agreement No. CT-2026-000012 (Steelworks Nordhafen GmbH)"
    assert found(text, "framework steel")
    assert found(text, "CT-2026-000012")
    assert found(text, "ＮＯＲＤＨＡＦＥＮ")  # written wide, as Chinese keyboards do
    assert not found(text, "works")


def test_chinese_is_found_by_any_part_of_a_sentence() -> None:
    text = "买方应在验收合格后三十日内付款。Incoterms FCA上海"
    assert found(text, "验收合格")
    assert found(text, "付款")
    assert found(text, "款")
    assert found(text, "fca 上海")
    assert not found(text, "付清")
    assert typed_lexemes("验收合格") == ["验收", "收合", "合格"]


def test_nothing_typed_breaks_out_or_asks_for_everything() -> None:
    assert typed_lexemes("' | !a:* & <-> \\") == []
    assert typed_lexemes("a b 7") == ["7"]
    assert len(typed_lexemes(" ".join(f"word{n}" for n in range(100)))) == 12


def test_a_text_of_too_many_words_keeps_what_a_tsvector_can_hold() -> None:
    words = lexemes_of(" ".join(f"{n:06d}x{'y' * 90}" for n in range(30_000)))
    assert max(map(len, words)) == 64
    assert sum(len(word.encode()) for word in words) <= MOST_BYTES
