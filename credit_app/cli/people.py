"""`credit user`: who may sign in, without the administration page (first people, lost administrators)."""

from datetime import UTC, datetime, timedelta

import click
from flask import current_app, url_for
from sqlalchemy import select

from credit_app.cli.common import application, tell
from credit_app.companies import check_email
from credit_app.config import Config
from credit_app.db import db
from credit_app.models import Branch, PasswordLink, Person, PersonRole
from credit_app.models.organisation import ROLES
from credit_app.screens import links
from workflows.errors import Refused

LINK_HOURS = 48


@click.group()
def user() -> None:
    """People: add, list, deactivate, hand out a link to set the password."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ROLES), required=True, help="May be repeated."
)
@click.option("--branch", "branch_code", help="Code of the person's branch; roles then count there only.")
@click.option("--title", default="", help="For letters and decisions.")
def add(email: str, name: str, roles: tuple[str, ...], branch_code: str | None, title: str) -> None:
    """Add a person and print a one-time link to set the password."""
    check_email(email)
    with application():
        if db.session.scalar(select(Person).where(Person.email == email.strip().lower())):
            raise Refused(f"There is already a person with the address {email}.")
        branch = find_branch(branch_code)
        person = Person(email=email, name=name, title=title, branch=branch)
        person.roles = [PersonRole(role=role, branch=branch) for role in dict.fromkeys(roles)]
        db.session.add(person)
        db.session.flush()
        address = new_link(person)
        db.session.commit()
    click.echo(address)
    tell(f"{name} was added and sets the password at this address, once, within {LINK_HOURS} hours.")


@user.command(name="list")
def list_people() -> None:
    """List everybody: address, name, state, roles."""
    with application():
        for person in db.session.scalars(select(Person).order_by(Person.email)):
            roles = ", ".join(sorted({row.role for row in person.roles}))
            state = "active" if person.active else "inactive"
            click.echo(f"{person.email}\t{person.name}\t{state}\t{roles}")


@user.command(name="passwd-link")
@click.argument("email")
def passwd_link(email: str) -> None:
    """Print a one-time link with which the person sets a new password."""
    with application():
        address = new_link(find_person(email))
        db.session.commit()
    click.echo(address)


@user.command()
@click.argument("email")
def deactivate(email: str) -> None:
    """End all sessions of a person and let them not sign in again; what they did stays in their name."""
    with application():
        person = find_person(email)
        person.active = False
        person.session_epoch += 1
        db.session.commit()
    tell(f"{person_words(email)} can no longer sign in.")


def person_words(email: str) -> str:
    """Return the address as it is kept."""
    return email.strip().lower()


def find_person(email: str) -> Person:
    """Return the person with this address; Refused when there is none."""
    person: Person | None = db.session.scalar(select(Person).where(Person.email == person_words(email)))
    if person is None:
        raise Refused(f"There is nobody with the address {email}.")
    return person


def find_branch(code: str | None) -> Branch | None:
    """Return the branch with this code; Refused, naming those there are, when it is unknown."""
    if code is None:
        return None
    branch: Branch | None = db.session.scalar(select(Branch).where(Branch.code == code))
    if branch is None:
        known = ", ".join(db.session.scalars(select(Branch.code).order_by(Branch.code))) or "none"
        raise Refused(f"There is no branch {code}; known are {known}.")
    return branch


def new_link(person: Person) -> str:
    """Make a one-time link and return its whole address. Does not commit."""
    config: Config = current_app.extensions["config"]
    now = datetime.now(UTC)
    expires = (now + timedelta(hours=LINK_HOURS)).replace(microsecond=0)
    link = PasswordLink(person_id=person.id, expires_at=expires, created_at=now)
    link.token_sha256 = f"new {person.id} {now.timestamp()}"  # the token follows from the row's number
    db.session.add(link)
    db.session.flush()
    secret = links.token(config.secret_key, link.id, expires)
    link.token_sha256 = links.digest(secret)
    base = config.base_url or f"http://localhost:{config.port}"
    with current_app.test_request_context(base_url=base):
        return url_for("auth.set_password", token=secret, _external=True)
