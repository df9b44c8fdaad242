"""Contracts: their words, which clauses a version has to have, who reviews what, and what a change concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, table_of, to_decimal, whole_of
from credit_app.domain.sentences import N_

SIDES = ("sales", "purchase")
CONTRACT_KINDS = ("goods", "service", "framework", "cooperation")
CONTRACT_STATUSES = ("need", "draft", "in_review", "active", "expired", "terminated", "refused", "withdrawn")
RENEWALS = ("none", "automatic", "by_agreement")
# What retention counts from: the day of each invoice, or the day on which everything was accepted.
RETENTION_FROM = ("invoice", "acceptance")
REVIEW_KINDS = ("new", "change", "renewal")
REVIEW_STATUSES = (
    "drafting", "checking", "in_review", "answering", "escalated", "awaiting_credit", "signing", "countersigning",
    "filed", "refused", "withdrawn",
)  # fmt: skip
REVIEW_RUNNING = REVIEW_STATUSES[: REVIEW_STATUSES.index("filed")]
# Who gives an opinion on a version -> the role that does.
AREAS: Mapping[str, str] = {
    "credit": "credit_analyst",
    "finance": "finance_director",
    "legal": "counsel",
    "delivery": "delivery",
}
# In whose name somebody drafts and sees to contracts of each side; the first that they hold.
DRAFTERS: Mapping[str, tuple[str, ...]] = {
    "sales": ("sales_rep", "sales_manager", "delivery"),
    "purchase": ("delivery", "sales_rep", "sales_manager"),
}
# What a checklist takes of a clause, and how many it has.
MOST_CLAUSES, LONGEST_CODE, LONGEST_TITLE, LONGEST_POLICY = 60, 40, 200, 4000
CLAUSE_STATES = ("present", "deviating", "missing", "not_applicable")
VERDICTS = ("agree", "conditions", "object")
COMMENT_KINDS = ("object", "wording", "condition", "remark")
# An objection, a wording or a condition is open until it is taken up in a new version, accepted (a condition, without
# another text), taken back or decided; a remark asks nothing.
COMMENT_STATES = ("open", "taken_up", "accepted", "taken_back", "overruled", "upheld", "noted")
# Levels that decide what drafter and reviewers cannot settle, lowest first.
OBJECTION_LEVELS = ("credit_manager", "finance_director", "cfo")
SIGNATURE_DECISIONS = ("sign", "send_back", "refuse")
MILESTONE_KINDS = (
    "delivery", "acceptance", "invoice", "payment", "retention", "warranty", "renewal", "expiry", "other",
)  # fmt: skip
MILESTONE_STATUSES = ("planned", "done", "cancelled")
BREACH_PARTIES = ("us", "them")
BREACH_KINDS = (
    "late_delivery",
    "not_delivered",
    "quality",
    "late_payment",
    "not_paid",
    "confidentiality",
    "other",
)
BREACH_CONSEQUENCES = ("none", "notice", "penalty", "damages", "suspension", "termination", "claim")
BREACH_STATUSES = ("open", "cured", "settled", "claimed")

# Fields of a version that two versions are compared by, in the order of the page.
TERMS = (
    "goods", "specification", "quantity", "unit", "quality", "delivery_terms", "delivery_place", "delivery_on",
    "amount", "currency", "payment_days", "payment_method", "payment_terms", "retention_share", "retention_days",
    "retention_from", "warranty_months", "breach_liability", "liability_cap", "security", "governing_law", "forum",
    "starts_on", "ends_on", "renewal", "renewal_notice_days", "special",
)  # fmt: skip


class EndsBeforeStart(DomainError):
    """A contract that would be over before it begins."""

    code = "contracts.ends_before_start"
    template = N_("The contract would end on %(ends)s, before it begins on %(starts)s; give a later end.")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that policy asks for: its title and standard text by language (en, zh), the area that judges it,
    and the words of which a text that has the clause holds one."""

    code: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    sides: tuple[str, ...]
    area: str
    words: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class ContractPolicy:
    """`areas_of` says which areas look at a change of each term; days are business days.

    `objections_up_to` is the value (base currency) up to which each level but the highest decides on objections.
    """

    clauses: tuple[Clause, ...]
    areas_of: Mapping[str, tuple[str, ...]]
    objections_up_to: Mapping[str, Decimal]
    review_days: int
    answer_days: int
    sign_days: int
    chase_days: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """Raises InvalidPolicy."""
        return cls(
            clauses=clauses_of("contract.clauses", list_of(values, "contract.clauses", _clause)),
            areas_of=table_of(values, "contract.areas", _areas),
            objections_up_to=_levels(values, "contract.objection_level"),
            review_days=whole_of(values, "contract.review_days"),
            answer_days=whole_of(values, "contract.answer_days"),
            sign_days=whole_of(values, "contract.sign_days"),
            chase_days=whole_of(values, "contract.chase_days"),
        )

    def clauses_for(self, side: str) -> tuple[Clause, ...]:
        """The clauses that a contract of this side is checked for."""
        return tuple(clause for clause in self.clauses if side in clause.sides)

    def clause(self, code: str) -> Clause | None:
        """A clause by its code; None when policy knows it no longer."""
        return next((clause for clause in self.clauses if clause.code == code), None)

    def objection_levels(self, value: Decimal | None) -> tuple[str, ...]:
        """The levels that may decide on objections to a contract of this value (base currency), lowest first.

        A contract without a value goes to the highest.
        """
        if value is None:
            return OBJECTION_LEVELS[-1:]
        lowest = next(
            (
                place
                for place, level in enumerate(OBJECTION_LEVELS[:-1])
                if value <= self.objections_up_to[level]
            ),
            len(OBJECTION_LEVELS) - 1,
        )
        return OBJECTION_LEVELS[lowest:]

    def areas_for(self, changed: Sequence[str]) -> tuple[str, ...]:
        """The areas that look at these changed terms, in the order of AREAS; a term that policy forgot goes to all."""
        wanted = {area for term in changed for area in self.areas_of.get(term, tuple(AREAS))}
        return tuple(area for area in AREAS if area in wanted)


