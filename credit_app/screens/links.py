"""One-time links to set a password. The database keeps only a hash, the mail only the link's number."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from flask import current_app, url_for
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from credit_app.db import db
from credit_app.models import PasswordLink, Person, hash_password
from credit_app.screens.mail import queue_mail

MOST_PER_HOUR = 3


def token(secret_key: str, link_id: int, expires_at: datetime) -> str:
    """Return the secret part of a link's address, derived from the application's key.

    So neither the link table nor the outbox holds what would open the account; the mail is rendered with it.
    """
    text = f"password-link:{link_id}:{int(expires_at.timestamp())}".encode()
    digest = hmac.new(secret_key.encode(), text, sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def address(link_id: int) -> str:
    """Return the full address of a one-time link, for the mail that carries it."""
    link = db.session.get(PasswordLink, link_id)
    expires = link.expires_at if link else datetime.now(UTC)
    secret = token(str(current_app.config["SECRET_KEY"]), link_id, expires)
    return url_for("auth.set_password", token=secret, _external=True)


def send_link(
    database: Session, person: Person, *, secret_key: str, instant: datetime, minutes: int, template: str
) -> bool:
    """Queue a mail with a fresh link; False when this person got too many in the last hour. Does not commit."""
    recent = database.scalar(
        select(func.count())
        .select_from(PasswordLink)
        .where(PasswordLink.person_id == person.id, PasswordLink.created_at > instant - timedelta(hours=1))
    )
    if (recent or 0) >= MOST_PER_HOUR:
        return False
    expires = (instant + timedelta(minutes=minutes)).replace(microsecond=0)
    link = PasswordLink(person_id=person.id, token_sha256="", expires_at=expires, created_at=instant)
    database.add(link)
    link.token_sha256 = f"new {person.id} {instant.timestamp()}"
    database.flush()
    link.token_sha256 = digest(token(secret_key, link.id, expires))
    queue_mail(database, person, template, key=f"password-link-{link.id}", link_id=link.id)
    return True


def digest(secret: str) -> str:
    """Return what the table keeps of a token."""
    return sha256(secret.encode()).hexdigest()


def open_link(database: Session, secret: str, instant: datetime) -> PasswordLink | None:
    """Return the unused, unexpired link of this token, or None."""
    return database.scalar(
        select(PasswordLink).where(
            PasswordLink.token_sha256 == digest(secret),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > instant,
        )
    )


def use_link(database: Session, secret: str, password: str, instant: datetime) -> Person | None:
    """Set the password once: of two people with the same link one wins. None when it is used or over.

    All other links and all sessions of the person end, and a lock is lifted. Does not commit.
    """
    person_id = database.scalar(
        update(PasswordLink)
        .where(
            PasswordLink.token_sha256 == digest(secret),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > instant,
        )
        .values(used_at=instant)
        .returning(PasswordLink.person_id)
    )
    person = database.get(Person, person_id) if person_id else None
    if person is None or not person.active:
        return None
    database.execute(
        update(PasswordLink)
        .where(PasswordLink.person_id == person.id, PasswordLink.used_at.is_(None))
        .values(used_at=instant)
    )
    set_password(person, password)
    return person


def set_password(person: Person, password: str) -> None:
    """Give a person a new password; every session made before ends."""
    person.password_hash = hash_password(password)
    person.session_epoch += 1
    person.failed_logins, person.locked_until = 0, None
