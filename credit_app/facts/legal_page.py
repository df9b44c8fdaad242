"""What the pages of legal action show: the case with its figures, and what each task needs besides."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from credit_app.domain.errors import DomainError
from credit_app.facts import legal, legal_warning
from credit_app.facts.evidence import claimed_items, evidence_of
from credit_app.facts.legal_preparation import passed
from credit_app.facts.limitation import legal_policy
from credit_app.models.legal import LegalCase
from workflows import Action

_PAYMENTS = text("""
    SELECT e.on_date, e.entry, i.number, e.amount, i.currency FROM (
        SELECT allocated_on AS on_date, CASE WHEN receipt_id IS NULL THEN 'credit_note' ELSE 'receipt' END AS entry,
            item_id, amount, created_at, id FROM allocation WHERE item_id = ANY(:ids)
        UNION ALL SELECT adjusted_on, 'adjustment', item_id, -amount, created_at, id
        FROM adjustment WHERE item_id = ANY(:ids)
    ) e JOIN receivable_item i ON i.id = e.item_id
    WHERE e.created_at > :since ORDER BY e.created_at DESC, e.id DESC LIMIT 50
""")


def facts(action: Action) -> dict[str, Any]:
    """What every task of legal action shows: the case, its totals, its claimed items with interest and limitation,
    its open dates and the terms of its country."""
    return of_case(action.session, legal.legal_case_of(action), action.today)


def of_case(session: Session, case: LegalCase, day: date) -> dict[str, Any]:
    """The same for the page of a case."""
    return {
        "case": case,
        "totals": legal.totals(session, case),
        "claimed": claimed_items(session, case, day),
        "dates": legal.open_dates(case),
        "terms": legal.terms_of(session, case, day),
        "day": day,
    }


def assessing(action: Action) -> dict[str, Any]:
    """Besides, for the assessment and the decision: debts whose limitation has passed, which pieces of evidence are
    missing, and whether the claim is smaller than a suit is worth."""
    session, case = action.session, legal.legal_case_of(action)
    found = facts(action)
    try:
        small = legal.in_base(session, case, action.today) < legal_policy(session, action.today).smallest
    except DomainError:  # without a rate nobody can tell
        small = False
    evidence = evidence_of(session, case, action.today)
    return found | {
        "passed": passed(session, case, action.today),
        "lacking": evidence.missing,
        "small": small,
    }


def filing(action: Action) -> dict[str, Any]:
    """Besides, for the filing: `early`, why the claim may not be filed today, empty where it may."""
    found = legal_warning.warned(action.session, legal.legal_case_of(action), action.today)
    free = found.may_file(action.today, action.today)
    return facts(action) | {"early": "" if free else legal_warning.sentence(found, action.today)}


def paid(action: Action) -> dict[str, Any]:
    """Besides, after a payment: the entries since the case began."""
    return facts(action) | {"payments": payments(action.session, legal.legal_case_of(action))}


def payments(session: Session, case: LegalCase) -> Sequence[Row[Any]]:
    """What was entered on the claimed items since the case began, the newest first: (on_date, entry, number, amount,
    currency); what makes less open is above zero."""
    ids = [row.item_id for row in case.items]
    return session.execute(_PAYMENTS, {"ids": ids, "since": case.created_at}).all()


def choice(value: str, label: str, note: str) -> dict[str, Any]:
    """A card to choose: its value, what it says, and what happens next."""
    return {"value": value, "label": label, "act": label, "sets": {"outcome": value}, "note": note}
