"""Rows for tests: each function adds, flushes and returns one; what a test does not say gets a plain value.

`make_cast(session)` makes the company and the fixed cast of people that tests call by name.
"""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.completeness_of_file import ITEMS, NO_STATEMENTS
from credit_app.models import (
    Allocation,
    Branch,
    Company,
    Contact,
    CreditApplication,
    CreditLimit,
    CreditReport,
    Customer,
    ExchangeRate,
    FinancialStatement,
    Holiday,
    InformationItem,
    Investigation,
    Model,
    Owner,
    Person,
    PersonRole,
    Policy,
    Rating,
    Receipt,
    ReceivableItem,
    Reference,
    Substitution,
    next_application_number,
    next_customer_number,
)
from credit_app.seeds import seed

TODAY = date(2026, 3, 10)  # the day of conftest's clock
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"
# Cheap to check, so that a thousand sign-ins in tests cost nothing.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

_serial = count(1)
Row = TypeVar("Row", bound=Model)


def _add(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def make_company(session: Session, **values: Any) -> Company:
    """The company (EUR, Europe/Berlin) with currencies and default policy."""
    seed(session)
    given = {"id": 1, "name": "Nordlicht GmbH", "base_currency": "EUR", "time_zone": "Europe/Berlin"}
    return _add(session, Company(**given | values))


def make_branch(session: Session, code: str = "", **values: Any) -> Branch:
    code = code or f"B{next(_serial)}"
    return _add(session, Branch(**{"code": code, "name": f"Branch {code}"} | values))


def make_person(
    session: Session, *roles: str, name: str = "", branch: Branch | None = None, **values: Any
) -> Person:
    """A person with these roles, in one branch or (branch None) in all; signs in with PASSWORD."""
    return _add(session, new_person(*roles, name=name, branch=branch, **values))


def new_person(*roles: str, name: str = "", branch: Branch | None = None, **values: Any) -> Person:
    """The same person, in no session yet."""
    name = name or f"Person {next(_serial)}"
    given = {
        "name": name,
        "email": f"{name.lower().replace(' ', '.')}@test.example",
        "password_hash": PASSWORD_HASH,
        "branch": branch,
    }
    person = Person(**given | values)
    person.roles = [PersonRole(role=role, branch=branch) for role in roles]
    return person


@dataclass(frozen=True)
class Cast:
    """The fixed cast. Two people hold each level; `samir` sells in the south, where only `amir` decides as analyst.

    `alma` and `aldo` assess (rate and propose) in the north and the south, and so never decide on what they assessed.
    """

    company: Company
    north: Branch
    south: Branch
    sara: Person  # sales rep, north
    stefan: Person  # sales rep, north
    samir: Person  # sales rep, south
    mona: Person  # sales manager
    anna: Person  # credit analyst, north
    anton: Person  # credit analyst, north
    amir: Person  # credit analyst, south
    alma: Person  # credit analyst, north, who assesses
    aldo: Person  # credit analyst, south, who assesses
    carla: Person  # credit manager
    chen: Person  # credit manager
    felix: Person  # finance director
    fatima: Person  # finance director
    clara: Person  # CFO
    carlos: Person  # CFO
    karl: Person  # committee, as the four after him
    ingrid: Person
    yusuf: Person
    maria: Person
    oskar: Person
    rita: Person  # receivables
    cole: Person  # collector
    lena: Person  # counsel
    otto: Person  # auditor
    ada: Person  # administrator

    @property
    def committee(self) -> list[Person]:
        """The five members of the credit committee."""
        return [self.karl, self.ingrid, self.yusuf, self.maria, self.oskar]

    def everyone(self) -> list[Person]:
        return [value for f in fields(self) if isinstance(value := getattr(self, f.name), Person)]


# Attribute of the cast: name, role, code of the branch (None: all branches).
_CAST: dict[str, tuple[str, str, str | None]] = {
    "sara": ("Sara Lind", "sales_rep", "N"),
    "stefan": ("Stefan Berg", "sales_rep", "N"),
    "samir": ("Samir Haddad", "sales_rep", "S"),
    "mona": ("Mona Keller", "sales_manager", None),
    "anna": ("Anna Weiss", "credit_analyst", "N"),
    "anton": ("Anton Fuchs", "credit_analyst", "N"),
    "amir": ("Amir Nasser", "credit_analyst", "S"),
    "alma": ("Alma Koch", "credit_analyst", "N"),
    "aldo": ("Aldo Conti", "credit_analyst", "S"),
    "carla": ("Carla Rossi", "credit_manager", None),
    "chen": ("Chen Wei", "credit_manager", None),
    "felix": ("Felix Brandt", "finance_director", None),
    "fatima": ("Fatima Zahra", "finance_director", None),
    "clara": ("Clara Stein", "cfo", None),
    "carlos": ("Carlos Mendes", "cfo", None),
    "karl": ("Karl Meyer", "committee", None),
    "ingrid": ("Ingrid Dahl", "committee", None),
    "yusuf": ("Yusuf Demir", "committee", None),
    "maria": ("Maria Silva", "committee", None),
    "oskar": ("Oskar Lund", "committee", None),
    "rita": ("Rita Novak", "receivables", None),
    "cole": ("Cole Baxter", "collector", None),
    "lena": ("Lena Hoffmann", "counsel", None),
    "otto": ("Otto Brunner", "auditor", None),
    "ada": ("Ada Larsen", "admin", None),
}


def make_cast(session: Session) -> Cast:
    """The company with two branches and everyone above; flushed, not committed."""
    company = make_company(session)
    branches = {
        code: make_branch(session, code, name=name) for code, name in (("N", "North"), ("S", "South"))
    }
    made = {
        key: new_person(role, name=name, branch=branches.get(code or ""))
        for key, (name, role, code) in _CAST.items()
    }
    session.add_all(made.values())
    session.flush()
    return Cast(company=company, north=branches["N"], south=branches["S"], **made)


def find_cast(session: Session) -> Cast:
    """The cast that stands in this database already, expired like after a commit."""
    company = session.get_one(Company, 1)
    branches = {branch.code: branch for branch in session.scalars(select(Branch))}
    people = {person.name: person for person in session.scalars(select(Person))}
    found = {key: people[name] for key, (name, _role, _code) in _CAST.items()}
    cast = Cast(company=company, north=branches["N"], south=branches["S"], **found)
    session.commit()
    return cast


def make_customer(session: Session, name: str = "", **values: Any) -> Customer:
    """A known customer in Germany."""
    name = name or f"Customer {next(_serial)} AG"
    given = {"name": name, "number": next_customer_number(session), "country": "DE", "is_new": False}
    return _add(session, Customer(**given | values))


def make_invoice(
    session: Session,
    customer: Customer,
    amount: Decimal | str | int = "1000.00",
    due: date = TODAY,
    paid_on: date | None = None,
    **values: Any,
) -> ReceivableItem:
    """An invoice of 30 days before `due`; with `paid_on` a receipt over the whole amount pays it that day."""
    serial = next(_serial)
    given = {
        "source": "test",
        "external_id": f"INV-{serial}",
        "number": f"INV-{serial}",
        "customer": customer,
        "kind": "invoice",
        "document_date": due - timedelta(days=30),
        "due_date": due,
        "amount": Decimal(amount),
        "currency": "EUR",
    }
    item = _add(session, ReceivableItem(**given | values))
    if paid_on:
        receipt = make_receipt(session, customer, item.amount, paid_on, currency=item.currency)
        allocate(session, receipt, item)
    return item


def make_receipt(
    session: Session,
    customer: Customer,
    amount: Decimal | str | int,
    received_on: date = TODAY,
    **values: Any,
) -> Receipt:
    given = {
        "source": "test",
        "external_id": f"RCP-{next(_serial)}",
        "customer": customer,
        "received_on": received_on,
        "amount": Decimal(amount),
        "currency": "EUR",
    }
    return _add(session, Receipt(**given | values))


def allocate(
    session: Session,
    receipt: Receipt,
    item: ReceivableItem,
    amount: Decimal | str | None = None,
    on: date | None = None,
) -> Allocation:
    """The receipt pays the item: all of it, on the day of the receipt, unless said otherwise."""
    paid = item.amount if amount is None else Decimal(amount)
    row = Allocation(receipt=receipt, item=item, amount=paid, allocated_on=on or receipt.received_on)
    return _add(session, row)


def make_limit(
    session: Session, customer: Customer, amount: Decimal | str | int = "50000.00", **values: Any
) -> CreditLimit:
    """An active limit of one year around TODAY."""
    given = {
        "customer": customer,
        "amount": Decimal(amount),
        "currency": "EUR",
        "terms_days": 30,
        "payment_method": "open_account",
        "valid_from": TODAY - timedelta(days=180),
        "valid_to": TODAY + timedelta(days=185),
        "review_on": TODAY + timedelta(days=150),
    }
    return _add(session, CreditLimit(**given | values))


def make_application(
    session: Session,
    customer: Customer | None,
    requester: Person,
    requested_limit: Decimal | str | int = "40000.00",
    **values: Any,
) -> CreditApplication:
    """A complete draft; give `status` and `submitted_at` for later stages."""
    given = {
        "number": next_application_number(session, TODAY.year),
        "customer": customer,
        "requester": requester,
        "branch_id": requester.branch_id,
        "requested_limit": Decimal(requested_limit),
        "currency": "EUR",
        "terms_days": 30,
        "payment_method": "open_account",
        "yearly_purchases": Decimal("240000.00"),
        "purpose": "Growing business",
        "created_at": NOW,
    }
    return _add(session, CreditApplication(**given | values))


def make_rating(session: Session, customer: Customer, grade: str = "BBB", **values: Any) -> Rating:
    given = {
        "customer": customer,
        "method": "payment_record",
        "score": Decimal("66.00"),
        "grade": grade,
        "confidence": Decimal("0.60"),
        "inputs": {},
        "rated_at": NOW,
    }
    return _add(session, Rating(**given | values))


def make_rate(
    session: Session, base: str, quote: str, rate: Decimal | str, day: date = TODAY, **values: Any
) -> ExchangeRate:
    """On `day` one unit of `base` costs `rate` units of `quote`."""
    return _add(session, ExchangeRate(base=base, quote=quote, rate=Decimal(rate), day=day, **values))


def make_policy(session: Session, key: str, value: Any, valid_from: date = date(2000, 1, 1)) -> Policy:
    """A newer version of a policy value."""
    return _add(session, Policy(key=key, value=value, valid_from=valid_from, source="test"))


def make_holiday(session: Session, day: date, name: str = "Holiday") -> Holiday:
    return _add(session, Holiday(day=day, name=name))


def make_substitution(
    session: Session, person: Person, substitute: Person, starts_on: date = TODAY, ends_on: date = TODAY
) -> Substitution:
    return _add(
        session,
        Substitution(
            person=person, substitute=substitute, starts_on=starts_on, ends_on=ends_on, reason="leave"
        ),
    )


def make_complete_file(session: Session, customer: Customer, day: date = TODAY) -> Customer:
    """Gives the customer's file everything that it owes, fresh on `day`, but a rating."""
    for name, value in (_MASTER_DATA | {"registration_number": f"HRB {customer.id}"}).items():
        if getattr(customer, name) in (None, ""):
            setattr(customer, name, value)
    customer.contacts.append(Contact(name="Julia Schmidt", role="Accounts payable"))
    about = {"customer_id": customer.id, "source": "Commercial register"}
    session.add_all(
        InformationItem(
            **about, kind=kind, name=name, value=f"As asked: {label}", as_of=day, confidence=Decimal("0.9")
        )
        for name, (kind, label) in ITEMS.items()
        if name != NO_STATEMENTS
    )
    session.add(Owner(**about, kind="person", name="Karl Wind", share=Decimal(1), as_of=day))
    session.add(
        Reference(
            customer_id=customer.id, kind="bank", name="Hausbank AG", given_on=day, assessment="positive"
        )
    )
    instant = datetime.combine(day, NOW.timetz())
    session.add(CreditReport(customer_id=customer.id, status="received", provider="Agency", reported_on=day))
    template = "new_customer" if customer.is_new else "existing_customer"
    session.add(
        Investigation(customer_id=customer.id, template=template, done_at=instant, done_by=_somebody(session))
    )
    session.add(
        FinancialStatement(**about, period_end=date(day.year - 1, 12, 31), currency="EUR", figures={})
    )
    session.flush()
    return customer


_MASTER_DATA = {
    "industry": "Machinery",
    "address": "Am Deich 1",
    "enterprise_kind": "private",
}


def _somebody(session: Session) -> int:
    return session.scalars(select(Person.id).order_by(Person.id).limit(1)).one()
