"""The decision whether a contract goes on after its end: what was decided, when, by whom, and the notice."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.dates import day_in_zone
from credit_app.facts.renewals import last_day_of_notice
from credit_app.i18n import _
from credit_app.models import Person, the_company
from credit_app.models.contract import ContractDocument
from credit_app.models.performance import ContractRenewal
from credit_app.screens.access import allowed
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.visible import contract_by_number
from workflows import NotFound, inbox


@blueprint.get("/renewals/<number>")
@allowed("contract.see")
def renewal(number: str) -> ResponseReturnValue:
    """Show a decision on a renewal."""
    session = db.session()
    found = session.scalar(select(ContractRenewal).where(ContractRenewal.number == number.upper()))
    if found is None:
        raise NotFound(_("There is no such decision on a renewal, or it is not yours to see."))
    contract = contract_by_number(found.contract.number)
    return render_template(
        "contracts/renewal.html",
        renewal=found,
        contract=contract,
        last_notice=last_day_of_notice(found),
        decider=session.get(Person, found.decided_by or 0),
        papers=papers_of(found),
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
    )


def papers_of(row: ContractRenewal) -> list[ContractDocument]:
    """The notice, and what else was filed of the contract while the decision was open; the newest first."""
    query = select(ContractDocument).where(
        ContractDocument.contract_id == row.contract_id, ContractDocument.uploaded_at >= row.created_at
    )
    found, last = db.session.scalars(query.order_by(ContractDocument.id.desc())), row.closed_on
    zone = the_company(db.session()).time_zone
    return [one for one in found if last is None or day_in_zone(one.uploaded_at, zone) <= last]
