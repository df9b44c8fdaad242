"""Makes the one company of an empty database and its first administrator."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from credit_app import seeds
from credit_app.config import Config
from credit_app.connect import owner_engine
from credit_app.models import Company, Person, PersonRole
from credit_app.models.passwords import hash_password
from workflows.errors import Refused

SHORTEST_PASSWORD = 12


@dataclass(frozen=True)
class NewCompany:
    """What `credit init` asks."""

    company: str
    currency: str
    time_zone: str
    email: str
    name: str
    password: str

    def check(self) -> None:
        """Raise Refused naming the first answer that cannot be used."""
        if not self.company.strip() or not self.name.strip():
            raise Refused("The company and its administrator need a name.")
        if self.currency.upper() not in seeds.CURRENCIES:
            known = ", ".join(sorted(seeds.CURRENCIES))
            raise Refused(f"The currency “{self.currency}” is not known; known are {known}.")
        if self.time_zone not in available_timezones():
            raise Refused(f"The time zone “{self.time_zone}” is not known; write it like Europe/Berlin.")
        check_email(self.email)
        if len(self.password) < SHORTEST_PASSWORD:
            raise Refused(f"The password needs at least {SHORTEST_PASSWORD} characters.")


def check_email(email: str) -> None:
    """Raise Refused when the text is no e-mail address."""
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        raise Refused(f"“{email}” is not an e-mail address: {error}") from None


def create_company(config: Config, wanted: NewCompany) -> None:
    """Write company, seeds and administrator in one transaction; Refused when a company is there already."""
    with owner_engine(config) as engine, Session(engine) as session:
        if session.get(Company, 1):
            raise Refused("This database already has a company; nothing was changed.")
        seeds.seed(session)
        session.add(
            Company(
                id=1,
                name=wanted.company.strip(),
                base_currency=wanted.currency.upper(),
                time_zone=wanted.time_zone,
            )
        )
        administrator = Person(email=wanted.email, name=wanted.name.strip())
        administrator.password_hash = hash_password(wanted.password)
        administrator.roles.append(PersonRole(role="admin"))
        session.add(administrator)
        session.commit()
