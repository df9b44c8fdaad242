"""What an answer says when something was not accepted: RFC 9457 `application/problem+json`, one English sentence."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, current_app
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure, UniqueViolation
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from credit_app.db import db
from credit_app.domain.errors import DomainError
from credit_app.i18n import said
from credit_app.importers.report import Problem as RowProblem
from credit_app.security import reference
from workflows.errors import Refused

PROBLEM_TYPE = "application/problem+json"
_SENTENCES = {
    404: "There is nothing at this address; /api/v1/openapi.json lists what there is.",
    405: "This address does not take this method; the header Allow says which it takes.",
    400: "The request cannot be read.",
    413: "The request is larger than accepted here.",
    500: "Something failed on our side; our log has it under the reference.",
    503: "The system is busy or being updated; send the request again in a minute.",
}


class ApiProblem(Exception):
    """A request that is not accepted; `detail` names the field and what is accepted."""

    def __init__(
        self, status: int, detail: str, headers: dict[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.members = members


def rows_refused(problems: Sequence[RowProblem], results: list[dict[str, Any]]) -> ApiProblem:
    """One row that cannot be taken stops them all; every row is named with what became of it."""
    first = problems[0]
    field = f", {first.column}" if first.column else ""
    shown = f" (“{first.value}”)" if first.value else ""
    detail = f"Nothing was written; row {first.row}{field}: {first.reason.removesuffix('.')}{shown}."
    errors = [
        {"row": one.row, "field": one.column, "value": one.value, "reason": one.reason} for one in problems
    ]
    return ApiProblem(422, detail, errors=errors, rows=results)


def dumped(value: Any) -> str:
    """JSON as every answer has it: the same value is always the same text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def answer(problem: ApiProblem) -> Response:
    """The problem as an answer; nothing of what the request began is kept."""
    db.session.rollback()
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
    }
    response = Response(dumped(body), problem.status, content_type=PROBLEM_TYPE)
    response.headers.update(problem.headers)
    return response


def refused(error: Refused) -> Response:
    """A rule that said no, in its own sentence."""
    return answer(ApiProblem(getattr(error, "status", 422), said(error)))


def rule_broken(error: DomainError) -> Response:
    """A rule that nobody turned into a refusal, such as a policy figure out of form."""
    current_app.logger.exception("request %s met a rule", reference())
    return answer(ApiProblem(422, said(error)))


def http_error(error: HTTPException) -> Response:
    """Flask's and Werkzeug's own errors."""
    code = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name.lower() in ("allow", "retry-after")}
    return answer(ApiProblem(code, _SENTENCES.get(code, "The request was not accepted."), headers))


def overtaken(_error: StaleDataError) -> Response:
    """Something else changed a row between being read and being written."""
    return answer(_again(409))


def _again(status: int, seconds: int = 1) -> ApiProblem:
    sentence = (
        "Something else wrote the same at the same moment; send it again with the same Idempotency-Key."
        if status == 409
        else _SENTENCES[503]
    )
    return ApiProblem(status, sentence, {"Retry-After": str(seconds)})


def database_error(error: DBAPIError) -> Response:
    """What the database's own locks and guards refused; anything else is a defect."""
    if isinstance(error.orig, DeadlockDetected | SerializationFailure | UniqueViolation):
        return answer(_again(409))
    if isinstance(error.orig, LockNotAvailable):
        return answer(_again(503, 10))
    if isinstance(error, IntegrityError):  # a check of the ledger that came in between
        current_app.logger.exception("request %s met a guard of the database", reference())
        return answer(_again(409))
    return crashed(error)


def busy(_error: PoolTimeout) -> Response:
    """No connection was free in time."""
    return answer(_again(503, 10))


def crashed(error: Exception) -> Response:
    """A defect: logged under the reference that the caller reads."""
    current_app.logger.exception("request %s failed", reference())
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return answer(ApiProblem(500, _SENTENCES[500], reference=reference()))
