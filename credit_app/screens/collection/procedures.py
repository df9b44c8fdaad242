"""What else was begun about a customer's debts, from the promise to the suit: where each stands, and its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import LazyString
from sqlalchemy import literal, select, union_all

from credit_app.db import db
from credit_app.i18n import _l
from credit_app.models import Customer
from credit_app.models.agencies import AgencyPlacement
from credit_app.models.disputes import Dispute
from credit_app.models.holds import CustomerHold
from credit_app.models.legal import LegalCase
from credit_app.models.promises import PaymentExtension, PaymentPlan, PromiseToPay
from credit_app.models.visits import SiteVisit
from credit_app.models.write_off import WriteOff
from credit_app.screens.access import person
from credit_app.screens.acting import may

MOST = 40
# Model, its page, the beginning of its statuses' names, who sees it, what it is called.
KINDS: Sequence[tuple[Any, str, str, str, LazyString]] = (
    (PromiseToPay, "collection.promise", "promise", "promise.see", _l("Promise")),
    (PaymentPlan, "collection.plan", "payment_plan", "plan.see", _l("Payment plan")),
    (PaymentExtension, "collection.extension", "payment_extension", "extension.see", _l("Payment extension")),
    (Dispute, "collection.dispute", "dispute", "dispute.see", _l("Dispute")),
    (CustomerHold, "collection.hold", "customer_hold", "collection.see", _l("Hold")),
    (SiteVisit, "collection.visit", "site_visit", "collection.see", _l("Site visit")),
    (AgencyPlacement, "collection.placement", "agency_placement", "collection.see", _l("Placement")),
    (WriteOff, "collection.write_off", "write_off", "write_off.see", _l("Write-off")),
    (LegalCase, "legal.case", "legal_action", "legal.see", _l("Legal case")),
)


@dataclass(frozen=True, slots=True)
class Procedure:
    """One of them; `status` is a name of the status words."""

    kind: str
    number: str
    url: str
    status: str
    begun: datetime


def procedures_of(customer: Customer) -> list[Procedure]:
    """The newest of a customer that the signed-in person may see, the newest first."""
    kinds = {one[2]: one for one in KINDS if may(person(), one[3], customer)}
    parts = [
        select(literal(name).label("kind"), one[0].number, one[0].status, one[0].created_at).where(
            one[0].customer_id == customer.id
        )
        for name, one in kinds.items()
    ]
    if not parts:
        return []
    found = union_all(*parts).subquery()
    query = select(found).order_by(found.c.created_at.desc(), found.c.number.desc()).limit(MOST)
    return [
        Procedure(
            str(kinds[row.kind][4]),
            row.number,
            url_for(kinds[row.kind][1], number=row.number),
            f"{row.kind}_{row.status}",
            row.created_at,
        )
        for row in db.session.execute(query)
    ]
