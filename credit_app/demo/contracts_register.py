"""Suppliers and partners of the demo, with what we buy from them: one contract in force, one need in Chinese."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_app.facts.contracts import draft_version, freeze, note_event, record_need, take_over
from credit_app.facts.parties import FIELDS, record_party
from credit_app.facts.performance import milestones_of
from credit_app.models import Person
from credit_app.models.party import Party
from credit_app.models.performance import ContractMilestone
from workflows import clock

# (key, kind, name, registration number, country, city, contact, e-mail)
PARTIES = (
    ("castings", "supplier", "Gießerei Altmark GmbH", "HRB 20417", "DE", "Stendal", "Jutta Brandt",
     "brandt@altmark.example"),
    ("seals", "supplier", "宁波恒通密封件有限公司", "91330200MA2AB7C91X", "CN", "宁波", "陈立",
     "chen.li@hengtong.example"),
    ("logistics", "partner", "Baltic Freight Oy", "FI 2719944-1", "FI", "Turku", "Mika Laine", "laine@baltic.example"),
)  # fmt: skip
TEXT = """Supply agreement for castings.
1. The supplier delivers DDP Hamburg within ten working days of each order.
2. Payment within 45 days of the invoice; 5 % are retained for twelve months.
3. Warranty of 24 months. Liability is limited to the yearly value of this agreement.
4. German law applies; the courts of Hamburg have jurisdiction."""


def add_parties(session: Session, people: Mapping[str, Person], now: datetime) -> None:
    """Three companies that we buy from or work with, and two contracts."""
    sara, fang = people["sara.lind"], people["wang.fang"]
    with clock.at(now - timedelta(days=160)):
        found = {row[0]: _party(session, row, fang if row[4] == "CN" else sara) for row in PARTIES}
    _castings(session, found["castings"], sara, now)
    with clock.at(now - timedelta(days=4)):
        record_need(
            session, found["seals"], fang.id, clock.now().date(), side="purchase", kind="goods", title="密封件年度采购",
            need="为上海仓库采购机械密封件，全年约 12,000 件，验收合格后付款", why_us="现有供应商交期过长",
            need_by=now.date() + timedelta(days=45),
        )  # fmt: skip


def _party(session: Session, row: tuple[str, ...], by: Person) -> Party:
    _key, kind, name, registration, country, city, contact, email = row
    values = dict.fromkeys(FIELDS, "") | {
        "kind": kind, "name": name, "registration_number": registration, "country": country, "city": city,
        "contact_name": contact, "email": email, "branch_id": by.branch_id, "status": "active",
    }  # fmt: skip
    return record_party(session, values, by.id)


def _castings(session: Session, party: Party, owner: Person, now: datetime) -> None:
    """A purchase contract in force since half a year, with its dates."""
    begun = now - timedelta(days=150)
    day = begun.date()
    with clock.at(begun):
        contract = record_need(
            session, party, owner.id, day, side="purchase", kind="framework", title="Castings for pump housings",
            need="Castings for two years, called off monthly", why_us="They cast the old series too",
        )  # fmt: skip
        terms = {
            "goods": "Grey iron castings", "quantity": Decimal(4800), "unit": "pieces", "amount": Decimal(310_000),
            "currency": "EUR", "payment_days": 45, "payment_method": "open_account",
            "retention_share": Decimal("0.05"), "retention_days": 365, "warranty_months": 24,
            "delivery_terms": "DDP Hamburg", "delivery_on": now.date() + timedelta(days=20), "governing_law": "DE",
            "forum": "Hamburg", "starts_on": day, "ends_on": day + timedelta(days=240), "renewal": "automatic",
            "renewal_notice_days": 60,
        }  # fmt: skip
        version = draft_version(session, contract, terms, day, owner.id, text=TEXT, note="First draft")
        freeze(session, version)
        take_over(contract, version)
        contract.status, contract.signed_on, contract.filed_on = "active", day, day
        session.flush()
        note_event(session, contract, "review_filed", day, "", owner.id, version.id)
    for kind, title, due_on in milestones_of(version, version.ends_on):
        session.add(
            ContractMilestone(
                contract_id=contract.id,
                kind=kind,
                title=title,
                due_on=due_on,
                owner_id=owner.id,
                created_at=now,
            )
        )
    session.flush()
