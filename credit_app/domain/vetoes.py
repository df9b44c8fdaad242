"""What caps a grade whatever the score: negative equity, dishonesty list, insolvency, open litigation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import GradePolicy
from credit_app.domain.money import format_amount
from credit_app.domain.policy_values import Values, table_of, to_decimal
from credit_app.domain.sentences import N_, Sentence

NEGATIVE_EQUITY, DISHONESTY_LIST = "negative_equity", "dishonesty_list"
INSOLVENCY, OPEN_LITIGATION = "insolvency", "open_litigation"
KINDS = (NEGATIVE_EQUITY, DISHONESTY_LIST, INSOLVENCY, OPEN_LITIGATION)
KEY = "rating.vetoes"


@dataclass(frozen=True, slots=True)
class Cap:
    """The best grade that is left; litigation fires above an amount in base currency."""

    grade: str
    above: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class VetoPolicy:
    """Each veto with its cap; the ones of the payment record, default and the blacklist stand in RatingPolicy."""

    caps: Mapping[str, Cap]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy for a veto that is missing or a grade that does not exist."""
        caps = table_of(values, KEY, _cap)
        missing = [kind for kind in KINDS if kind not in caps]
        if missing:
            raise InvalidPolicy(key=KEY, problem="without %(names)s", names=tuple(missing))
        grades = GradePolicy.from_policy(values).grades
        unknown = [cap.grade for cap in caps.values() if cap.grade not in grades]
        if unknown:
            raise InvalidPolicy(
                key=KEY, problem="naming grades that do not exist: %(names)s", names=tuple(unknown)
            )
        return cls(caps)


@dataclass(frozen=True, slots=True)
class VetoFacts:
    """What is on record: equity of the newest statement, entries and cases that are open, amounts in base currency."""

    equity: Decimal | None = None
    equity_year: int | None = None
    dishonesty_entries: Sequence[str] = ()  # their rows
    insolvencies: Sequence[str] = ()
    litigation: Decimal = Decimal(0)
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Veto:
    """A cap that fires, and why."""

    grade: str
    sentence: Sentence


def vetoes(facts: VetoFacts, policy: VetoPolicy) -> tuple[Veto, ...]:
    """Every veto that fires."""
    found = []
    if facts.equity is not None and facts.equity < 0:
        values = {"year": str(facts.equity_year), "equity": format_amount(facts.equity)}
        found.append(_veto(NEGATIVE_EQUITY, _EQUITY, policy, **values))
    if facts.dishonesty_entries:
        found.append(_veto(DISHONESTY_LIST, _LISTED, policy, entries=len(facts.dishonesty_entries)))
    if facts.insolvencies:
        found.append(_veto(INSOLVENCY, _INSOLVENT, policy))
    limit = policy.caps[OPEN_LITIGATION].above
    if facts.litigation > limit:
        values = {"amount": format_amount(facts.litigation), "limit": format_amount(limit)}
        found.append(_veto(OPEN_LITIGATION, _LITIGATION, policy, **values))
    return tuple(found)


def _veto(kind: str, template: str, policy: VetoPolicy, **values: object) -> Veto:
    grade = policy.caps[kind].grade
    return Veto(grade, Sentence(f"rating.veto.{kind}", template, {**values, "grade": grade}))


def _cap(key: str, value: Any) -> Cap:
    if not isinstance(value, Mapping) or not isinstance(value.get("grade"), str):
        raise InvalidPolicy(key=key, problem="no cap with a grade: “%(value)s”", value=value)
    return Cap(value["grade"], to_decimal(key, value.get("above", "0")))


_EQUITY = N_("Equity was negative in %(year)s (%(equity)s): the grade is %(grade)s at best.")
_LISTED = N_("%(entries)s entries on a list of dishonest debtors: the grade is %(grade)s at best.")
_INSOLVENT = N_("Insolvency proceedings are open: the grade is %(grade)s at best.")
_LITIGATION = N_(
    "Open court cases come to %(amount)s in base currency, above %(limit)s: the grade is %(grade)s at best."
)
