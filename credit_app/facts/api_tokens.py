"""Tokens of other systems: made, found by their secret, revoked. Callers commit."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, joinedload

from credit_app.i18n import _
from credit_app.models import API_SCOPES, ApiToken, Person
from workflows import Conflict, Refused

PREFIX = "cd_"  # lets scanners for leaked secrets, and people, see what it is
LONGEST_DAYS = 731
SEEN_EVERY = timedelta(seconds=60)
# As one text: every request asks it, and to put rows into objects takes longer than to read them.
_BY_HASH = text("""
    SELECT t.id, t.name, t.source, t.scopes, t.expires_on, t.revoked_at, t.last_used_at,
        (SELECT c.time_zone FROM company c WHERE c.id = 1) AS time_zone,
        (SELECT string_agg(code, ' ') FROM currency) AS currencies
    FROM api_token t WHERE t.token_hash = :token_hash
""")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The system that asks: what counts of its token, and what every request needs of the company."""

    id: int
    name: str
    source: str
    scopes: Sequence[str]
    expires_on: date
    revoked_at: datetime | None
    last_used_at: datetime | None
    time_zone: str
    currencies: frozenset[str]


def make_token(
    session: Session,
    name: str,
    source: str,
    scopes: Sequence[str],
    expires_on: date,
    now: datetime,
    today: date,
    made_by: Person | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is kept nowhere. `source` marks what it writes. Raises Refused."""
    if not name.strip():
        raise Refused(_("Give the system a name."))
    if not _SOURCE.fullmatch(source):
        raise Refused(
            _("A source has up to 60 small letters, digits, “.”, “-” or “_”, for example erp_north.")
        )
    if not scopes or not set(scopes) <= set(API_SCOPES):
        raise Refused(_("Choose at least one of %(scopes)s.", scopes=", ".join(API_SCOPES)))
    if not today < expires_on <= today + timedelta(days=LONGEST_DAYS):
        last = today + timedelta(days=LONGEST_DAYS)
        raise Refused(_("A token ends after today and by %(last)s.", last=last))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        name=name.strip()[:100],
        source=source,
        token_hash=digest(secret),
        scopes=[scope for scope in API_SCOPES if scope in scopes],
        expires_on=expires_on,
        made_by=made_by.id if made_by else None,
        created_at=now,
    )
    session.add(token)
    session.flush()
    return token, secret


def digest(secret: str) -> str:
    """What is kept of a secret: with 256 random bits a plain SHA-256 can neither be guessed nor searched."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def find_caller(session: Session, secret: str) -> Caller | None:
    """The system with this secret, whether or not its token still counts."""
    row = session.execute(_BY_HASH, {"token_hash": digest(secret)}).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    zone, codes = values.pop("time_zone"), values.pop("currencies")
    return Caller(**values, time_zone=zone or "UTC", currencies=frozenset((codes or "").split()))


def note_use(session: Session, token: Caller, now: datetime) -> None:
    """Keep that the token was used, at most once a minute, and without waiting for another request of the same."""
    if token.last_used_at is not None and token.last_used_at > now - SEEN_EVERY:
        return
    free = (
        select(ApiToken.id).where(ApiToken.id == token.id).with_for_update(key_share=True, skip_locked=True)
    )
    session.execute(
        update(ApiToken)
        .where(ApiToken.id == free.scalar_subquery())
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )


def revoke_token(session: Session, token: ApiToken, now: datetime, revoked_by: Person | None = None) -> None:
    """From now on the token opens nothing. Raises Conflict for one that was revoked before."""
    revoked = session.scalar(
        update(ApiToken)
        .where(ApiToken.id == token.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=revoked_by.id if revoked_by else None)
        .returning(ApiToken.id)
    )
    if revoked is None:
        raise Conflict(_("This token was revoked already."))


def tokens(session: Session, most: int = 500) -> list[ApiToken]:
    """All tokens, those that count first, then the newest."""
    query = select(ApiToken).options(joinedload(ApiToken.maker), joinedload(ApiToken.revoker))
    return list(
        session.scalars(query.order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc()).limit(most))
    )
