"""Helpers for tests that import small files written on the spot."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from credit_app.importers import ImportReport, import_file
from tests.factories import make_company

Import = Callable[..., ImportReport]

INVOICES = "invoice_number,customer_id,document_date,due_date,amount,currency,disputed,settled_on"
CUSTOMERS = "customer_id,name,registration_number,country,industry,city,address"
RECEIPTS = "receipt_id,customer_id,received_on,amount,currency,reference,invoice_number"


@pytest.fixture
def company(session: Session) -> None:
    make_company(session)


@pytest.fixture
def run(session: Session, company: None) -> Import:
    """`run(kind, content, **options)`: imports text or bytes by the mapping named like the kind."""

    def import_it(kind: str, content: str | bytes, mapping: str = "", **options: Any) -> ImportReport:
        data = content.encode() if isinstance(content, str) else content
        name = options.pop("filename", "file.csv")
        return import_file(session, kind, name, BytesIO(data), mapping or kind, **options)

    return import_it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for mappings of the test's own."""
    return tmp_path


def lines(heading: str, *rows: str) -> str:
    return "\n".join([heading, *rows, ""])
