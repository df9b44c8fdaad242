"""What every answer carries and what no request gets past: headers, CSRF token, error pages."""

import secrets
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import ClientDisconnected, HTTPException

from credit_app.db import db
from credit_app.domain.errors import DomainError
from credit_app.i18n import _, said
from workflows.errors import Conflict, Refused

csrf = CSRFProtect()

# No inline script or style anywhere: what an attacker manages to write into a page is text, not code.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
NEVER_SHOWN = ("csrf_token", "password", "token")
NOT_TYPED = ("version", "request_key", "next", "seen")


def init_app(app: Flask) -> None:
    """Connect the CSRF check, the headers and the error pages."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # a token lives as long as its session
    csrf.init_app(app)
    app.before_request(refuse_nul)
    app.after_request(add_headers)
    app.register_error_handler(CSRFError, csrf_missing)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(DomainError, rule_broken)
    app.register_error_handler(StaleDataError, overtaken)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, crashed)


def refuse_nul() -> None:
    """Refuse the one character that no text column takes, wherever it was put; nobody types it."""
    values = (request.path, *request.args.values(), *request.form.values(), *request.form.keys())
    if any("\x00" in value for value in values):
        abort(400)


def add_headers(response: Response) -> Response:
    """Set the security headers; pages of signed-in people are kept in no cache."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def refused(error: Refused) -> Response:
    """Answer a rule that said no with its own sentence; what was typed into the form can still be read there."""
    typed = list(typed_values()) if request.method == "POST" else []
    return error_page(getattr(error, "status", 422), said(error), typed=typed)


def rule_broken(error: DomainError) -> Response:
    """Answer a rule that nobody turned into a refusal, such as a policy figure out of form, with its own sentence."""
    current_app.logger.exception("request %s met a rule", reference())
    return error_page(422, said(error))


def overtaken(_error: StaleDataError) -> Response:
    """Answer a row that somebody else changed between being read and being written."""
    return refused(Conflict(sentence(409)))


def csrf_missing(_error: CSRFError) -> Response:
    """Answer a form without a valid token; what was typed can be sent again when it came from our own page."""
    text = _("This form was open too long or in another session, so nothing was changed.")
    typed = list(typed_values()) if from_own_page() else []
    return error_page(400, text, typed=typed, again=True)


def http_error(error: HTTPException) -> Response:
    """Answer Flask's and Werkzeug's own errors in the words of this product; redirects pass through."""
    code = error.code or 500
    if code < 400:
        return error.get_response()  # type: ignore[return-value]
    cut_off = isinstance(error, ClientDisconnected)
    response = error_page(code, broken_off() if cut_off else sentence(code))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def too_large() -> str:
    """Return how much may be sent at a time here."""
    most = (request.max_content_length or 0) // 1024 // 1024
    return _("What you sent is larger than accepted here: at most %(most)s MB at a time.", most=most)


def broken_off() -> str:
    """Return what is said when fewer bytes came than were announced."""
    return _("What you sent did not arrive whole, as the connection broke off. Please send it again.")


def crashed(error: Exception) -> Response:
    """Answer a defect: log it under the reference that the person reads on the page."""
    current_app.logger.exception("request %s failed", reference())
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return error_page(500, sentence(500))


def sentence(code: int) -> str:
    """Return what happened, in one sentence."""
    known = {
        400: _("The address or the form holds something this page does not understand."),
        401: _("Please sign in first."),
        403: _("You may not open this page or do this."),
        404: _("There is nothing at this address, or it is not for you to see."),
        405: _("This address cannot be opened this way: changes are made with the buttons on the pages."),
        409: _("Somebody was faster: this has changed since you opened it."),
        413: too_large(),
        429: _("Too many requests in a short time. Please wait a minute."),
        500: _("Something failed on our side."),
        503: _("The system is busy or being updated. Please try again in a minute."),
    }
    return known.get(code, _("This request was not accepted."))


def error_page(
    code: int, text: str, typed: list[tuple[str, str]] | None = None, again: bool = False
) -> Response:
    """Return the page, or for htmx the message alone, that says what happened and that nothing was lost.

    `typed` is shown, without what the page itself put into the form; `again` offers to send it once more.
    """
    db.session.rollback()
    values = {
        "code": code,
        "title": title(code),
        "text": text,
        "typed": typed or [],
        "shown": [(name, value) for name, value in typed or [] if name not in NOT_TYPED and value.strip()],
        "again": again,
        "reference": reference(),
        "framed": code < 500 and bool(current_user and current_user.is_authenticated),
    }
    if request.headers.get("HX-Request"):
        response = make_response(render_template("errors/message.html", **values), code)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return make_response(render_template("errors/page.html", **values), code)


def title(code: int) -> str:
    """Return a short heading for a status."""
    known = {
        400: _("Not understood"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not possible this way"),
        409: _("Already changed"),
        413: _("Too large"),
        422: _("Not accepted"),
        429: _("Too fast"),
        500: _("Our mistake"),
        503: _("Not available"),
    }
    return known.get(code) or HTTPStatus(code).phrase


def reference() -> str:
    """Return the reference of this request: the one in the log, else a fresh one."""
    if not getattr(g, "request_id", None):
        g.request_id = secrets.token_hex(4)
    return str(g.request_id)


def from_own_page() -> bool:
    """Tell whether the browser says that one of our own pages sent this form."""
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host


def typed_values() -> list[tuple[str, str]]:
    """Return what was typed, without secrets."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(word in name for word in NEVER_SHOWN)
    ][:200]
