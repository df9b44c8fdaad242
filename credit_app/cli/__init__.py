"""The console command `credit`. Exit codes: 0 done, 1 refused or failed (a sentence on stderr), 2 usage."""

import sys
from typing import Never

import click

from credit_app.cli import (
    company,
    customer,
    data,
    database,
    ledger,
    people,
    processes,
    rating,
    run,
    setup,
    token,
)
from credit_app.config import ConfigError
from credit_app.postgres import PostgresError
from workflows.errors import Refused


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Credit Desk: trade credit, from application to limit.

    \b
    Settings come from the environment:
      PORT          where the pages are served (8000)
      CREDIT_VAR    folder of the embedded database and of generated secrets (./var)
      DATABASE_URL  use this PostgreSQL (15 or newer) instead of the embedded one
    """


cli.add_command(setup.init)
cli.add_command(run.run)
cli.add_command(run.serve)
cli.add_command(run.worker)
cli.add_command(database.db)
cli.add_command(company.company)
cli.add_command(customer.customer)
cli.add_command(people.user)
cli.add_command(token.token)
cli.add_command(data.import_command)
cli.add_command(data.demo_group)
cli.add_command(processes.process)
cli.add_command(processes.history_group)
cli.add_command(ledger.ledger)
cli.add_command(rating.rating)


def main() -> Never:
    """Run the command line; every expected failure becomes one sentence and exit code 1."""
    try:
        code = cli(prog_name="credit", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (Refused, ConfigError, PostgresError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)
