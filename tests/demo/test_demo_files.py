"""The credit files of the demo company: plausible, with gaps to be seen, and in the years they should be."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.demo.customers import CUSTOMERS
from credit_app.domain.statements import StatementPolicy, is_wrong, remarks
from credit_app.facts.blacklist import blacklisted
from credit_app.facts.customer_file_state import file_state
from credit_app.facts.statement_rows import as_statement, statements_on_file
from credit_app.models import (
    Customer,
    CustomerDocument,
    FinancialStatement,
    Finding,
    InformationItem,
    LegalRecord,
    Owner,
    Reference,
    Security,
    policy_values,
)
from tests.factories import TODAY


def test_files_of_the_demo_are_filled_plausible_and_not_all_complete(shown: Session) -> None:
    session = shown
    for model, few in (
        (InformationItem, 200), (Reference, 60), (Owner, 60), (Finding, 40), (LegalRecord, 4), (Security, 5),
        (CustomerDocument, 4),
    ):  # fmt: skip
        assert (session.scalar(select(func.count()).select_from(model)) or 0) >= few, model
    customers = list(session.scalars(select(Customer)))
    states = [file_state(session, customer, TODAY) for customer in customers]
    assert any(state.complete for state in states)
    assert any(state.missing for state in states)
    assert any(state.stale for state in states)
    described = [one for one in customers if one.address and one.size and one.credit_analyst_id]
    assert len(described) >= len(CUSTOMERS), "those that applied only yesterday have no master data yet"

    policy = StatementPolicy.from_policy(policy_values(session, TODAY))
    holders = set(session.scalars(select(FinancialStatement.customer_id)))
    assert len(holders) >= 12
    for holder in holders:
        found = remarks([as_statement(row) for row in statements_on_file(session, holder, 9)], policy)
        assert not is_wrong(found), [remark.sentence.text for remark in found]
    assert blacklisted(session, TODAY, name="phantom handelsgesellschaft mbh") is not None
    assert blacklisted(session, TODAY, name="Rapid Export SARL") is None, "lifted"
