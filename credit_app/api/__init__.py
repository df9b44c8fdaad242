"""Interfaces for other systems: `/api/v1` takes and gives JSON and UBL by token; `/api` says how, for people."""

from collections.abc import Callable
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from credit_app import security
from credit_app.api import problems
from credit_app.api.access import RateLimit, enter
from credit_app.api.inputs import MOST_ROWS
from credit_app.api.openapi import ROOT, document
from credit_app.api.operations import Operation
from credit_app.api.table import OPERATIONS
from credit_app.domain.errors import DomainError
from credit_app.i18n import _l
from workflows.errors import Refused

blueprint = Blueprint("api", __name__, url_prefix=ROOT)
page = Blueprint("api_page", __name__, url_prefix="/api")


def init_app(app: Flask) -> None:
    """Register the operations of the table, their errors, the document and the page."""
    app.extensions["api_rate_limit"] = RateLimit()
    app.add_template_filter(field_type_word)
    # A token is sent on purpose; no browser adds it to a request that another site makes.
    security.csrf.exempt(blueprint)
    app.register_blueprint(blueprint)
    app.register_blueprint(page)
    # What is at no address belongs to no blueprint.
    app.register_error_handler(HTTPException, elsewhere)


TYPE_WORDS = {
    "text": _l("text"),
    "texts": _l("texts"),
    "date": _l("date"),
    "amount": _l("amount"),
    "amounts": _l("amounts"),
    "signed": _l("amount"),
    "currency": _l("currency code"),
    "country": _l("country code"),
    "kind": _l("text"),
    "yes_no": _l("true or false"),
    "whole": _l("whole number"),
    "rows": _l("list"),
}


def field_type_word(type_: str) -> str:
    """What a field holds, in words."""
    return str(TYPE_WORDS[type_])


def elsewhere(error: HTTPException) -> Response:
    """Answer a wrong address or method: a problem below /api/v1, a page elsewhere."""
    if request.path == ROOT or request.path.startswith(f"{ROOT}/"):
        return problems.http_error(error)
    return security.http_error(error)


def guarded(one: Operation) -> Callable[..., Response]:
    """The view of an operation behind its scope."""

    @wraps(one.view)
    def view(**place: Any) -> Response:
        enter(one.scope)
        return one.view(**place)

    return view


def _install() -> None:
    for one in OPERATIONS:
        blueprint.add_url_rule(one.rule, one.name, guarded(one), methods=[one.method])
    for error, handler in (
        (problems.ApiProblem, problems.answer),
        (Refused, problems.refused),
        (DomainError, problems.rule_broken),
        (StaleDataError, problems.overtaken),
        (DBAPIError, problems.database_error),
        (PoolTimeout, problems.busy),
        (HTTPException, problems.http_error),
        (Exception, problems.crashed),
    ):
        blueprint.register_error_handler(error, handler)


def program_version() -> str:
    """The version of the program that runs."""
    try:
        return version("credit-desk")
    except PackageNotFoundError:
        return "0"


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document; it needs no token, it holds no data."""
    return Response(problems.dumped(document(program_version())), content_type="application/json")


@page.get("")
def index() -> ResponseReturnValue:
    """The same for people."""
    return render_template("api/index.html", operations=OPERATIONS, root=ROOT, most=MOST_ROWS)


_install()
