"""`credit token`: tokens of other systems, without the administration page."""

from datetime import timedelta

import click
from sqlalchemy import select

from credit_app.cli.common import application, tell
from credit_app.db import db
from credit_app.facts.api_tokens import make_token, revoke_token, tokens
from credit_app.models import API_SCOPES, ApiToken
from credit_app.screens.clock import now, today
from workflows.errors import Refused


@click.group()
def token() -> None:
    """Tokens of other systems: make, list, revoke."""


@token.command()
@click.argument("name")
@click.option("--source", required=True, help="Marks all that the system writes, for example erp_north.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(API_SCOPES), required=True, help="May be repeated."
)
@click.option("--days", default=365, show_default=True, help="How long it counts, at most 731.")
def make(name: str, source: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token for the system NAME and print its secret, this once."""
    if not 1 <= days <= 10_000:
        raise Refused("A token counts for 1 to 731 days.")
    with application() as app, app.test_request_context():
        expires_on = today() + timedelta(days=days)
        made, secret = make_token(db.session(), name, source, scopes, expires_on, now(), today())
        number = made.id
        db.session.commit()
    click.echo(secret)
    tell(f"Token {number} for {source} counts until {expires_on}. The secret is kept nowhere: copy it now.")


@token.command(name="list")
def list_tokens() -> None:
    """List all tokens: number, name, source, scopes, last day, state."""
    with application() as app, app.test_request_context():
        for row in tokens(db.session()):
            state = "revoked" if row.revoked_at else "ended" if row.expires_on < today() else "valid"
            click.echo(
                f"{row.id}\t{row.name}\t{row.source}\t{', '.join(row.scopes)}\t{row.expires_on}\t{state}"
            )


@token.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Revoke the token with this NUMBER for good."""
    with application() as app, app.test_request_context():
        found = db.session.scalar(select(ApiToken).where(ApiToken.id == number))
        if found is None:
            raise Refused(f"There is no token {number}.")
        revoke_token(db.session(), found, now())
        db.session.commit()
    tell(f"Token {number} opens nothing any more.")
