"""The people of the demo company: two for every role, all with the same demo password."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.models import Branch, Department, Person, PersonRole, hash_password

PASSWORD = "credit-demo"  # noqa: S105 - printed at the start; the demo holds no real data
DOMAIN = "demo.creditdesk.example"


FIRST_CHINESE = 0x2E80


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Who a demo person is; `branch` is a branch code, empty for all branches; some also sit in the committee."""

    name: str
    role: str
    title: str
    department: str
    branch: str = ""
    in_committee: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """All that this person is."""
        return (self.role, "committee") if self.in_committee else (self.role,)

    @property
    def email(self) -> str:
        """first.last of the part of the name in Latin letters."""
        latin = [word.strip(".").lower() for word in self.name.split() if word.isascii() and word != "Dr."]
        return f"{'.'.join(latin)}@{DOMAIN}"

    @property
    def locale(self) -> str:
        """The language of pages and mails: Chinese for those whose name is written so too."""
        return "en" if all(ord(letter) < FIRST_CHINESE for letter in self.name) else "zh_Hans_CN"


PEOPLE = (
    DemoPerson("Sara Lind", "sales_rep", "Sales representative", "Sales", "HAM"),
    DemoPerson("Camille Laurent", "sales_rep", "Sales representative", "Sales", "LYO"),
    DemoPerson("Wang Fang 王芳", "sales_rep", "Sales representative", "Sales", "SHA"),
    DemoPerson("Jonas Weber", "sales_manager", "Head of sales Europe", "Sales"),
    DemoPerson("Priya Nair", "sales_manager", "Head of sales Asia", "Sales"),
    DemoPerson("Anna Petrova", "credit_analyst", "Credit analyst", "Credit"),
    DemoPerson("Zhang Min 张敏", "credit_analyst", "Credit analyst", "Credit"),
    DemoPerson("Michael Okafor", "credit_manager", "Credit manager", "Credit", in_committee=True),
    DemoPerson("Ines Moreau", "credit_manager", "Credit manager", "Credit", in_committee=True),
    DemoPerson("Katarina Novak", "finance_director", "Finance director Europe", "Finance", in_committee=True),
    DemoPerson(
        "Chen Guoqiang 陈国强", "finance_director", "Finance director Asia", "Finance", in_committee=True
    ),
    DemoPerson("Helena Brandt", "cfo", "Chief financial officer", "Finance", in_committee=True),
    DemoPerson("David Stern", "cfo", "Deputy chief financial officer", "Finance", in_committee=True),
    DemoPerson("Lars Eriksen", "committee", "Member of the credit committee", "Board"),
    DemoPerson("Yuki Tanaka", "committee", "Member of the credit committee", "Board"),
    DemoPerson("Marta Kowalska", "receivables", "Receivables accountant", "Finance"),
    DemoPerson("Teresa Ribeiro", "receivables", "Receivables accountant", "Finance"),
    DemoPerson("Amira Haddad", "collector", "Collector", "Collection"),
    DemoPerson("Ben Carter", "collector", "Collector", "Collection"),
    DemoPerson("Dr. Friederike Vogel", "counsel", "Legal counsel", "Legal"),
    DemoPerson("Liu Yang 刘洋", "counsel", "Legal counsel", "Legal"),
    DemoPerson("Piotr Zielinski", "delivery", "Dispatch", "Logistics", "HAM"),
    DemoPerson("Sofia Costa", "delivery", "Dispatch", "Logistics", "LYO"),
    DemoPerson("Elif Demir", "auditor", "Internal auditor", "Audit"),
    DemoPerson("Hugo Martin", "auditor", "Internal auditor", "Audit"),
    DemoPerson("Nora Berg", "admin", "System administrator", "IT"),
    DemoPerson("Samuel Adeyemi", "admin", "System administrator", "IT"),
)
# Whom the start message shows: the way of an application, in its order, then who else signs and looks at contracts.
SHOWN_FIRST = (
    "sales_rep",
    "credit_analyst",
    "credit_manager",
    "finance_director",
    "cfo",
    "sales_manager",
    "delivery",
    "receivables",
    "collector",
    "counsel",
    "admin",
    "auditor",
)


def add_people(session: Session, branches: dict[str, Branch], since: datetime) -> dict[str, Person]:
    """Everyone with role, branch and department, by e-mail without the domain ('sara.lind')."""
    password_hash = hash_password(PASSWORD)  # once: hashing is slow by design
    departments = {p.department: Department(name=p.department) for p in PEOPLE}
    session.add_all(departments.values())
    people = {}
    for demo in PEOPLE:
        branch = branches.get(demo.branch)
        person = Person(
            email=demo.email,
            name=demo.name,
            title=demo.title,
            password_hash=password_hash,
            branch=branch,
            department=departments[demo.department],
            locale=demo.locale,
            created_at=since,
            roles=[PersonRole(role=role, branch=branch) for role in demo.roles],
        )
        session.add(person)
        people[demo.email.split("@")[0]] = person
    session.flush()
    return people


def people_lines(session: Session) -> list[str]:
    """Lines for the start message: one person for each role that takes part, and the password."""
    emails = select(Person.email).where(Person.active, Person.email.endswith(f"@{DOMAIN}"))
    known = set(session.scalars(emails))
    lines = []
    for role in SHOWN_FIRST:
        demo = next((p for p in PEOPLE if p.role == role and p.email in known), None)
        if demo:
            lines.append(f"{demo.title:<28} {demo.email}")
    return [f"Sign in as one of these, with the password {PASSWORD}:", *lines] if lines else []
