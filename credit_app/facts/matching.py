"""Whose money the entries of a bank statement may be: what they name, by whom they were paid, what fits the amount."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain import matching as rules
from credit_app.domain.matching import Item, MatchingPolicy, Payer
from credit_app.domain.similar_names import likeness, plain_name
from credit_app.models.ledger import plain_key

MOST_NAMED, MOST_SAME, MOST_ITEMS, MOST_ALIKE = 50, 3, 200, 5
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """What matching reads of a BankEntry."""

    id: int
    amount: Decimal
    currency: str
    payer: str
    payer_account: str
    remittance: str
    end_to_end_id: str


class Names:
    """Customers' names: all, read once for many entries, or those `near` one payer: who may be meant by a name."""

    def __init__(self, session: Session, near: str | None = None) -> None:
        self.session = session
        self.by_word: dict[str, list[int]] = defaultdict(list)
        self.plain: dict[int, str] = {}
        self.known: dict[str, list[tuple[int, Decimal]]] = {}
        if near is None:
            self._keep(
                session.execute(text("SELECT id, name FROM customer WHERE status <> 'closed' ORDER BY id"))
            )
        elif patterns := [f"%{stem.replace('_', '')}%" for stem in _stems(plain_name(near)) if len(stem) > 1]:
            query = text(
                "SELECT id, name FROM customer WHERE lower(name) LIKE ANY(:patterns) ORDER BY id LIMIT 500"
            )
            self._keep(session.execute(query, {"patterns": patterns}))

    def _keep(self, rows: Iterable[Any]) -> None:
        for number, name in rows:
            self.plain[number] = plain_name(name)
            for word in _stems(self.plain[number]):
                self.by_word[word].append(number)

    def within(self, session: Session) -> "Names":
        """The same names, read further in another session."""
        self.session = session
        return self

    def of(self, customers: Iterable[int]) -> dict[int, str]:
        """The plain names of these customers."""
        missing = [number for number in customers if number not in self.plain]
        if missing:
            query = text("SELECT id, name FROM customer WHERE id = ANY(:ids)")
            self.plain |= {
                row.id: plain_name(row.name) for row in self.session.execute(query, {"ids": missing})
            }
        return self.plain

    def alike(self, payer: str, least: Decimal) -> list[tuple[int, Decimal]]:
        """(customer, likeness) of those whose name is like enough, the likest first, at most five."""
        if payer not in self.known:
            rarest = sorted(_stems(plain_name(payer)), key=lambda word: len(self.by_word.get(word, ())))
            near = {number for word in rarest[:2] for number in self.by_word.get(word, ())[:LOOKED_AT]}
            pairs = [(number, likeness(payer, self.plain[number])) for number in sorted(near)]
            close = [pair for pair in pairs if pair[1] >= least]
            self.known[payer] = sorted(close, key=lambda pair: (-pair[1], pair[0]))[:MOST_ALIKE]
        return self.known[payer]


def _stems(plain: str) -> set[str]:
    """By what a name is found: the beginnings of its words; of names without spaces, the beginning."""
    return {word[:6] if word.isascii() else word[:2] for word in plain.split()}


@dataclass
class _Known:
    """What is known of one customer as the payer of one entry."""

    named: dict[int, Item] = field(default_factory=dict)
    same: list[Item] = field(default_factory=list)
    balance: Decimal = Decimal(0)
    items: list[Item] = field(default_factory=list)
    account: bool = False
    shared: bool = False
    likeness: Decimal = Decimal(0)


Found = dict[int, dict[int, _Known]]  # entry -> customer -> what is known


def payers_of(
    session: Session, entries: Sequence[Entry], day: date, policy: MatchingPolicy, names: Names
) -> dict[int, list[Payer]]:
    """Who may have paid each of these entries (all > 0), by its id, with everything that speaks for it."""
    found: Found = {entry.id: defaultdict(_Known) for entry in entries}
    _by_reference(session, entries, day, found)
    _by_account(session, entries, found)
    _by_name(entries, policy, names, found)
    _by_amount(session, entries, day, found)
    return {
        entry.id: [
            Payer(
                customer, tuple(known.named.values()), tuple(known.same), known.balance, tuple(known.items),
                known.account, known.shared, known.likeness,
            )
            for customer, known in found[entry.id].items()
        ]
        for entry in entries
    }  # fmt: skip


