"""Templates of contracts of the demo: one that counsel has published anew, and drafts of what comes next."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_app.facts.contract_templates import Seen, Typed, begin, publish, save, text_of, withdraw
from credit_app.models import Person

MAINTENANCE = """CONTRACT OF MAINTENANCE {number}

between {company} ("contractor") and {other_side}, {other_side_address} ("customer")

1. The contractor maintains: {goods}. Specification: {specification}
2. The price is {amount}. Payment within {payment_days} days of the invoice.
3. Warranty: {warranty_months} months. Liability is limited to {liability_cap}.
4. This contract begins on {starts_on} and ends on {ends_on}; it {renewal}.
Termination: {renewal_notice_days} days of notice.
5. The governing law is that of {governing_law}. Jurisdiction: {forum}.
"""
SALE, EN = "sale_of_goods", "en"


def add_contract_templates(session: Session, people: Mapping[str, Person], now: datetime) -> None:
    """The English sale of goods in its first own version with a draft of the next; one for maintenance begun; an old
    one withdrawn."""
    counsel, other = people["friederike.vogel"], people["liu.yang"]
    shipped = text_of(session, SALE, EN)
    if shipped is None:
        return
    body = shipped.body.replace(
        "within ten days of delivery.", "within ten days of delivery, naming the defect."
    )
    then = now - timedelta(days=70)
    publish(
        session, SALE, EN, Typed(shipped.title, body, "Complaints name the defect, as the court asks since spring"),
        Seen(0, 0), counsel.id, then,
    )  # fmt: skip
    sharper = body.replace("late by thirty days", "late by thirty days after a reminder")
    save(
        session, SALE, EN, Typed(shipped.title, sharper, "Termination only after a reminder"), Seen(1, 0), counsel.id,
        now - timedelta(days=2),
    )  # fmt: skip
    typed = Typed("Maintenance of plants", MAINTENANCE, "")
    begin(session, "maintenance", EN, "sales", typed, other.id, now - timedelta(days=1))
    old = Typed(
        "Sale by instalments",
        MAINTENANCE.replace("maintains", "sells").replace("MAINTENANCE", "SALE"),
        "First",
    )
    begin(session, "sale_by_instalments", EN, "sales", old, counsel.id, then)
    publish(
        session,
        "sale_by_instalments",
        EN,
        Typed(old.title, old.body, "First version"),
        Seen(0, 1),
        counsel.id,
        then,
    )
    withdraw(
        session, "sale_by_instalments", EN, "Instalments are agreed in the sale of goods now", Seen(1, 0), counsel.id,
        now - timedelta(days=40),
    )  # fmt: skip
