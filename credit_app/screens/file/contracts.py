"""Contracts of a customer, and its file as a supplier or partner."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from credit_app.db import db
from credit_app.facts.parties import party_of
from credit_app.models.contract import Contract
from credit_app.models.party import Party
from credit_app.screens.access import person
from credit_app.screens.contracts.visible import OTHER_SIDE, visible_contracts, visible_parties
from credit_app.screens.file.opening import Opened
from credit_app.screens.file.page import reads

MOST = 200


@reads("contracts")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """The contracts that this person may see, the newest first."""
    query = select(Contract).where(Contract.customer_id == file.customer.id, visible_contracts(person()))
    same = party_of(db.session(), file.customer)
    seen = select(Party).where(Party.id == (same.id if same else 0), visible_parties(person()))
    return {
        "contracts": db.session.scalars(
            query.options(*OTHER_SIDE).order_by(Contract.id.desc()).limit(MOST)
        ).all(),
        "as_party": db.session.scalar(seen),
    }
