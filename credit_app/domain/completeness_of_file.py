"""Is a customer file complete and fresh: what it owes by kind of customer and risk, and what to do about each gap."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import RISKS
from credit_app.domain.policy_values import Values, list_of, to_whole
from credit_app.domain.sentences import N_, Sentence

NEW, EXISTING = "new", "existing"
UNRATED = "unrated"
MASTER_DATA = (
    "registration_number",
    "country",
    "region",
    "industry",
    "address",
    "city",
    "size",
    "enterprise_kind",
    "founded_on",
    "employees",
    "tax_number",
)
ITEM = "item:"
# Information that is asked for by name; people may add others in their own words.
ITEMS: Mapping[str, tuple[str, str]] = {
    "business_activity": ("basic", N_("business activity")),
    "management": ("basic", N_("management")),
    "premises": ("basic", N_("premises and plant")),
    "certificates": ("basic", N_("licences and certificates")),
    "main_products": ("operation", N_("main products")),
    "main_customers": ("operation", N_("main customers")),
    "main_suppliers": ("operation", N_("main suppliers")),
    "order_situation": ("operation", N_("order situation")),
    "sales_channels": ("operation", N_("sales channels")),
    "payment_history": ("history", N_("payment history elsewhere")),
    "company_history": ("history", N_("history of the company")),
    "past_disputes": ("history", N_("past disputes")),
    "no_statements": ("history", N_("why there are no statements")),
}
NO_STATEMENTS = "no_statements"
_PARTS: Mapping[str, tuple[str, str]] = {  # part: (the tab where it is entered, its name)
    "registration_number": ("master", N_("registration number")),
    "country": ("master", N_("country")),
    "region": ("master", N_("region")),
    "industry": ("master", N_("industry")),
    "address": ("master", N_("address")),
    "city": ("master", N_("city")),
    "size": ("master", N_("size")),
    "enterprise_kind": ("master", N_("kind of enterprise")),
    "founded_on": ("master", N_("day of foundation")),
    "employees": ("master", N_("employees")),
    "tax_number": ("master", N_("tax number")),
    "contacts": ("master", N_("contact person")),
    "references": ("master", N_("bank or trade reference")),
    "owners": ("investigations", N_("owners")),
    "investigation": ("investigations", N_("investigation")),
    "report": ("investigations", N_("third-party report")),
    "statements": ("statements", N_("financial statements")),
    "rating": ("ratings", N_("rating")),
}


@dataclass(frozen=True, slots=True)
class Owed:
    """A part that a file owes: by which customers, at which risk, and after how many days it is stale (None: never)."""

    part: str
    customers: frozenset[str]
    risks: frozenset[str]
    stale_after_days: int | None = None

    def by(self, customer_kind: str, risk: str) -> bool:
        """Whether a customer of this kind and risk owes it."""
        return customer_kind in self.customers and risk in self.risks


@dataclass(frozen=True, slots=True)
class FilePolicy:
    """Everything that files owe; of two rows for the same part and customer the first counts."""

    owed: tuple[Owed, ...]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy for a part, kind or risk that does not exist."""
        return cls(list_of(values, "file.owed", _owed))

    def of(self, customer_kind: str, risk: str) -> tuple[Owed, ...]:
        """What a customer of this kind and risk owes."""
        found: dict[str, Owed] = {}
        for row in self.owed:
            if row.by(customer_kind, risk):
                found.setdefault(row.part, row)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Held:
    """A part that is there: as of which day, and (where it says so itself) until when it holds."""

    part: str
    as_of: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not as it should be, what to do next, and the tab of the file where it is done."""

    part: str
    sentence: Sentence
    next_step: Sentence
    tab: str


@dataclass(frozen=True, slots=True)
class FileState:
    """Whether everything owed is there and none of it stale."""

    missing: tuple[Gap, ...]
    stale: tuple[Gap, ...]
    owed: int

    @property
    def complete(self) -> bool:
        """Nothing that is owed is missing."""
        return not self.missing

    @property
    def fresh(self) -> bool:
        """Nothing that is there is too old."""
        return not self.stale

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Everything that is missing, then everything that is stale."""
        return tuple(gap.sentence for gap in (*self.missing, *self.stale))


