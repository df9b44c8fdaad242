"""Files that are handed in with an answer and filed under the customer."""

from typing import Protocol

from credit_app.facts.application import customer_id_of
from credit_app.models import CreditApplication, CustomerDocument
from workflows import Action


class HandedIn(Protocol):
    """A checked file: a harmless name, its true type, its bytes and their SHA-256."""

    @property
    def filename(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def content(self) -> bytes: ...
    @property
    def sha256(self) -> str: ...


def file_document(
    action: Action, application: CreditApplication, file: HandedIn | None, kind: str
) -> CustomerDocument | None:
    """File the document under the customer of the application; None: nothing was handed in."""
    if file is None:
        return None
    row = CustomerDocument(
        customer_id=customer_id_of(application),
        application_id=application.id,
        kind=kind,
        filename=file.filename,
        content_type=file.content_type,
        size=len(file.content),
        sha256=file.sha256,
        content=file.content,
        uploaded_by=action.actor.person_id,
        uploaded_at=action.now,
    )
    action.session.add(row)
    action.session.flush()
    return row
