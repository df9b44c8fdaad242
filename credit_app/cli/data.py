"""`credit import` and `credit demo`: real input, and the invented company."""

import sys
from pathlib import Path

import click
from sqlalchemy.orm import Session

from credit_app import connect, demo, server
from credit_app.cli.common import application, database, tell
from credit_app.config import Config
from credit_app.db import db
from credit_app.importers import DECLARED, ImportReport, import_file
from workflows.errors import Refused

KINDS = ("customers", "invoices", "receipts", "ubl", *DECLARED)


@click.command(name="import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--mapping",
    default="",
    help="Name of a mapping that declares the file's columns; UBL and bank statements need none.",
)
@click.option(
    "--mappings", "folder", type=click.Path(path_type=Path, exists=True), help="Folder of own mappings."
)
@click.option("--skip-bad-rows", is_flag=True, help="Write the good rows although others are bad.")
@click.option("--dry-run", is_flag=True, help="Only report what would happen.")
def import_command(
    kind: str, file: Path, mapping: str, folder: Path | None, skip_bad_rows: bool, dry_run: bool
) -> None:
    """Import customers, invoices or receipts from a CSV or XLSX FILE, UBL documents (XML or ZIP) or a bank statement.

    Importing the same rows again changes nothing. Exit code 1 when nothing was written because a row was bad.
    """
    if not mapping and kind not in ("ubl", *DECLARED):
        raise click.UsageError("Give the --mapping that declares the file's columns.")
    mode = "skip_bad_rows" if skip_bad_rows else "all_or_nothing"
    label = f"Importing {file.name}"
    with application(), click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def progress(done: int, about: int) -> None:
            bar.length = max(about, 1)
            bar.update(done - bar.pos)

        report = import_file(
            db.session(),
            kind,
            file.name,
            file,
            mapping,
            mode=mode,
            dry_run=dry_run,
            progress=progress,
            folders=[folder] if folder else [],
        )
        db.session.commit()
    show(report)


def show(report: ImportReport) -> None:
    """Print counts and problems; exit code 1 when the file was refused."""
    for problem in report.problems:
        where = f"row {problem.row}" + (f", {problem.column}" if problem.column else "")
        click.echo(f"{where}: {problem.reason} (“{problem.value}”)")
    counts = f"{report.rows_new} new, {report.rows_changed} changed, {report.rows_same} unchanged"
    verb = "Would be" if report.dry_run else "Imported"
    if report.status == "refused":
        click.echo(f"Nothing was written: {report.rows_bad} of {report.rows_total} rows are bad.", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"{verb}: {report.rows_total} rows, {counts}, {report.rows_bad} bad.")


@click.group(name="demo")
def demo_group() -> None:
    """The demo company, generated and dated relative to today."""


@demo_group.command()
def load() -> None:
    """Load the demo company into a database without a company."""
    with connect.connected(Config.from_env(), tell) as config:
        ready = connect.prepare(config, tell)
        tell("Loading the demo company")
        server.load_demo(ready, demo.load)
        for line in server.demo_people(ready):
            click.echo(line)


@demo_group.command()
@click.confirmation_option(prompt="Remove everything in the demo company and load it anew?")
def reset() -> None:
    """Empty the demo company and load it again; refuses where a real company is."""
    with database() as config:
        with connect.owner_engine(config) as engine:
            if connect.others_connected(engine):
                raise Refused("Credit Desk is running on this database: stop it first.")
            with Session(engine) as session:
                demo.reset(session)
                session.commit()
        tell("Loading the demo company")
        server.load_demo(connect.prepare(config, tell), demo.load)
        for line in server.demo_people(config):
            click.echo(line)