def state_of_file(
    policy: FilePolicy, customer_kind: str, risk: str, held: Iterable[Held], day: date
) -> FileState:
    """The state of a file on `day`; of several rows for a part the one that holds longest counts."""
    by_part: dict[str, list[Held]] = {}
    for row in held:
        by_part.setdefault(row.part, []).append(row)
    missing, stale = [], []
    owed = policy.of(customer_kind, risk)
    for wanted in owed:
        rows = by_part.get(wanted.part, [])
        if not rows:
            missing.append(_missing(wanted.part))
        elif all(_over(one, wanted, day) for one in rows):
            stale.append(_stale(max(rows, key=lambda one: one.as_of or date.min), wanted, day))
    return FileState(tuple(missing), tuple(stale), len(owed))


def part_name(part: str) -> Sentence:
    """The name of a part, to stand inside of another sentence."""
    label = ITEMS[part.removeprefix(ITEM)][1] if part.startswith(ITEM) else _PARTS[part][1]
    return Sentence(f"file.part.{part}", label)


def tab_of(part: str) -> str:
    """The tab of the customer file where a part is entered."""
    return "information" if part.startswith(ITEM) else _PARTS[part][0]


def _over(held: Held, owed: Owed, day: date) -> bool:
    if held.valid_until is not None and held.valid_until < day:
        return True
    if owed.stale_after_days is None or held.as_of is None:
        return False
    return held.as_of + timedelta(days=owed.stale_after_days) < day


def _missing(part: str) -> Gap:
    values = {"part": part_name(part)}
    return Gap(
        part,
        Sentence("file.missing", N_("Missing: %(part)s."), values),
        Sentence(f"file.next.{part}", _NEXT.get(part, _NEXT_ITEM if part.startswith(ITEM) else _NEXT_FIELD)),
        tab_of(part),
    )


def _stale(held: Held, owed: Owed, day: date) -> Gap:
    values: dict[str, object] = {"part": part_name(owed.part)}
    if held.valid_until is not None and held.valid_until < day:
        values["until"] = held.valid_until.isoformat()
        sentence = Sentence("file.expired", N_("Expired: %(part)s, valid until %(until)s."), values)
    else:
        values |= {"as_of": held.as_of.isoformat() if held.as_of else "", "days": owed.stale_after_days}
        text = N_("Out of date: %(part)s of %(as_of)s is older than %(days)s days.")
        sentence = Sentence("file.stale", text, values)
    text = _RENEW.get(owed.part, _RENEW_ITEM)
    return Gap(owed.part, sentence, Sentence(f"file.renew.{owed.part}", text), tab_of(owed.part))


_NEXT_FIELD = N_("Fill it in under “Master data”.")
_NEXT_ITEM = N_("Ask the customer or the register, and add it with its source.")
_NEXT: Mapping[str, str] = {
    "contacts": N_("Add at least one person at the customer."),
    "references": N_("Ask the customer's bank or a supplier, and add what they say."),
    "owners": N_("Look the owners up in the register during the investigation."),
    "investigation": N_("Investigate the customer with its next application or review."),
    "report": N_("Order a report, or record the one you have."),
    "statements": N_("Ask the customer for its statements, or record why there are none."),
    "rating": N_("The next application or review rates the customer."),
}
_RENEW_ITEM = N_("Ask again, and add the answer with its source.")
_RENEW: Mapping[str, str] = {
    "references": N_("Ask the bank or the supplier again."),
    "owners": N_("Look the owners up again."),
    "investigation": N_("Investigate again with the next application or review."),
    "report": N_("Order a new report, or record the one you have."),
    "statements": N_("Ask the customer for its latest statements."),
    "rating": N_("Start a review: it rates the customer anew."),
}


def _owed(key: str, value: Any) -> Owed:
    """One row {part, customers?, risks?, stale_after_days?}; what is left out means all, or never."""
    if not isinstance(value, Mapping):
        raise InvalidPolicy(key=key, problem="no list of tables")
    part = value.get("part")
    known = isinstance(part, str) and (
        part in _PARTS or (part.startswith(ITEM) and part[len(ITEM) :] in ITEMS)
    )
    if not known:
        raise InvalidPolicy(key=key, problem="naming an unknown part of the file: “%(part)s”", part=part)
    days = value.get("stale_after_days")
    return Owed(
        str(part),
        _words(key, value.get("customers"), (NEW, EXISTING)),
        _words(key, value.get("risks"), (*RISKS, UNRATED)),
        None if days is None else to_whole(key, days),
    )


def _words(key: str, value: Any, known: Sequence[str]) -> frozenset[str]:
    if value is None:
        return frozenset(known)
    if not isinstance(value, Sequence) or isinstance(value, str) or not set(value) <= set(known):
        raise InvalidPolicy(key=key, problem="naming something other than %(names)s", names=tuple(known))
    return frozenset(value)
