"""`credit process` and `credit history`: definitions, incidents, and the proof that history was not changed."""

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app import connect, resources
from credit_app.cli.common import application, database, tell
from credit_app.db import db
from credit_app.models import Person
from workflows import Refused, deploy_directory, history, incidents
from workflows.tables import Definition, Instance


@click.group()
def process() -> None:
    """Process definitions and what went wrong in them."""


@process.command(name="list")
def list_definitions() -> None:
    """List every version of every process with its open and ended cases."""
    open_cases = func.count(Instance.id).filter(Instance.ended_at.is_(None))
    ended = func.count(Instance.id).filter(Instance.ended_at.is_not(None))
    query = (
        select(Definition.key, Definition.version, Definition.deployed_at, open_cases, ended)
        .outerjoin(Instance, Instance.definition_id == Definition.id)
        .group_by(Definition.id)
        .order_by(Definition.key, Definition.version)
    )
    with application():
        for key, version, deployed_at, running, done in db.session.execute(query):
            click.echo(
                f"{key}\tversion {version}\t{deployed_at:%Y-%m-%d %H:%M}Z\t{running} open\t{done} ended"
            )


@process.command()
def deploy() -> None:
    """Store a new version of each diagram that changed; running cases stay on theirs."""
    with database() as config, connect.owner_engine(config) as engine, Session(engine) as session:
        deployed = deploy_directory(session, resources.bpmn())
        session.commit()
    for key, version in deployed:
        click.echo(f"{key}\tversion {version}")
    tell(f"{len(deployed)} new versions.")


@process.command(name="incidents")
def list_incidents() -> None:
    """List what failed repeatedly and waits for a decision; exit code 1 when there is something."""
    with application():
        rows = incidents.open_incidents(db.session())
        for row in rows:
            click.echo("\t".join(str(value) for value in row.values()))
    if rows:
        raise click.exceptions.Exit(1)


@process.command()
@click.argument("incident", type=int)
def retry(incident: int) -> None:
    """Let the worker try an INCIDENT again."""
    with application():
        incidents.retry(db.session(), incident, None)
        db.session.commit()
    tell(f"Incident {incident} will be tried again.")


@click.group(name="history")
def history_group() -> None:
    """The append-only record of every process."""


@history_group.command()
@click.option("--instance", type=int, help="Only this case.")
def verify(instance: int | None) -> None:
    """Recompute the chain of hashes; names the first broken row, with exit code 1."""
    with application():
        count, broken = history.verify(db.session(), instance, lambda rows: tell(f"{rows:,} rows"))
    if broken:
        click.echo(
            f"Broken at case {broken.instance_id}, row {broken.seq}: {broken.reason} ({count:,} rows hold)."
        )
        raise click.exceptions.Exit(1)
    click.echo(f"{count:,} rows hold.")


@history_group.command()
@click.argument("instance", type=int)
@click.argument("row", type=int)
@click.option("--ground", required=True, help="The legal ground, kept in the tombstone.")
@click.option(
    "--by", "email", required=True, help="E-mail of the person who orders it, kept in the tombstone."
)
@click.confirmation_option(prompt="Erase this row's content for good?")
def erase(instance: int, row: int, ground: str, email: str) -> None:
    """Erase the personal data of one ROW of a case, as the owner; the chain still verifies."""
    with database() as config, connect.owner_engine(config) as engine, Session(engine) as session:
        person = session.scalar(select(Person).where(Person.email == email.strip().lower()))
        if person is None:
            raise Refused(f"There is nobody with the address {email}.")
        history.erase(session, instance, row, ground, person.id)
        session.commit()
    tell(f"Row {row} of case {instance} was erased.")
