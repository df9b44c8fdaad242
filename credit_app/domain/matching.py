"""How surely an entry of a bank statement pays some open items: points by reference, amount, account and name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, decimal_of, table_of, to_decimal
from credit_app.domain.sentences import N_

# Reasons, in the order in which they are told.
REFERENCE, ORDER = "reference", "order"
AMOUNT_NAMED, AMOUNT_NEAR, AMOUNT_ITEM, AMOUNT_BALANCE = (
    "amount_named",
    "amount_near",
    "amount_item",
    "amount_balance",
)
ACCOUNT, NAME = "account", "name"
REASONS = (REFERENCE, ORDER, AMOUNT_NAMED, AMOUNT_NEAR, AMOUNT_ITEM, AMOUNT_BALANCE, ACCOUNT, NAME)
# Not one of them: nothing but the amount speaks for the match. No weight, never booked by itself.
AMOUNT_ONLY = "amount"
AMOUNTS = frozenset({AMOUNT_NAMED, AMOUNT_ITEM, AMOUNT_BALANCE})

# Rules by which an entry is set aside, and the bank's codes (ISO 20022, sub-family) that tell fees and interest.
FEE, OUTGOING, OWN_TRANSFER, INTEREST = "fee", "outgoing", "own_transfer", "interest"
_FEES = frozenset({"CHRG", "COMM", "FEES", "TAXE", "COME", "COMI", "COMT"})
_INTEREST = frozenset({"INTR", "DINT", "TINT"})

SHORTEST_KEY, LONGEST_KEY = 4, 60
MOST_WORDS = 60
_SIGNS = re.compile(r"[ \-/._#]+")  # the same signs as credit_app.models.ledger.KEY_SIGNS
_PARTS = re.compile(r"[/_#]")
_DIGIT = re.compile(r"\d")
_GAPS = re.compile(r"[\s,;:|()\[\]+*\"']+")


@dataclass(frozen=True, slots=True)
class MatchingPolicy:
    """From which certainty (0 to 1) an entry is booked without a person, and from which a match is suggested.

    `small_difference`, in the entry's currency, is what a person may write off while matching; `weights` say what each
    reason is worth by itself, 0 to 1; `alike` from which likeness on two names may mean the same.
    """

    certain: Decimal
    suggest_from: Decimal
    small_difference: Decimal
    weights: Mapping[str, Decimal]
    alike: Decimal

    @classmethod
    def from_policy(cls, values: Values) -> "MatchingPolicy":
        """The policy in force. Raises InvalidPolicy."""
        certain, suggest = decimal_of(values, "matching.certain"), decimal_of(values, "matching.suggest_from")
        if suggest > certain:
            raise InvalidPolicy(key="matching.suggest_from", problem=N_("above the certainty that books"))
        weights = table_of(values, "matching.weights", to_decimal)
        for reason in REASONS:
            if not 0 <= weights.get(reason, Decimal(-1)) < 1:
                raise InvalidPolicy(
                    key="matching.weights", problem=N_("no share from 0 to below 1 for each reason")
                )
        small, alike = (
            decimal_of(values, "matching.small_difference"),
            decimal_of(values, "duplicates.likeness"),
        )
        return cls(certain, suggest, small, weights, alike)


@dataclass(frozen=True, slots=True)
class Item:
    """An open debt of a customer; `amount` > 0 is what is open of it, in the entry's currency."""

    item_id: int
    customer_id: int
    amount: Decimal
    due_date: date
    by: str = REFERENCE  # how the payer named it: by its number, or only by the customer's own order