def suggestions(
    session: Session, entry: Entry, day: date, policy: MatchingPolicy, names: Names | None = None
) -> list[rules.Match]:
    """What one entry may pay, ranked; as it stands in the books now."""
    payers = payers_of(session, [entry], day, policy, names or Names(session, entry.payer))
    return rules.rank(entry.amount, payers[entry.id], policy)


# --- by what the entry names --------------------------------------------------------------------------------------

_OPEN = """
    b.item_id = i.id AND b.open_amount <> 0 AND b.kind <> 'credit_note' AND b.document_date <= :day
"""
_FIELDS = "i.id, i.customer_id, b.open_amount, b.due_date, b.currency"
# The number of an item names it; the customer's own order names it less surely. At most fifty of one number.
_NAMED = f"""
    SELECT k.entry_id, k.place, i.* FROM unnest(CAST(:entries AS bigint[]), CAST(:keys AS text[]))
        WITH ORDINALITY AS k(entry_id, key, place)
    CROSS JOIN LATERAL (
        (SELECT {_FIELDS}, 'reference' AS by FROM receivable_item i JOIN item_balance b ON {_OPEN}
            WHERE {plain_key("i.number")} = k.key LIMIT {MOST_NAMED})
        UNION ALL
        (SELECT {_FIELDS}, 'order' FROM receivable_item i JOIN item_balance b ON {_OPEN}
            WHERE {plain_key("i.reference")} = k.key AND i.reference <> '' LIMIT {MOST_NAMED})
    ) i
"""  # noqa: S608
_SOURCES = """
    WITH RECURSIVE known AS (
        (SELECT source FROM receivable_item ORDER BY source LIMIT 1)
        UNION ALL SELECT (SELECT i.source FROM receivable_item i WHERE i.source > k.source ORDER BY i.source LIMIT 1)
            FROM known k WHERE k.source IS NOT NULL
    ) SELECT source FROM known WHERE source IS NOT NULL
"""
_NAMED_OUTSIDE = f"""
    SELECT k.entry_id, 0 AS place, {_FIELDS}, 'reference' AS by
    FROM unnest(CAST(:entries AS bigint[]), CAST(:keys AS text[])) AS k(entry_id, key)
    CROSS JOIN unnest(CAST(:sources AS text[])) AS s(source)
    JOIN receivable_item i ON i.source = s.source AND i.external_id = k.key
    JOIN item_balance b ON {_OPEN}
"""  # noqa: S608


def _by_reference(session: Session, entries: Sequence[Entry], day: date, found: Found) -> None:
    currencies = {entry.id: entry.currency for entry in entries}
    texts = {entry.id: (entry.remittance, entry.end_to_end_id) for entry in entries}
    keys = [(number, key) for number, said in texts.items() for key in rules.keys_of(*said)]
    words = [(number, word) for number, said in texts.items() for word in rules.words_of(*said)]
    sources = list(session.scalars(text(_SOURCES)))
    rows = [
        *_named(session, _NAMED, keys, day),
        *_named(session, _NAMED_OUTSIDE, words, day, sources=sources),
    ]
    for row in rows:
        if row.currency == currencies[row.entry_id]:
            known = found[row.entry_id][row.customer_id]
            item = Item(row.id, row.customer_id, row.open_amount, row.due_date, row.by)
            if row.id not in known.named or item.by == rules.REFERENCE:
                known.named[row.id] = item


def _named(session: Session, query: str, pairs: list[tuple[int, str]], day: date, **values: Any) -> list[Any]:
    if not pairs:
        return []
    given = {"entries": [pair[0] for pair in pairs], "keys": [pair[1] for pair in pairs], "day": day}
    return list(session.execute(text(query), given | values))


# --- by who paid --------------------------------------------------------------------------------------------------


def _by_account(session: Session, entries: Sequence[Entry], found: Found) -> None:
    accounts = {entry.payer_account for entry in entries} - {""}
    holders: dict[str, list[int]] = defaultdict(list)
    query = text("SELECT account, customer_id FROM payer_account WHERE account = ANY(:accounts) ORDER BY id")
    for row in session.execute(query, {"accounts": list(accounts)}):
        holders[row.account].append(row.customer_id)
    for entry in entries:
        customers = holders.get(entry.payer_account, [])
        for customer in customers:
            known = found[entry.id][customer]
            known.account, known.shared = True, len(customers) > 1


