"""Documents in a customer's file: filing them, and reading one with its bytes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from credit_app.i18n import _
from credit_app.models import CustomerDocument
from credit_app.models.legal import LegalEvent
from workflows import NotFound


class Handed(Protocol):
    """A checked file: a harmless name, its true type, its bytes and their SHA-256."""

    @property
    def filename(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def content(self) -> bytes: ...
    @property
    def sha256(self) -> str: ...


def file_under(
    session: Session, customer_id: int, files: Iterable[Handed], kind: str, person_id: int, instant: datetime
) -> list[CustomerDocument]:
    """Files documents under a customer, flushed."""
    rows = [
        CustomerDocument(
            customer_id=customer_id,
            kind=kind,
            filename=file.filename,
            content_type=file.content_type,
            size=len(file.content),
            sha256=file.sha256,
            content=file.content,
            uploaded_by=person_id,
            uploaded_at=instant,
        )
        for file in files
    ]
    session.add_all(rows)
    session.flush()
    return rows


def document_of(
    session: Session, customer_id: int, document_id: int, content: bool = False
) -> CustomerDocument:
    """A document of this customer, with its bytes when asked. Raises NotFound."""
    query = select(CustomerDocument).where(
        CustomerDocument.id == document_id, CustomerDocument.customer_id == customer_id
    )
    found = session.scalar(query.options(undefer(CustomerDocument.content)) if content else query)
    if found is None:
        raise NotFound(_("There is no such document in this file."))
    return found


def documents_of(session: Session, customer_id: int, most: int = 200) -> list[CustomerDocument]:
    """The documents of a customer without their bytes, the newest first."""
    query = select(CustomerDocument).where(CustomerDocument.customer_id == customer_id)
    return list(session.scalars(query.order_by(CustomerDocument.id.desc()).limit(most)))


def legal_packs(session: Session, customer_id: int) -> set[int]:
    """The documents of a customer that are evidence packs: what counsel has gathered, prospects and contacts in it."""
    query = (
        select(LegalEvent.document_id)
        .join(CustomerDocument, CustomerDocument.id == LegalEvent.document_id)
        .where(CustomerDocument.customer_id == customer_id, LegalEvent.kind == "evidence")
    )
    return {found for found in session.scalars(query) if found is not None}
