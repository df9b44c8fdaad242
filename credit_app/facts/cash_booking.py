"""Looks at the new entries of bank statements as sets: sets aside, books what is certain, leaves the rest to people."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from credit_app.domain import matching as rules
from credit_app.domain.matching import Match, MatchingPolicy
from credit_app.facts.bounced import take_back_certain
from credit_app.facts.ledger import first_open_day
from credit_app.facts.matching import Entry, Names, payers_of
from credit_app.models import policy_values

SOURCE = "bank"
BATCH = 2000
LONGEST_KEY = 100
log = logging.getLogger(__name__)

_NEXT = text("""
    SELECT id, account, reference, booked_on, amount, currency, payer, payer_account, remittance, end_to_end_id,
        is_return, bank_code
    FROM bank_entry WHERE status = 'waiting' AND rule = '' ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
""")
_OWN_ACCOUNTS = text("""
    WITH RECURSIVE known AS (
        (SELECT account FROM bank_statement ORDER BY account LIMIT 1)
        UNION ALL SELECT (SELECT s.account FROM bank_statement s WHERE s.account > k.account ORDER BY s.account LIMIT 1)
            FROM known k WHERE k.account IS NOT NULL
    ) SELECT account FROM known WHERE account IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class Looked:
    """How many entries one look dealt with, by what became of them."""

    entries: int = 0
    booked: int = 0
    set_aside: int = 0
    returned: int = 0
    left: int = 0


def match_next(session: Session, today: date, now: datetime, names: Names, most: int = BATCH) -> Looked:
    """Look at the next new entries; those that another worker holds are left to it. The caller commits.

    What could not be booked because an entry before it took the item is looked at again in the next round.
    """
    rows = list(session.execute(_NEXT, {"most": most}))
    if not rows:
        return Looked()
    values = policy_values(session, today)
    policy, first_day = MatchingPolicy.from_policy(values), first_open_day(session, today)
    own = set(session.scalars(_OWN_ACCOUNTS))
    aside = {row.id: rule for row in rows if (rule := _aside(row, own))}
    _set_aside(session, aside, now)
    open_rows = [row for row in rows if row.id not in aside]
    returned = [row for row in open_rows if row.is_return or row.amount < 0]
    incoming = [row for row in open_rows if not (row.is_return or row.amount < 0)]
    booked, left = _book(session, incoming, policy, names, today=today, first_day=first_day, now=now)
    # After what came in: a payment may come and go back within one statement.
    taken_back = {row.id for row in returned if take_back_certain(session, row.id, today, now)}
    _leave(session, {row.id: (None, "return") for row in returned if row.id not in taken_back})
    return Looked(len(rows), booked, len(aside), len(taken_back), left + len(returned) - len(taken_back))


def receipt_key(account: str, reference: str) -> str:
    """The key of an entry's receipt: account and reference, cut by a digest where they are too long together."""
    key = f"{account}:{reference}"
    return key if len(key) <= LONGEST_KEY else f"{key[:59]}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _aside(row: Any, own: set[str]) -> str | None:
    return rules.set_aside_as(row.amount, row.is_return, row.bank_code, row.payer_account in own)


def _set_aside(session: Session, found: dict[int, str], now: datetime) -> None:
    query = text("""
        UPDATE bank_entry e SET status = 'set_aside', rule = f.rule, decided_at = :now
        FROM unnest(CAST(:ids AS bigint[]), CAST(:rules AS text[])) AS f(id, rule) WHERE e.id = f.id
    """)
    if found:
        session.execute(query, {"ids": list(found), "rules": list(found.values()), "now": now})


def _leave(session: Session, found: dict[int, tuple[Decimal | None, str]]) -> None:
    """To be looked at by a person: the certainty of the best suggestion, and what the rules found."""
    query = text("""
        UPDATE bank_entry e SET rule = f.rule, certainty = f.certainty
        FROM unnest(CAST(:ids AS bigint[]), CAST(:rules AS text[]), CAST(:sure AS numeric[])) AS f(id, rule, certainty)
        WHERE e.id = f.id
    """)
    if found:
        sure = [certainty for certainty, _rule in found.values()]
        session.execute(
            query, {"ids": list(found), "rules": [rule for _sure, rule in found.values()], "sure": sure}
        )


def _book(
    session: Session, rows: Sequence[Any], policy: MatchingPolicy, names: Names, *, today: date, first_day: date,
    now: datetime,
) -> tuple[int, int]:  # fmt: skip
    """(how many were booked, how many are left to people)."""
    entries = [
        Entry(
            row.id, row.amount, row.currency, row.payer, row.payer_account, row.remittance, row.end_to_end_id
        )
        for row in rows
    ]
    payers = payers_of(session, entries, today, policy, names)
    certain: dict[int, Match] = {}
    left: dict[int, tuple[Decimal | None, str]] = {}
    for entry in entries:
        ranked = rules.rank(entry.amount, payers[entry.id], policy)
        match = rules.certain_match(ranked, policy)
        if match is not None:
            certain[entry.id] = match
        else:
            left[entry.id] = (ranked[0].certainty, "suggested") if ranked else (None, "unknown")
    _leave(session, left)
    fitting = _still_open(session, certain)
    by_id = {row.id: row for row in rows}
    try:
        with session.begin_nested():
            _write(session, by_id, fitting, first_day, now)
    except IntegrityError:
        fitting = _one_by_one(session, by_id, fitting, first_day, now)
    return len(fitting), len(entries) - len(fitting)


