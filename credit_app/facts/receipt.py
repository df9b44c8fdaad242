"""The receipt of a decision: what it rested on, kept in the decision's own transaction."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from credit_app.domain.plain import to_json
from credit_app.domain.receipt import SCHEMA, canonical, digest, exact
from credit_app.facts.application import application_of
from credit_app.facts.receipt_seen import documents_of, picked, seen
from credit_app.models import (
    ApprovalDecision,
    CommitteeMeeting,
    CreditApplication,
    DecisionReceipt,
    Person,
    Policy,
    the_company,
)
from workflows import Action, history
from workflows.tables import Definition, Instance

# Longer values are kept as their hash: the policy table keeps them, and never changes a row.
LONGEST_VALUE = 2_000
# Nothing of it is read by a decision.
NOT_READ = ("sign_in.",)
DECISION = (
    "id", "round", "level", "decision", "reason", "decided_at", "limit_before", "limit_after", "terms_before",
    "terms_after", "payment_method_before", "payment_method_after", "discount_before", "discount_after",
    "conditions_before", "conditions", "total_exposure", "rework_to", "is_added",
)  # fmt: skip
APPLICATION = (
    "id", "number", "kind", "round", "submitted_at", "currency", "requested_limit", "terms_days", "payment_method",
    "yearly_purchases", "purpose", "security_offered", "review_trigger", "review_action", "temporary_until",
)  # fmt: skip


def keep_receipt(action: Action, decision: ApprovalDecision | None) -> DecisionReceipt:
    """Write the receipt of a decision (None: of a grant by rule). Call it once the decision row is complete.

    The figures are those of this moment; the history event of this action will hold the receipt's hash.
    """
    action.session.flush()
    application = application_of(action)
    body = canonical(figures(action, application, decision))
    row = DecisionReceipt(
        application_id=application.id,
        decision_id=decision.id if decision is not None else None,
        body=body,
        sha256=digest(body),
        made_at=action.now,
    )
    action.session.add(row)
    action.session.flush()
    return row


def figures(
    action: Action, application: CreditApplication, decision: ApprovalDecision | None
) -> dict[str, Any]:
    """Everything the receipt says, as JSON data: codes, values and templates, no sentence in one language."""
    session, today = action.session, action.today
    company, customer = the_company(session), application.customer
    seq, head = history.head_of(session, action.instance_id)
    return {
        "schema": SCHEMA,
        "made_at": to_json(action.now),
        "company": {"name": company.name, "base_currency": company.base_currency},
        "application": picked(application, APPLICATION)
        | {
            "customer": picked(customer, ("id", "number", "name", "registration_number", "country"))
            if customer
            else None,
            "requested_by": named(session, application.requested_by),
        },
        "decision": _decision(session, decision) if decision is not None else _by_rule(application),
        "seen": seen(action, application, today, decision.id if decision is not None else None),
        "documents": documents_of(session, application),
        "rule": _rule(session, action.instance_id, decision, application),
        "process": process_of(session, action.instance_id),
        "policy": {"on": today.isoformat(), "values": policy_in_force(session, today)},
        "chain": {"instance": action.instance_id, "seq": seq, "hash": head},
    }


def named(session: Session, person_id: int | None) -> dict[str, Any] | None:
    """Id and name of a person, None for the system."""
    person = session.get(Person, person_id) if person_id is not None else None
    return {"id": person.id, "name": person.name} if person else None


def _decision(session: Session, row: ApprovalDecision) -> dict[str, Any]:
    found = picked(row, DECISION) | {
        "person": named(session, row.person_id),
        "on_behalf_of": named(session, row.on_behalf_of),
        "by_rule": False,
        "committee": None,
    }
    if row.meeting_id is not None and (meeting := session.get(CommitteeMeeting, row.meeting_id)):
        wanted = ("id", "members", "quorum", "majority", "opened_at", "closes_at", "closed_at", "result")
        votes = [
            {"person": named(session, vote.person_id), "cast_by": named(session, vote.cast_by)}
            | picked(vote, ("vote", "reason", "cast_at"))
            for vote in meeting.votes
        ]
        found["committee"] = picked(meeting, wanted) | {"votes": votes}
    return found


def _by_rule(application: CreditApplication) -> dict[str, Any]:
    """The decision of an automatic grant: no person and no level, the rule instead."""
    found: dict[str, Any] = dict.fromkeys([*DECISION, "person", "on_behalf_of", "committee"])
    approved = picked(application, ("approved_limit", "approved_terms_days", "discount", "decided_at"))
    return found | {
        "round": application.round,
        "decision": "approve",
        "by_rule": True,
        "limit_after": approved["approved_limit"],
        "terms_after": approved["approved_terms_days"],
        "payment_method_after": application.approved_payment_method or application.payment_method,
        "discount_after": approved["discount"],
        "decided_at": approved["decided_at"],
        "is_added": False,
    }


def _rule(
    session: Session, instance_id: int, decision: ApprovalDecision | None, application: CreditApplication
) -> Mapping[str, Any] | None:
    """The row of the decision table that led here, with the table's version, what was asked and answered."""
    if decision is None:
        return application.granted_by_rule
    event = history.last_of_kind(session, instance_id, "decided")
    if event is None:
        return None
    payload = event["payload"]
    return {
        **payload.get("rule", {}),
        "inputs": payload.get("inputs", {}),
        "outputs": payload.get("outputs", {}),
        "seq": event["seq"],
    }


def process_of(session: Session, instance_id: int) -> dict[str, Any] | None:
    """The version of the process that the case runs on, with the hash over its diagrams and tables."""
    row = session.execute(
        select(Definition.key, Definition.version, Definition.sha256)
        .join(Instance, Instance.definition_id == Definition.id)
        .where(Instance.id == instance_id)
    ).first()
    return dict(row._mapping) if row else None


def policy_in_force(session: Session, day: date) -> dict[str, Any]:
    """Each policy figure that rules `day`: its row, since when, and its value (a long one as its SHA-256)."""
    rows = session.execute(
        select(Policy.key, Policy.id, Policy.valid_from, Policy.value)
        .where(Policy.valid_from <= day)
        .ext(distinct_on(Policy.key))
        .order_by(Policy.key, Policy.valid_from.desc(), Policy.id.desc())
    )
    return {
        row.key: {"row": row.id, "valid_from": row.valid_from.isoformat()} | _value(row.value)
        for row in rows
        if not row.key.startswith(NOT_READ)
    }


def _value(value: Any) -> dict[str, Any]:
    # Policy figures are text and whole numbers by rule; a float that slipped in is kept as its text.
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return {"sha256": digest(text)} if len(text) > LONGEST_VALUE else {"value": exact(value)}
