"""Sessions: begun with a new identity at sign-in, ended by idleness, age, sign-out or a new password."""

import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from flask import Flask, flash, redirect, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import case, select, update
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Person, hash_password, password_matches, policy_values
from credit_app.screens.access import to_sign_in
from credit_app.screens.clock import now, today

manager = LoginManager()
hasher = PasswordHasher()

# Used until the company has its own policy values `sign_in.…`.
DEFAULTS = {"attempts": 5, "lock_minutes": 15, "idle_minutes": 60, "absolute_hours": 12, "link_minutes": 60}
QUIET = frozenset({"inbox_news.news"})  # what pages ask for by themselves is no activity of a person
SEEN_EVERY = 60  # seconds between two notes of activity, so that not every answer sets a cookie


def init_app(app: Flask) -> None:
    """Connect flask-login and the check of every request."""
    manager.init_app(app)
    manager.session_protection = None  # our own: epoch, idle time and age
    manager.user_loader(load_person)
    manager.unauthorized_handler(to_sign_in)
    app.before_request(end_old_session)


def rules(database: Session) -> dict[str, int]:
    """Return today's sign-in policy (keys `sign_in.…`) over the defaults."""
    known = policy_values(database, today())
    return {name: int(known.get(f"sign_in.{name}", standard)) for name, standard in DEFAULTS.items()}


def load_person(kept: str) -> Person | None:
    """Return the person of a session ('id.epoch'); None when its epoch is over or the person is deactivated."""
    key, _dot, epoch = kept.partition(".")
    if not key.isdigit() or not epoch.isdigit():
        return None
    found: Person | None = db.session.get(Person, int(key), options=[selectinload(Person.roles)])
    return found if found and found.active and found.session_epoch == int(epoch) else None


def end_old_session() -> Response | None:
    """End a session that is idle or old; note activity otherwise."""
    if request.endpoint == "static" or request.blueprint == "api" or "born" not in session:
        return None
    instant = now().timestamp()
    idle, born = instant - session.get("seen", 0), instant - session["born"]
    if idle <= session.get("idle", 0) and born <= session.get("absolute", 0):
        if idle > SEEN_EVERY and request.endpoint not in QUIET:
            session["seen"] = instant
        return None
    session.clear()
    flash(
        _("You were signed out because nothing happened for a while. What you sent last was not saved."),
        "warning",
    )
    return to_sign_in() if request.method == "GET" else redirect("/sign-in")


def attempt(database: Session, email: str, password: str) -> Person | None:
    """Return the person when e-mail and password match and the account is not locked; commits the count.

    The attempt is counted before the password is looked at, so parallel guesses cannot exceed the number
    allowed. An unknown e-mail costs the same time as a wrong password.
    """
    limits, instant = rules(database), now()
    person: Person | None = database.scalar(
        select(Person).where(Person.email == email.strip().lower(), Person.active)
    )
    counted = person is not None and count_attempt(database, person, limits, instant)
    database.commit()
    matches = password_matches(person.password_hash if person else None, password)
    if person is None or not counted or not matches:
        return None
    person.failed_logins, person.locked_until, person.last_login_at = 0, None, instant
    if person.password_hash and hasher.check_needs_rehash(person.password_hash):
        person.password_hash = hash_password(password)
    database.commit()
    return person


def count_attempt(database: Session, person: Person, limits: dict[str, int], instant: datetime) -> bool:
    """Count one attempt in a single statement; False when the account is locked.

    The attempt that reaches the limit locks for the ones after it; a lock that is over starts counting anew.
    """
    over = Person.locked_until.is_not(None) & (Person.locked_until <= instant)
    failed = case((over, 1), else_=Person.failed_logins + 1)
    lock = instant + timedelta(minutes=limits["lock_minutes"])
    counted = database.scalar(
        update(Person)
        .where(Person.id == person.id, Person.locked_until.is_(None) | over)
        .values(
            failed_logins=failed,
            locked_until=case((failed >= limits["attempts"], lock), else_=None),
        )
        .returning(Person.failed_logins)
        .execution_options(synchronize_session=False)
    )
    return counted is not None


def begin(database: Session, person: Person) -> None:
    """Begin a session with a new identity; whatever was in the old one is gone, its CSRF token too."""
    limits, instant = rules(database), now().timestamp()
    session.clear()
    login_user(person)
    session.update(
        sid=secrets.token_urlsafe(16),
        born=instant,
        seen=instant,
        idle=limits["idle_minutes"] * 60,
        absolute=limits["absolute_hours"] * 3600,
    )


def end(database: Session) -> None:
    """Sign out: a copy of the cookie is worthless afterwards, because the person's epoch moves on."""
    if current_user.is_authenticated:
        end_all(database, current_user.id)
        database.commit()
    logout_user()
    session.clear()


def end_all(database: Session, person_id: int) -> None:
    """End all sessions of a person; does not commit."""
    database.execute(
        update(Person).where(Person.id == person_id).values(session_epoch=Person.session_epoch + 1)
    )


def safe_next(target: str | None) -> str:
    """Return `target` when it is an address of this application, else the start page."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    if any(ord(letter) < 32 or letter == "\\" for letter in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target
