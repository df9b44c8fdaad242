"""`credit init`: an empty company with its first administrator."""

import click

from credit_app import connect
from credit_app.cli.common import tell
from credit_app.config import Config


@click.command()
@click.option("--company", prompt="Name of the company", help="As it appears on letters.")
@click.option(
    "--currency", prompt="Base currency (ISO 4217)", help="Limits and levels count in it: EUR, CNY …"
)
@click.option(
    "--time-zone", prompt="Time zone", default="UTC", help="Of due dates and working days: Europe/Berlin …"
)
@click.option(
    "--email", prompt="E-mail of the first administrator", help="The administrator signs in with it."
)
@click.option("--name", prompt="Name of the first administrator", help="The administrator's name.")
@click.option(
    "--password",
    prompt="Password",
    hide_input=True,
    confirmation_prompt=True,
    envvar="CREDIT_ADMIN_PASSWORD",
    help="At least 12 characters; better typed at the prompt or given in CREDIT_ADMIN_PASSWORD.",
)
def init(**answers: str) -> None:
    """Set up an empty company, without the demo.

    Creates the tables, the application's database role, currencies, the default policy and the first
    administrator. Asks for what the options do not say.
    """
    from credit_app.companies import NewCompany, create_company  # noqa: PLC0415 - loads all tables

    wanted = NewCompany(**answers)
    wanted.check()
    with connect.connected(Config.from_env(), tell) as config:
        create_company(connect.prepare(config, tell), wanted)
    tell(f"{wanted.company} is set up. Start with “credit run” and sign in as {wanted.email.lower()}.")
