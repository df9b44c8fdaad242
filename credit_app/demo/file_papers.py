"""A few documents in the files of the demo customers, made here: plain PDF pages that say what they are."""

import hashlib
from datetime import date, timedelta

from sqlalchemy.orm import Session

from credit_app.demo.limits import noon
from credit_app.models import Customer, CustomerDocument, Person

PAPERS = (
    (
        "Alpenwerk Maschinenbau AG",
        "registration",
        "Register extract.pdf",
        "Extract of the commercial register",
    ),
    (
        "Bergmann & Söhne GmbH",
        "site_visit",
        "Site visit.pdf",
        "Report of the visit: halls in use, stock in order",
    ),
    ("Werft Stralsund GmbH", "security", "Bank guarantee.pdf", "Guarantee of the Hanseatic Bank, EUR 60,000"),
    ("Gastro Union GmbH", "report", "Report of the agency.pdf", "Third-party report, grade 2.9"),
)


def add_documents(session: Session, customers: dict[str, Customer], analyst: Person, today: date) -> None:
    """Files the papers."""
    for name, kind, filename, text in PAPERS:
        content = paper(f"{text} (demonstration)")
        session.add(
            CustomerDocument(
                customer_id=customers[name].id,
                kind=kind,
                filename=filename,
                content_type="application/pdf",
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                content=content,
                uploaded_by=analyst.id,
                uploaded_at=noon(today - timedelta(days=30)),
            )
        )
    session.flush()


def paper(text: str) -> bytes:
    """A PDF of one page with one line of Latin text."""
    drawn = f"BT /F1 16 Tf 60 760 Td ({text.translate({40: '[', 41: ']', 92: '/'})}) Tj ET".encode(
        "latin-1", "replace"
    )
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
    )
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(made)
