"""`credit ledger`: the proof that the kept balances are what the entries come to."""

import click

from credit_app.cli.common import application
from credit_app.db import db
from credit_app.facts.ledger_check import MOST, balances_that_do_not_tie


@click.group()
def ledger() -> None:
    """The receivables ledger."""


@ledger.command()
def check() -> None:
    """Compare every kept balance with its entries; a sentence for each that differs, with exit code 1.

    Changes nothing. At most a hundred differences are told.
    """
    with application():
        found = balances_that_do_not_tie(db.session())
    for difference in found:
        click.echo(str(difference))
    if found:
        if len(found) == MOST:
            click.echo(f"There may be more than these {MOST}.")
        raise click.exceptions.Exit(1)
    click.echo("All balances tie with their entries.")
