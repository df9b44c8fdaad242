"""The text of PDF and Word files, good and hostile."""

import io
import time
import zipfile
import zlib

import pytest
from pypdf import PdfReader, PdfWriter

from credit_app import documents_text
from credit_app.documents_text import MOST_CHARACTERS, PDF, WORD, query_of, text_of, tidied

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_file(body: str, head: str = "", part: str = "word/document.xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, f'{head}<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>')
    return file.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf_file(text: str, *, filler: bytes = b"") -> bytes:
    """A PDF of one page, written by hand."""
    drawn = zlib.compress(b"BT /F1 12 Tf 72 720 Td (" + text.encode() + b") Tj ET " + filler)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
    ]
    data, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def encrypted(content: bytes) -> bytes:
    writer, file = PdfWriter(PdfReader(io.BytesIO(content))), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(file)
    return file.getvalue()


def test_text_of_pdf_and_word_is_read_by_paragraph() -> None:
    assert text_of(pdf_file("Retention of title until paid"), PDF) == "Retention of title until paid"
    changed = (
        "<w:del><w:r><w:delText>ninety</w:delText></w:r></w:del><w:ins><w:r><w:t>thirty</w:t></w:r></w:ins>"
    )
    cell = f"<w:tbl><w:tr><w:tc>{paragraph('验收合格后付款')}</w:tc></w:tr></w:tbl>"
    body = paragraph("Payment within") + f"<w:p>{changed}<w:r><w:tab/><w:t>days</w:t></w:r></w:p>" + cell
    assert text_of(word_file(body), WORD) == "Payment within\nthirty days\n验收合格后付款"
    assert text_of(b"\x89PNG", "image/png") == ""


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7 and then nothing", PDF),
        (b"", PDF),
        (b"PK\x03\x04 and then nothing", WORD),
        (word_file(paragraph("&fun;"), '<!DOCTYPE d [<!ENTITY fun SYSTEM "file:///etc/passwd">]>'), WORD),
        (word_file("<w:p><w:r>"), WORD),
        (word_file(paragraph("not here"), part="word/other.xml"), WORD),
    ],
)
def test_what_cannot_be_read_has_no_text_and_raises_nothing(content: bytes, kind: str) -> None:
    assert text_of(content, kind) == ""


def test_an_encrypted_pdf_has_no_text() -> None:
    assert text_of(encrypted(pdf_file("secret price")), PDF) == ""


def test_a_word_file_that_unpacks_into_too_much_is_read_as_far_as_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents_text, "LARGEST_UNPACKED", 1 << 20)
    bomb = word_file(paragraph("kept") + "<w:p/>" * 400_000 + paragraph("never reached"))
    assert len(bomb) < 20_000
    found = text_of(bomb, WORD)
    assert found == "kept"


def test_a_long_text_is_cut() -> None:
    assert len(text_of(word_file(paragraph("word" * 200) * 700), WORD)) == MOST_CHARACTERS
    assert tidied("a\x00b\x1b  c\n\n\n\n d ") == "ab c\n\nd"


def test_a_pdf_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_text, "LONGEST", 1)
    begun = time.monotonic()
    text_of(pdf_file("slow", filler=b"BT (x) Tj ET " * 3_000_000), PDF)
    assert time.monotonic() - begun < 10


def test_a_query_holds_words_only() -> None:
    assert query_of("Steel 验收合") == "'steel':* & '验收':* & '收合':*"
    assert query_of("' ) | !") is None