# Days that can be agreed on: with what is reckoned from them none leaves the calendar.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


def check_dates(starts_on: date | None, ends_on: date | None) -> None:
    """Raises EndsBeforeStart."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise EndsBeforeStart(starts=starts_on, ends=ends_on)


def changed_terms(before: Any, after: Any) -> list[str]:
    """The names of TERMS in which two versions differ; money compares by value."""
    return [name for name in TERMS if _plain(getattr(before, name)) != _plain(getattr(after, name))]


def found_clause(clause: Clause, text: str) -> str:
    """The line of `text` that holds one of the clause's words; empty when there is none."""
    for line in text.splitlines():
        low = line.casefold()
        if any(word.casefold() in low for word in clause.words):
            return line.strip()[:500]
    return ""


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.normalize()
    return value.strip() if isinstance(value, str) else value


def clauses_of(key: str, rows: Sequence[Clause]) -> tuple[Clause, ...]:
    """The clauses as policy keeps them. Raises InvalidPolicy for two of one code, or for more than a page takes."""
    codes = [clause.code for clause in rows]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise InvalidPolicy(
            key=key, problem=N_("not clear: two clauses have the short name “%(code)s”"), code=twice
        )
    if not 0 < len(rows) <= MOST_CLAUSES:
        raise InvalidPolicy(key=key, problem=N_("not a list of 1 to %(most)s clauses"), most=MOST_CLAUSES)
    return tuple(rows)


def _clause(key: str, row: Any) -> Clause:
    try:
        clause = Clause(
            code=str(row["code"]), title={"en": str(row["title"]), "zh": str(row["title_zh"])},
            text={"en": str(row["text"]), "zh": str(row["text_zh"])}, sides=tuple(row["sides"]), area=str(row["area"]),
            words=tuple(str(word) for word in row["words"]), required=bool(row["required"]),
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise InvalidPolicy(key=key, problem=_NO_CLAUSE) from error
    known = clause.area in AREAS and set(clause.sides) <= set(SIDES) and clause.sides and clause.words
    fits = len(clause.code) <= LONGEST_CODE and all(
        len(text) <= most
        for texts, most in ((clause.title, LONGEST_TITLE), (clause.text, LONGEST_POLICY))
        for text in texts.values()
    )
    if (
        not known
        or not clause.code
        or not clause.title["en"]
        or not all(word.strip() for word in clause.words)
    ):
        raise InvalidPolicy(key=key, problem=_NO_CLAUSE)
    if not fits:
        raise InvalidPolicy(
            key=key, problem=N_("too long at the clause “%(code)s”"), code=clause.code[:LONGEST_CODE]
        )
    return clause


def _levels(values: Values, key: str) -> dict[str, Decimal]:
    bounds = table_of(values, key, to_decimal)
    named = [bounds.get(level) for level in OBJECTION_LEVELS[:-1]]
    known = [bound for bound in named if bound is not None]
    if set(bounds) != set(OBJECTION_LEVELS[:-1]) or known != sorted(known) or known[0] < 0:
        raise InvalidPolicy(key=key, problem=N_("not rising amounts for credit manager and finance director"))
    return bounds


_NO_CLAUSE = "not made of rows with code, title and text (both with _zh), sides, area, words and required"


def _areas(key: str, value: Any) -> tuple[str, ...]:
    areas = tuple(str(area) for area in value) if isinstance(value, list) else ()
    if not areas or not set(areas) <= set(AREAS):
        raise InvalidPolicy(key=key, problem="no table of terms with the areas that look at each")
    return areas
