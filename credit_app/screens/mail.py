"""The one place where screens put a mail into the platform's outbox."""

from typing import Any

from sqlalchemy.orm import Session

from credit_app.models import Person
from workflows import outbox


def queue_mail(database: Session, person: Person, template: str, *, key: str, **params: Any) -> None:
    """Queue one mail to a person; a second call with the same `key` changes nothing. Does not commit."""
    outbox.queue(database, key, "mail", f"person:{person.id}", template, params)