def _by_name(entries: Sequence[Entry], policy: MatchingPolicy, names: Names, found: Found) -> None:
    plain = names.of({customer for of_entry in found.values() for customer in of_entry})
    for entry in entries:
        if not entry.payer:
            continue
        of_entry = found[entry.id]
        if not any(known.named for known in of_entry.values()):
            for customer, how in names.alike(entry.payer, policy.alike):
                of_entry[customer].likeness = how
        for customer, known in of_entry.items():
            # What names the very amount needs no likeness besides.
            named = sum((item.amount for item in known.named.values()), Decimal(0))
            if not known.likeness and named != entry.amount:
                known.likeness = likeness(entry.payer, plain.get(customer, ""))


# --- by what fits the amount --------------------------------------------------------------------------------------

_SAME = f"""
    SELECT p.entry_id, b.* FROM unnest(CAST(:entries AS bigint[]), CAST(:customers AS bigint[]),
        CAST(:amounts AS numeric[]), CAST(:currencies AS text[])) AS p(entry_id, customer_id, amount, currency)
    CROSS JOIN LATERAL (
        SELECT b.item_id, b.customer_id, b.open_amount, b.due_date FROM item_balance b
        WHERE b.customer_id = p.customer_id AND b.open_amount <> 0 AND b.open_amount = p.amount
            AND b.currency = p.currency AND b.kind <> 'credit_note' AND b.document_date <= :day
        ORDER BY b.due_date, b.item_id LIMIT {MOST_SAME}
    ) b
"""  # noqa: S608
_BALANCES = """
    SELECT customer_id, currency, sum(open_amount) AS balance, count(*) AS items FROM item_balance
    WHERE customer_id = ANY(:customers) AND open_amount <> 0 AND kind <> 'credit_note' AND document_date <= :day
    GROUP BY customer_id, currency
"""
_ITEMS = """
    SELECT item_id, customer_id, open_amount, due_date, currency FROM item_balance
    WHERE customer_id = ANY(:customers) AND open_amount <> 0 AND kind <> 'credit_note' AND document_date <= :day
    ORDER BY due_date, item_id
"""


def _by_amount(session: Session, entries: Sequence[Entry], day: date, found: Found) -> None:
    """Only where what is named does not come to the amount already."""
    pairs = [
        (entry, customer)
        for entry in entries
        for customer, known in found[entry.id].items()
        if sum((item.amount for item in known.named.values()), Decimal(0)) != entry.amount
    ]
    if not pairs:
        return
    given = {
        "entries": [entry.id for entry, _customer in pairs],
        "customers": [customer for _entry, customer in pairs],
        "amounts": [entry.amount for entry, _customer in pairs],
        "currencies": [entry.currency for entry, _customer in pairs],
        "day": day,
    }
    for row in session.execute(text(_SAME), given):
        item = Item(row.item_id, row.customer_id, row.open_amount, row.due_date)
        found[row.entry_id][row.customer_id].same.append(item)
    _whole_balances(session, pairs, day, found)


_OF_AMOUNT = f"""
    SELECT item_id, customer_id, open_amount, due_date FROM item_balance
    WHERE open_amount = :amount AND open_amount <> 0 AND currency = :currency AND kind <> 'credit_note'
        AND document_date <= :day
    LIMIT {MOST_SAME + 1}
"""  # noqa: S608


def of_amount(session: Session, amount: Decimal, currency: str, day: date) -> list[Item]:
    """The items of any customer of which just this is open; none where so many are that it tells nothing.

    Reads all open items: for a page, not for many entries.
    """
    values = {"amount": amount, "currency": currency, "day": day}
    rows = session.execute(text(_OF_AMOUNT), values).all()
    if len(rows) > MOST_SAME:
        return []
    return [Item(row.item_id, row.customer_id, row.open_amount, row.due_date) for row in rows]


def _whole_balances(session: Session, pairs: Iterable[tuple[Entry, int]], day: date, found: Found) -> None:
    pairs = list(pairs)
    values = {"customers": list({customer for _entry, customer in pairs}), "day": day}
    balances = {(row.customer_id, row.currency): row for row in session.execute(text(_BALANCES), values)}
    whole = [
        (entry, customer)
        for entry, customer in pairs
        if (row := balances.get((customer, entry.currency))) is not None
        and row.balance == entry.amount
        and row.items <= MOST_ITEMS
    ]
    items: dict[tuple[int, str], list[Item]] = defaultdict(list)
    if whole:
        values["customers"] = list({customer for _entry, customer in whole})
        for row in session.execute(text(_ITEMS), values):
            item = Item(row.item_id, row.customer_id, row.open_amount, row.due_date)
            items[row.customer_id, row.currency].append(item)
    for entry, customer in whole:
        known = found[entry.id][customer]
        known.balance, known.items = entry.amount, items[customer, entry.currency]
