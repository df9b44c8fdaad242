"""The credit files of the demo customers: what a credit department has gathered over the years."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.demo.customers import CUSTOMERS, DemoCustomer
from credit_app.demo.file_papers import add_documents
from credit_app.demo.file_statements import add_statements
from credit_app.demo.limits import noon
from credit_app.domain.completeness_of_file import ITEMS
from credit_app.models import (
    BlacklistEntry,
    Contact,
    CreditReport,
    Customer,
    Department,
    Finding,
    InformationItem,
    Investigation,
    LegalRecord,
    Owner,
    Person,
    Reference,
    Security,
)

REGIONS = {
    "DE": "North",
    "FR": "Auvergne-Rhône-Alpes",
    "CN": "Yangtze delta",
    "GB": "Midlands",
    "DK": "Jutland",
}
KINDS = ("private", "private", "partnership", "listed", "private")
KNOWN = {
    "business_activity": ("Makes and services {industry} for industrial customers", "Commercial register"),
    "management": ("Two managing directors, both with the company for over ten years", "Commercial register"),
    "main_products": ("{industry}, own brand and contract work", "Web site"),
    "main_customers": ("About forty regular customers, the largest with 18 % of sales", "Managing director"),
    "order_situation": ("Orders on hand cover five months", "Managing director"),
    "payment_history": ("Other suppliers report payment within terms", "Trade references"),
}
BEFORE = {
    "order_situation": "Orders on hand cover three months",
    "main_customers": "About thirty regular customers",
}
FOUND = (
    ("registration", "Commercial register", "Registered, capital paid in, no change of managers", "positive"),
    ("references", "House bank and two suppliers", "Account in order, terms kept", "positive"),
    (
        "site_visit",
        "Visit by the analyst",
        "Halls in use, stock in order, machines some years old",
        "neutral",
    ),
    (
        "customer_statement",
        "Managing director",
        "Investment in a second line planned for next year",
        "neutral",
    ),
)
LEGAL = (
    ("Gastro Union GmbH", "litigation", "Unpaid deliveries of a dairy, claim disputed", 18_400, 240, None),
    (
        "Kanal & Tiefbau Krüger GmbH",
        "administrative_penalty",
        "Late filing of annual accounts",
        2_500,
        500,
        430,
    ),
    ("Usine Marchand SA", "insolvency", "Safeguard proceedings opened", None, 300, None),
    ("Teutoburg Stahlhandel GmbH", "dishonesty_list", "Affidavit of means given", None, 210, None),
)
SECURITIES = (
    ("Werft Stralsund GmbH", "guarantee", 60_000, "Hanseatic Bank", "confirmed", 300),
    ("Neckar Automotive GmbH", "insurance", 150_000, "Credit insurer Europe", "confirmed", 200),
    ("Quadrant Bau GmbH", "deposit", 10_000, "Paid to our account", "confirmed", None),
    ("Lindgren Möbel AB", "guarantee", 25_000, "Parent company", "confirmed", -20),
    ("Salento Ceramiche SpA", "pledge", 40_000, "Stock in the warehouse at Lecce", "released", 100),
)


def add_files(
    session: Session, customers: dict[str, Customer], people: dict[str, Person], today: date, seed: int
) -> None:
    """Fills the files; the last third of the customers stays thin, so that gaps can be seen."""
    random = Random(seed)  # noqa: S311 - the same invented figures on every machine
    sales = session.scalars(select(Department).where(Department.name == "Sales")).one()
    analysts = (people["anna.petrova"], people["zhang.min"])
    for place, demo in enumerate(CUSTOMERS):
        customer = customers[demo.name]
        analyst = analysts[1 if demo.country == "CN" else 0]
        _master(customer, demo, sales, analyst, random)
        if place % 3 != 2:
            day = today - timedelta(days=random.randrange(20, 420))
            session.add_all(_information(customer, demo, analyst, day, random))
            session.add_all(_references(customer, analyst, day, random))
            session.add_all(_owners(customer, demo, analyst, day, random))
        if place % 4 == 0:
            session.add_all(
                _found_out(customer, analyst, today - timedelta(days=random.randrange(40, 500)), random)
            )
    session.add_all(_legal(customers, analysts[0], today))
    session.add_all(_securities(customers, people["michael.okafor"], today))
    session.add_all(_blacklist(people["ines.moreau"], today))
    session.flush()
    add_statements(session, [customers[demo.name] for demo in CUSTOMERS[:14]], analysts[0], today, random)
    add_documents(session, customers, analysts[0], today)


def _master(
    customer: Customer, demo: DemoCustomer, sales: Department, analyst: Person, random: Random
) -> None:
    staff = max(3, demo.size // 90)
    customer.address = customer.address or f"{random.randrange(1, 180)} Harbour Road"
    customer.region = customer.region or REGIONS.get(demo.country, demo.city)
    customer.employees = staff
    customer.size = customer.size or _size(staff)
    customer.enterprise_kind = customer.enterprise_kind or random.choice(KINDS)
    customer.founded_on = date(random.randrange(1952, 2016), random.randrange(1, 13), random.randrange(1, 28))
    customer.tax_number = f"{demo.country}{random.randrange(10**8, 10**9)}"
    customer.website = f"https://www.{customer.number.lower()}.example"
    customer.department, customer.credit_analyst = sales, analyst
    if len(customer.contacts) == 1:
        first = random.choice(("Sabine Krause", "Luc Fournier", "Aoife Byrne", "Marek Dvořák", "Li Na 李娜"))
        customer.contacts.append(Contact(name=first, role="Managing director"))


def _size(staff: int) -> str:
    return "micro" if staff < 10 else "small" if staff < 50 else "medium" if staff < 250 else "large"


def _information(
    customer: Customer, demo: DemoCustomer, analyst: Person, day: date, random: Random
) -> Iterator[InformationItem]:
    def item(name: str, value: str, source: str, as_of: date) -> InformationItem:
        return InformationItem(
            customer_id=customer.id,
            kind=ITEMS[name][0],
            name=name,
            value=value,
            source=source,
            as_of=as_of,
            valid_until=as_of + timedelta(days=365) if name == "order_situation" else None,
            confidence=Decimal(random.choice(("0.95", "0.80", "0.60"))),
            recorded_by=analyst.id,
            recorded_at=noon(as_of),
        )

    for name, text in BEFORE.items():
        yield item(name, text, "Managing director", day - timedelta(days=400))
    for name, (text, source) in KNOWN.items():
        yield item(name, text.format(industry=demo.industry.lower()), source, day)


def _references(customer: Customer, analyst: Person, day: date, random: Random) -> Iterator[Reference]:
    both = (
        ("bank", "House bank", "Orderly conduct of the account"),
        ("trade", "Steel supplier", "Keeps our terms"),
    )
    for kind, name, note in both:
        yield Reference(
            customer_id=customer.id,
            kind=kind,
            name=name,
            given_on=day,
            customer_since=day - timedelta(days=365 * random.randrange(2, 15)),
            amount=Decimal(random.randrange(2, 40) * 5_000),
            currency="EUR",
            assessment=random.choice(("positive", "positive", "neutral")),
            note=note,
            recorded_by=analyst.id,
            recorded_at=noon(day),
        )


def _owners(
    customer: Customer, demo: DemoCustomer, analyst: Person, day: date, random: Random
) -> Iterator[Owner]:
    family = demo.name.split()[0]
    largest = Decimal(random.randrange(51, 100)) / 100
    for kind, name, share in (
        ("company" if demo.parent else "person", demo.parent or f"{family} family", largest),
        ("person", "Employees and others", 1 - largest),
    ):
        yield Owner(
            customer_id=customer.id,
            kind=kind,
            name=name,
            country=demo.country,
            share=share,
            owner_customer_id=customer.parent_id if kind == "company" else None,
            source="Commercial register",
            as_of=day,
            recorded_by=analyst.id,
            recorded_at=noon(day),
        )


def _found_out(
    customer: Customer, analyst: Person, day: date, random: Random
) -> Iterator[Investigation | CreditReport]:
    investigation = Investigation(
        customer_id=customer.id,
        template="new_customer" if customer.is_new else "existing_customer",
        summary="An established company with regular orders; nothing speaks against the present limit.",
        started_at=noon(day - timedelta(days=6)),
        done_at=noon(day),
        done_by=analyst.id,
    )
    investigation.findings = [
        Finding(
            channel=channel,
            source=source,
            found_on=day - timedelta(days=2),
            finding=said,
            assessment=judged,
            recorded_by=analyst.id,
            recorded_at=noon(day),
        )
        for channel, source, said, judged in FOUND
    ]
    yield investigation
    yield CreditReport(
        customer_id=customer.id,
        provider=random.choice(("Kredit Auskunft AG", "Trade Report Ltd", "Infocrédit")),
        status="received",
        ordered_on=day - timedelta(days=9),
        reported_on=day - timedelta(days=5),
        valid_until=day + timedelta(days=360),
        cost=Decimal(random.choice((89, 120, 240))),
        currency="EUR",
        provider_grade=random.choice(("2.1", "2.4", "2.9")),
        note="No derogatory information; payments within terms.",
        recorded_by=analyst.id,
        recorded_at=noon(day),
    )


def _legal(customers: dict[str, Customer], analyst: Person, today: date) -> Iterator[LegalRecord]:
    for name, kind, subject, amount, days_ago, closed in LEGAL:
        yield LegalRecord(
            customer_id=customers[name].id,
            kind=kind,
            opened_on=today - timedelta(days=days_ago),
            closed_on=today - timedelta(days=closed) if closed else None,
            authority="Local court",
            subject=subject,
            amount=Decimal(amount) if amount else None,
            currency="EUR" if amount else None,
            source="Public register",
            recorded_by=analyst.id,
            recorded_at=noon(today - timedelta(days=closed or days_ago - 10)),
        )


def _securities(customers: dict[str, Customer], manager: Person, today: date) -> Iterator[Security]:
    for name, kind, amount, provider, status, days_left in SECURITIES:
        row = Security(
            customer_id=customers[name].id,
            kind=kind,
            amount=Decimal(amount),
            currency="EUR",
            haircut=Decimal("0.10")
            if kind in ("guarantee", "insurance")
            else Decimal("0.30" if kind == "pledge" else 0),
            cover=Decimal("0.90") if kind == "insurance" else None,
            provider=provider,
            valid_from=today - timedelta(days=165),
            expires_on=today + timedelta(days=days_left) if days_left else None,
            status=status,
            required_by=manager.id,
            required_at=noon(today - timedelta(days=170)),
            confirmed_by=manager.id,
            confirmed_at=noon(today - timedelta(days=165)),
        )
        if status == "released":
            row.released_by, row.released_at = manager.id, noon(today - timedelta(days=12))
            row.release_reason = "The limit no longer needs it"
        yield row


def _blacklist(manager: Person, today: date) -> Iterator[BlacklistEntry]:
    since = today - timedelta(days=190)
    yield BlacklistEntry(
        name="Phantom Handelsgesellschaft mbH",
        registration_number="HRB 990017",
        country="DE",
        ground="Ordered under a false name and paid with bills that were never honoured",
        source="Criminal complaint of the company",
        valid_from=since,
        added_by=manager.id,
        added_at=noon(since),
    )
    yield BlacklistEntry(
        name="Rapid Export SARL",
        country="FR",
        ground="Did not pay three suppliers",
        source="Trade association",
        valid_from=since - timedelta(days=300),
        valid_to=today + timedelta(days=400),
        added_by=manager.id,
        added_at=noon(since - timedelta(days=300)),
        lifted_by=manager.id,
        lifted_at=noon(since),
        lift_reason="All claims were settled; the association took its notice back",
    )
