"""Documents as PDF: both languages with their letters, tagged, the same bytes for the same document."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from credit_app.reports import pdf
from credit_app.reports.pdf import Column, Document, PdfFailed, Section, pdf_of

MADE = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
ENGLISH = Document(
    title="Receipt of decision CA-2026-00017",
    author="Nordlicht GmbH",
    lead="Approved by Chen Wei",
    foot="SHA-256 " + "0123456789abcdef" * 4,
    sections=(
        Section("Why", lines=("A sound customer, with #strong[no] markup & <none> of it read.",)),
        Section("Who", pairs=(("Level", "Credit manager"), ("On behalf of", None), ("Hash", "f" * 64))),
        Section(
            "Exposure",
            head=(Column("Company", wide=True), Column("Amount", number=True)),
            rows=(("Nordwind GmbH", "250,000.00"), ("Südwind AG", None)),
        ),
    ),
)
CHINESE = replace(
    ENGLISH,
    title="授信决策凭证",
    lang="zh",
    region="CN",
    sections=(
        Section(
            "决策依据",
            lines=("信用额度、信用敞口、风险警戒线、失信名单，均以当时数据为准。", "繁體與罕見字：囍、龘。"),
        ),
    ),
)


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def plain(text: str) -> str:
    """Without the breaks of lines and the invisible places where long words may break."""
    return text.replace("\u200b", "").replace("\n", "").replace(" ", "")


def test_an_english_document_says_everything_and_reads_no_markup() -> None:
    text = plain(text_of(pdf_of(ENGLISH, MADE)))
    for said in ("A sound customer, with #strong[no] markup & <none>", "f" * 64, "250,000.00", "Südwind AG"):
        assert plain(said) in text
    assert "1/1" in text


def test_a_chinese_document_has_its_letters_from_one_embedded_font() -> None:
    content = pdf_of(CHINESE, MADE)
    text = plain(text_of(content))
    for said in ("授信决策凭证", "信用额度、信用敞口、风险警戒线、失信名单", "罕見字：囍"):
        assert said in text
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(BytesIO(content)).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("NotoSansSC" in font for font in fonts)


def test_the_same_document_gives_the_same_bytes_and_is_tagged_with_its_language() -> None:
    first = pdf_of(CHINESE, MADE)
    assert pdf_of(CHINESE, MADE) == first
    catalog = PdfReader(BytesIO(first)).trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert str(catalog["/Lang"]).lower() == "zh-cn"


def test_missing_fonts_are_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "font_folder", lambda: tmp_path)
    pdf.fonts.cache_clear()
    try:
        with pytest.raises(PdfFailed, match=r"NotoSansSC-Regular\.ttf"):
            pdf_of(ENGLISH, MADE)
    finally:
        pdf.fonts.cache_clear()


def test_what_the_typesetter_warns_of_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "fonts", lambda: [])  # no font at all: Typst would set something else
    with pytest.raises(PdfFailed, match="font"):
        pdf_of(ENGLISH, MADE)
