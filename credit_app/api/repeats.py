"""A request sent twice is done once: the answer is kept under its Idempotency-Key, in the transaction of the action."""

import re
from collections.abc import Callable
from typing import Any

from flask import Response, request
from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.api.body import request_hash
from credit_app.api.clock import now
from credit_app.api.problems import ApiProblem, dumped
from credit_app.facts.api_tokens import Caller

# As text: every request that writes asks them.
_LOCK = text("""
    SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0)) FROM set_config('lock_timeout', '5s', true)
""")
_KEPT = text(
    "SELECT request_hash, status, answer FROM idempotency_key WHERE token_id = :token_id AND key = :key"
)
_KEEP = text("""
    INSERT INTO idempotency_key (token_id, key, request_hash, status, answer, created_at)
    VALUES (:token_id, :key, :request_hash, 200, CAST(:answer AS jsonb), :now)
""")
_KEY = re.compile(r"[\x21-\x7e]{1,100}")


def once(session: Session, token: Caller, data: bytes, act: Callable[[], dict[str, Any]]) -> Response:
    """The answer of `act`, or the one that was kept for the same key and body; commits. Raises ApiProblem.

    Only what was done is kept: a request that was refused wrote nothing, and may come again under its key.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise ApiProblem(
            400,
            "Send a header Idempotency-Key of 1 to 100 letters, digits and signs, a new one for each request.",
        )
    if not session.execute(_LOCK, {"key": f"credit_desk.api {token.id} {key}"}).scalar_one():
        raise ApiProblem(
            409,
            "A request with this Idempotency-Key is being worked on; ask again in a second for its answer.",
            {"Retry-After": "1"},
        )
    wanted = request_hash(data)
    kept = session.execute(_KEPT, {"token_id": token.id, "key": key}).one_or_none()
    if kept is not None:
        return _again(session, kept, wanted)
    answer = dumped(act())
    done = {"token_id": token.id, "key": key, "request_hash": wanted, "answer": answer, "now": now()}
    session.execute(_KEEP, done)
    session.commit()
    return Response(answer, 200, content_type="application/json")


def _again(session: Session, kept: Any, wanted: str) -> Response:
    if kept.request_hash != wanted:
        raise ApiProblem(
            409, "This Idempotency-Key was used for another request; send each request with a key of its own."
        )
    answer, status = kept.answer, kept.status
    session.commit()
    response = Response(dumped(answer), status, content_type="application/json")
    response.headers["Idempotent-Replay"] = "true"
    return response
