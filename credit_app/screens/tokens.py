"""Interfaces: the tokens of other systems; a secret is shown once, when it is made."""

import logging
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts.api_tokens import make_token, revoke_token, tokens
from credit_app.forms.tokens import TokenForm
from credit_app.i18n import _, _l, said
from credit_app.models import ApiToken
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import now, today
from workflows.errors import NotFound, Refused

log = logging.getLogger(__name__)
blueprint = Blueprint("tokens", __name__, url_prefix="/admin/tokens")
USUAL_DAYS = 365
SCOPE_WORDS = {
    "customers.read": _l("Read customers"),
    "customers.write": _l("Enter and change customers"),
    "ledger.read": _l("Read open items and statements"),
    "ledger.write": _l("Enter invoices, receipts and what they pay"),
    "orders.check": _l("Check orders and see how they stand"),
    "orders.write": _l("Enter and change orders"),
    "sms.report": _l("Report the delivery of short messages"),
}


def scope_word(scope: str) -> str:
    """Return what a scope allows, in words."""
    return str(SCOPE_WORDS.get(scope, scope))


@blueprint.get("")
@allowed("token.see")
def index() -> ResponseReturnValue:
    """List the tokens."""
    return page(TokenForm(formdata=None, expires_on=today() + timedelta(days=USUAL_DAYS)))


@blueprint.post("")
@allowed("token.change")
def make() -> ResponseReturnValue:
    """Make a token and show its secret, this once."""
    form = TokenForm()
    if not form.validate():
        return page(form)
    try:
        token, secret = make_token(
            db.session(),
            form.name.data,
            form.source.data,
            form.scopes,
            form.expires_on.data,
            now(),
            today(),
            person(),
        )
    except Refused as refused:
        db.session.rollback()
        form.form_errors.append(said(refused))
        return page(form)
    db.session.commit()
    log.info("token %s for %s made by person %s", token.id, token.source, person().id)
    return render_template("admin/token_made.html", token=token, secret=secret)


@blueprint.post("/<int:token_id>/revoke")
@allowed("token.change")
def revoke(token_id: int) -> ResponseReturnValue:
    """Revoke a token for good."""
    token = db.session.get(ApiToken, token_id)
    if token is None:
        raise NotFound(_("This token does not exist."))
    revoke_token(db.session(), token, now(), person())
    db.session.commit()
    log.info("token %s for %s revoked by person %s", token.id, token.source, person().id)
    flash(_("The token of %(name)s opens nothing any more.", name=token.name), "success")
    return redirect(url_for("tokens.index"))


def page(form: TokenForm) -> ResponseReturnValue:
    """Return the page with the form as it stands."""
    rows = [(token, state(token)) for token in tokens(db.session())]
    shown = render_template("admin/tokens.html", form=form, rows=rows)
    return shown, 422 if form.errors or form.form_errors else 200


def state(token: ApiToken) -> str:
    """Return whether the token counts, as a status."""
    if token.revoked_at is not None:
        return "token_revoked"
    return "token_ended" if token.expires_on < today() else "token_valid"
