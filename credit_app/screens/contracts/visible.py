"""Which contracts a person may see: those of the branches whose customers they see."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Person
from credit_app.models.contract import Contract
from credit_app.models.contract_review import ContractOpinion, ContractReview
from credit_app.models.party import Party
from credit_app.permissions import CREDIT, LEDGER, SALES, branches_of
from credit_app.screens.access import person
from credit_app.screens.acting import substituted
from credit_app.screens.visible import in_branches
from workflows import NotFound
from workflows.tables import OpenTask

SEEING = (*SALES, *CREDIT, *LEDGER, "auditor")
OTHER_SIDE = (joinedload(Contract.customer), joinedload(Contract.party), joinedload(Contract.owner))


def visible_contracts(me: Person) -> ColumnElement[bool]:
    """The condition for the contracts that a person (or whom they stand in for) may see."""
    seeing = (me, *substituted(me))
    return or_(
        Contract.owner_id == me.id,
        *(in_branches(Contract.branch_id, branches_of(one, SEEING)) for one in seeing),
    )


def readable_contracts(me: Person) -> ColumnElement[bool]:
    """The same for one contract by its number: also one whose review asks their role in every branch, and where they
    have given an opinion."""
    asked = (
        select(ContractReview.contract_id)
        .join(OpenTask, OpenTask.instance_id == ContractReview.instance_id)
        .where(OpenTask.scope.is_(None), OpenTask.role.in_([row.role for row in me.roles]))
    )
    answered = (
        select(ContractReview.contract_id)
        .join(ContractOpinion, ContractOpinion.review_id == ContractReview.id)
        .where(ContractOpinion.given_by == me.id)
    )
    return or_(visible_contracts(me), Contract.id.in_(asked), Contract.id.in_(answered))


def visible_parties(me: Person) -> ColumnElement[bool]:
    """The same for suppliers and partners."""
    seeing = (me, *substituted(me))
    return or_(*(in_branches(Party.branch_id, branches_of(one, SEEING)) for one in seeing))


def contract_by_number(number: str) -> Contract:
    """The contract with this number. Raises NotFound when there is none or it is not theirs to see."""
    query = select(Contract).where(Contract.number == number.upper(), readable_contracts(person()))
    found = db.session.scalar(query.options(*OTHER_SIDE))
    if found is None:
        raise NotFound(_("There is no contract %(number)s, or it is not yours to see.", number=number[:40]))
    return found


def party_by_number(number: str) -> Party:
    """The party with this number. Raises NotFound when there is none or it is not theirs to see."""
    found = db.session.scalar(select(Party).where(Party.number == number.upper(), visible_parties(person())))
    if found is None:
        raise NotFound(_("There is no party %(number)s, or it is not yours to see.", number=number[:40]))
    return found