def _one_by_one(
    session: Session, rows: dict[int, Any], fitting: dict[int, Match], first_day: date, now: datetime
) -> dict[int, Match]:
    """Those that the books take; an entry that they refuse waits for a person and holds up no other."""
    booked = {}
    for entry, match in fitting.items():
        try:
            with session.begin_nested():
                _write(session, rows, {entry: match}, first_day, now)
        except IntegrityError:
            _leave(session, {entry: (match.certainty, "suggested")})
        else:
            booked[entry] = match
    return booked


def _still_open(session: Session, certain: dict[int, Match]) -> dict[int, Match]:
    """Those whose parts still fit, one after the other; the items are held until the commit."""
    ids = sorted({item for match in certain.values() for item, _part in match.parts})
    query = text("""
        SELECT item_id, open_amount FROM item_balance WHERE item_id = ANY(:ids) ORDER BY item_id FOR NO KEY UPDATE
    """)
    still: dict[int, Decimal] = {row[0]: row[1] for row in session.execute(query, {"ids": ids})}
    fitting = {}
    for entry, match in certain.items():
        if all(still[item] >= part for item, part in match.parts):
            fitting[entry] = match
            for item, part in match.parts:
                still[item] -= part
    return fitting


_RECEIPTS = text("""
    INSERT INTO receipt (source, external_id, customer_id, received_on, amount, currency, reference, payer, created_at)
    SELECT 'bank', f.key, f.customer_id, greatest(e.booked_on, :first_day), e.amount, e.currency,
        left(coalesce(nullif(e.remittance, ''), e.end_to_end_id), 200), e.payer, :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:keys AS text[]), CAST(:customers AS bigint[])) AS f(id, key, customer_id)
    JOIN bank_entry e ON e.id = f.id ORDER BY e.id
    ON CONFLICT (source, external_id) DO NOTHING RETURNING external_id, id
""")
_ALLOCATIONS = text("""
    INSERT INTO allocation (receipt_id, item_id, amount, allocated_on, created_at)
    SELECT r.id, f.item_id, f.amount,
        greatest(r.received_on, b.document_date, CASE WHEN b.reopened THEN b.last_on END), :now
    FROM unnest(CAST(:receipts AS bigint[]), CAST(:items AS bigint[]), CAST(:amounts AS numeric[]))
        AS f(receipt_id, item_id, amount)
    JOIN receipt r ON r.id = f.receipt_id JOIN item_balance b ON b.item_id = f.item_id ORDER BY f.item_id
""")
_MATCHED = text("""
    UPDATE bank_entry e SET status = 'matched', receipt_id = f.receipt_id, rule = f.rule, certainty = f.certainty,
        decided_at = :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:receipts AS bigint[]), CAST(:rules AS text[]), CAST(:sure AS numeric[]))
        AS f(id, receipt_id, rule, certainty)
    WHERE e.id = f.id
""")
_KNOWN = text("UPDATE bank_entry SET rule = 'suggested' WHERE id = ANY(:ids)")


def _write(
    session: Session, rows: dict[int, Any], fitting: dict[int, Match], first_day: date, now: datetime
) -> None:
    if not fitting:
        return
    keys = {entry: receipt_key(rows[entry].account, rows[entry].reference) for entry in fitting}
    given = {
        "ids": list(fitting),
        "keys": list(keys.values()),
        "customers": [match.customer_id for match in fitting.values()],
        "first_day": first_day,
        "now": now,
    }
    made: dict[str, int] = {row[0]: row[1] for row in session.execute(_RECEIPTS, given)}
    booked = {entry: match for entry, match in fitting.items() if keys[entry] in made}
    if len(booked) < len(fitting):  # a receipt of that key was entered by other means: a person looks
        session.execute(_KNOWN, {"ids": [entry for entry in fitting if entry not in booked]})
    parts = [(made[keys[entry]], *part) for entry, match in booked.items() for part in match.parts]
    receipts, items, amounts = ([part[place] for part in parts] for place in range(3))
    session.execute(_ALLOCATIONS, {"receipts": receipts, "items": items, "amounts": amounts, "now": now})
    values = {
        "ids": list(booked),
        "receipts": [made[keys[entry]] for entry in booked],
        "rules": [",".join(match.reasons)[:60] for match in booked.values()],
        "sure": [match.certainty for match in booked.values()],
        "now": now,
    }
    session.execute(_MATCHED, values)