@dataclass(frozen=True, slots=True)
class Payer:
    """What is known of a customer as the one who paid an entry.

    `named` are the items that the entry names; `same_amount` those that are open with the entry's very amount;
    `balance` and `items` all that is open (`items` may be left out where there are many). `shared_account`: the account
    is known of other customers too. `likeness` of the names, 0 to 1.
    """

    customer_id: int
    named: tuple[Item, ...] = ()
    same_amount: tuple[Item, ...] = ()
    balance: Decimal = Decimal(0)
    items: tuple[Item, ...] = ()
    knows_account: bool = False
    shared_account: bool = False
    likeness: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Match:
    """That a customer paid these parts of its items, how surely (0 to 1) and why; what is over stays on account."""

    customer_id: int
    certainty: Decimal
    reasons: tuple[str, ...]
    parts: tuple[tuple[int, Decimal], ...]


def plain_key(text: str) -> str:
    """A number as it is compared: in capitals, without the signs that payers write differently."""
    return _SIGNS.sub("", text).upper()


def keys_of(*texts: str) -> list[str]:
    """Everything in these texts that may be the number of an item: each word, its parts, and two or three together.

    A number has a digit and at least four signs; only the first sixty words are looked at.
    """
    found: dict[str, None] = {}
    for text in texts:
        words = [word for word in _GAPS.split(text) if word][:MOST_WORDS]
        plain = [plain_key(word) for word in words]
        for place, word in enumerate(words):
            parts = [part for part in _PARTS.split(word) if part]
            candidates = [plain[place], *(map(plain_key, parts) if len(parts) > 1 else ())]
            candidates += [
                "".join(plain[place : place + count]) for count in (2, 3) if place + count <= len(words)
            ]
            for key in candidates:
                if SHORTEST_KEY <= len(key) <= LONGEST_KEY and _DIGIT.search(key):
                    found[key] = None
    return list(found)


def words_of(*texts: str) -> list[str]:
    """The words of these texts that may be a key of another system, as they are written."""
    words = (word.strip(".-/") for text in texts for word in _GAPS.split(text)[:MOST_WORDS])
    return list(
        dict.fromkeys(word for word in words if len(word) >= SHORTEST_KEY and any(map(str.isdigit, word)))
    )


def set_aside_as(amount: Decimal, is_return: bool, bank_code: str, from_own_account: bool) -> str | None:
    """The rule by which an entry is no customer's payment; None when it may be one, or takes one back."""
    if from_own_account:
        return OWN_TRANSFER
    kind = bank_code.rpartition("/")[2]
    if amount < 0 and not is_return:
        return FEE if kind in _FEES else OUTGOING
    return INTEREST if kind in _INTEREST and not is_return else None


def rank(amount: Decimal, payers: Iterable[Payer], policy: MatchingPolicy) -> list[Match]:
    """What the entry of this amount (> 0) may pay, the surest first; nothing below `suggest_from`."""
    found = [match for payer in payers for match in _of_payer(amount, payer, policy)]
    kept = [match for match in found if match.certainty >= policy.suggest_from]
    return sorted(kept, key=lambda match: (-match.certainty, match.customer_id, match.parts))


def certain_match(matches: Sequence[Match], policy: MatchingPolicy) -> Match | None:
    """The one that is booked without a person: sure enough, and nothing else is nearly as sure or named as well."""
    if not matches or matches[0].certainty < policy.certain or not matches[0].parts:
        return None
    first = matches[0]
    for other in matches[1:]:
        other_customer = other.customer_id != first.customer_id
        if other.certainty >= policy.certain or (other_customer and {REFERENCE, ORDER} & set(other.reasons)):
            return None
    return first


def by_amount_only(same: Sequence[Item], known: Sequence[Match], policy: MatchingPolicy) -> list[Match]:
    """Whoever owes an item of the entry's very amount, as the last suggestions, the longest due first.

    `same` are all such items, `known` what else is suggested: nothing is added where the amount is explained already.
    Together they are as sure as the least that is suggested, so that each of several is less so.
    """
    if any(AMOUNTS & set(match.reasons) for match in known):
        return []
    certainty = (policy.suggest_from / max(1, len(same))).quantize(Decimal("0.001"))
    oldest = sorted(same, key=lambda item: (item.due_date, item.item_id))
    return [
        Match(item.customer_id, certainty, (AMOUNT_ONLY,), ((item.item_id, item.amount),)) for item in oldest
    ]


