"""A contract whose version is under review, as tests of what follows begin from."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from credit_app.domain.dates import day_in_zone
from credit_app.facts.contracts import draft_version, freeze, record_need, take_over
from credit_app.facts.performance import plan
from credit_app.models import Customer, Person, next_case_number
from credit_app.models.contract import Contract, ContractClause
from credit_app.models.contract_review import ContractReview
from credit_app.models.party import Party
from tests.factories import TODAY, make_customer
from tests.screens.desk import Desk
from workflows import Actor, clock

TERMS = {
    "goods": "Pumps", "amount": Decimal("40000"), "currency": "EUR", "payment_days": 30,
    "payment_method": "open_account", "delivery_on": TODAY + timedelta(days=40), "starts_on": TODAY,
    "ends_on": TODAY + timedelta(days=364), "warranty_months": 24, "renewal_notice_days": 90,
}  # fmt: skip


def contract_with(
    desk: Desk, other: Customer | Party, owner: Person | None = None, **values: Any
) -> Contract:
    """A contract of Sara's whose need is recorded."""
    given = {"side": "sales", "kind": "goods", "title": "Pumps 2026", "need": "Twelve pumps for the new line"}
    return record_need(desk.session, other, (owner or desk.cast.sara).id, TODAY, **given | values)


def under_review(
    desk: Desk, process: str, status: str, contract: Contract, *, states: tuple[str, ...] = (), kind: str = "new",
    **terms: Any,
) -> ContractReview:  # fmt: skip
    """A review in `status` with a frozen version, whose process is that called one; `states` those of its clauses."""
    session = desk.session
    version = draft_version(
        session, contract, TERMS | terms, TODAY, contract.owner_id, text="Payment in 30 days"
    )
    for place, state in enumerate(states):
        session.add(
            ContractClause(
                version_id=version.id, place=place, clause=f"c{place}", title=f"Clause {place}", area="legal",
                state=state, reason="They insist" if state == "deviating" else "",
            )
        )  # fmt: skip
    session.flush()
    freeze(session, version)
    day = day_in_zone(clock.now(), "UTC")
    row = ContractReview(
        number=next_case_number(session, "contract_review", day.year), contract_id=contract.id,
        customer_id=contract.customer_id, party_id=contract.party_id, kind=kind, status=status, round=1,
        version_id=version.id, amount=version.amount, currency=version.currency, made_by=contract.owner_id,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    if kind == "new":
        contract.status = "in_review"
    session.flush()
    engine = desk.app.extensions["engine"]
    rest = engine.start(session, process, row.id, {"review_id": row.id}, Actor(contract.owner_id), "test")
    row.instance_id = rest.instance_id
    session.commit()
    return row


def in_force(
    desk: Desk, other: Customer | Party | None = None, owner: Person | None = None, **terms: Any
) -> Contract:
    """A contract with a frozen version that was filed today, its milestones planned."""
    session, cast = desk.session, desk.cast
    other = other or make_customer(session, "Late & Sons", branch_id=cast.north.id, sales_rep_id=cast.sara.id)
    side = "purchase" if isinstance(other, Party) else "sales"
    contract = contract_with(desk, other, owner, side=side)
    version = draft_version(
        session, contract, TERMS | terms, TODAY, contract.owner_id, text="Payment in 30 days"
    )
    freeze(session, version)
    take_over(contract, version)
    contract.status, contract.filed_on, contract.signed_on = "active", TODAY, TODAY
    session.flush()
    plan(session, contract, version, clock.now())
    session.commit()
    return contract
