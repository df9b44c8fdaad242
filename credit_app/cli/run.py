"""Commands that run the program: everything at once, or web and worker under a supervisor of one's own."""

import click

from credit_app import connect, logging, server
from credit_app.cli.common import tell
from credit_app.config import Config
from credit_app.worker import work


@click.command()
@click.option("--no-demo", is_flag=True, help="Do not load the demo company into an empty database.")
def run(no_demo: bool) -> None:
    """Run everything here: database, web and worker.

    The first start creates the database in CREDIT_VAR and loads the demo company; later starts take seconds
    and keep the data. Ctrl-C stops all of it.
    """
    server.Supervisor(Config.from_env(), tell).run(demo=not no_demo)


@click.command()
def serve() -> None:
    """Run only the web server, in the foreground.

    For an installation with a process supervisor of its own: migrate with `credit db upgrade`, then set
    DATABASE_URL, or DATABASE_APP_URL alone.
    """
    server.serve(Config.from_env())


@click.command()
def worker() -> None:
    """Run only the worker (timers, mail, housekeeping), in the foreground.

    Any number of workers may run side by side.
    """
    logging.setup()
    work(connect.elsewhere(Config.from_env()))