# --- inside -----------------------------------------------------------------------------------------------------------


def _of_payer(amount: Decimal, payer: Payer, policy: MatchingPolicy) -> list[Match]:
    """At most three ways to read the entry as this customer's: by what it names, by its amount, as its balance."""
    person = _about_payer(payer, policy)
    found = []
    if payer.named:
        found.append(_named(amount, payer, person, policy))
    elif len(payer.same_amount) == 1:
        single = ((payer.same_amount[0].item_id, amount),)
        found.append(_match(payer, [(AMOUNT_ITEM, policy.weights[AMOUNT_ITEM]), *person], single, policy))
    elif payer.same_amount:  # several of one amount: the oldest is likely meant, but none surely
        oldest = min(payer.same_amount, key=lambda item: (item.due_date, item.item_id))
        half = policy.weights[AMOUNT_ITEM] / 2
        found.append(_match(payer, [(AMOUNT_ITEM, half), *person], ((oldest.item_id, amount),), policy))
    if (
        payer.balance == amount
        and len(payer.items) > 1
        and (not payer.named or len(payer.named) < len(payer.items))
    ):
        parts = tuple((item.item_id, item.amount) for item in payer.items)
        found.append(
            _match(payer, [(AMOUNT_BALANCE, policy.weights[AMOUNT_BALANCE]), *person], parts, policy)
        )
    if not found and person:
        found.append(_match(payer, person, (), policy))
    return found


def _about_payer(payer: Payer, policy: MatchingPolicy) -> list[tuple[str, Decimal]]:
    reasons = []
    if payer.knows_account:
        weight = policy.weights[ACCOUNT]
        reasons.append((ACCOUNT, weight / 2 if payer.shared_account else weight))
    if payer.likeness >= policy.alike:
        reasons.append((NAME, policy.weights[NAME] * payer.likeness))
    return reasons


def _named(amount: Decimal, payer: Payer, person: list[tuple[str, Decimal]], policy: MatchingPolicy) -> Match:
    by = REFERENCE if any(item.by == REFERENCE for item in payer.named) else ORDER
    named = [item for item in payer.named if item.by == by]
    reasons = [(by, policy.weights[by])]
    total = sum((item.amount for item in named), Decimal(0))
    if total == amount:
        reasons.append((AMOUNT_NAMED, policy.weights[AMOUNT_NAMED]))
    elif single := [item for item in named if item.amount == amount]:
        if len(single) == 1:  # several are named, one of them is paid
            named = single
            reasons.append((AMOUNT_ITEM, policy.weights[AMOUNT_ITEM]))
    elif abs(total - amount) <= policy.small_difference:
        reasons.append((AMOUNT_NEAR, policy.weights[AMOUNT_NEAR]))
    return _match(payer, reasons + person, _parts(amount, named), policy)


def _parts(amount: Decimal, items: Sequence[Item]) -> tuple[tuple[int, Decimal], ...]:
    """The money over the items, the oldest first."""
    left, parts = amount, []
    for item in sorted(items, key=lambda item: (item.due_date, item.item_id)):
        part = min(left, item.amount)
        if part > 0:
            parts.append((item.item_id, part))
            left -= part
    return tuple(parts)


def _match(
    payer: Payer,
    reasons: Sequence[tuple[str, Decimal]],
    parts: tuple[tuple[int, Decimal], ...],
    policy: MatchingPolicy,
) -> Match:
    """Reasons are independent grounds: each takes its share of the doubt that the others leave."""
    doubt = Decimal(1)
    for _reason, weight in reasons:
        doubt *= 1 - weight
    certainty = (1 - doubt).quantize(Decimal("0.001"))
    names = {name for name, _weight in reasons}
    if not names & AMOUNTS:  # however well the payer is known: what is paid is not
        certainty = min(certainty, policy.certain - Decimal("0.01"))
    return Match(payer.customer_id, certainty, tuple(name for name in REASONS if name in names), parts)
