"""Who asks: the bearer token of a request, its scope, and how many requests a minute it has."""

import re
import time
from collections import deque
from threading import Lock

from flask import current_app, g, request

from credit_app.api.clock import now, today
from credit_app.api.problems import ApiProblem
from credit_app.config import Config
from credit_app.db import db
from credit_app.facts.api_tokens import Caller, find_caller, note_use

_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/-]{1,200}=*)", re.IGNORECASE)
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Credit Desk"'}


class RateLimit:
    """The requests of each token in the last minute, counted in this process.

    In memory, not in a table: a row for counting would be written at every request and be held by each as long as its
    transaction runs, so that requests of one system would wait for each other. The limit protects a process from a
    caller that runs wild; it is no accounting.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.times: dict[int, deque[float]] = {}

    def wait(self, token_id: int, most: int, moment: float) -> float:
        """0 when the request is within `most` a minute, else the seconds to wait."""
        with self.lock:
            seen = self.times.setdefault(token_id, deque())
            while seen and seen[0] <= moment - 60:
                seen.popleft()
            if len(seen) >= most:
                return seen[0] + 60 - moment
            seen.append(moment)
            return 0.0


def enter(scope: str) -> Caller:
    """The token of this request, if it counts and has the scope. Raises ApiProblem 401, 403 or 429."""
    token = _token()
    config: Config = current_app.extensions["config"]
    limit: RateLimit = current_app.extensions["api_rate_limit"]
    wait = limit.wait(token.id, config.api_per_minute, time.monotonic())
    if wait > 0:
        raise ApiProblem(
            429,
            f"This token has made {config.api_per_minute} requests in the last minute, which is the most; wait.",
            {"Retry-After": str(int(wait) + 1)},
        )
    if scope not in token.scopes:
        raise ApiProblem(
            403,
            f"This token has the scopes {', '.join(token.scopes)}; this request needs {scope}.",
            {"WWW-Authenticate": f'Bearer realm="Credit Desk", error="insufficient_scope", scope="{scope}"'},
        )
    note_use(db.session(), token, now())
    g.api_caller = token
    return token


def _token() -> Caller:
    found = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    if found is None:
        raise ApiProblem(
            401,
            "Send the token in the header “Authorization: Bearer …”; cookies do not count here.",
            _CHALLENGE,
        )
    token = find_caller(db.session(), found[1])
    if token is not None:
        g.company_zone = token.time_zone
    if token is None:
        sentence = "This token is not known here; an administrator makes one on the page Interfaces."
    elif token.revoked_at is not None:
        sentence = "This token was revoked; an administrator makes a new one on the page Interfaces."
    elif token.expires_on < today():
        sentence = f"This token ended on {token.expires_on}; an administrator makes a new one on the page Interfaces."
    else:
        return token
    raise ApiProblem(401, sentence, {"WWW-Authenticate": 'Bearer realm="Credit Desk", error="invalid_token"'})
