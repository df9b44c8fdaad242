"""Is a set of financial statements plausible: it balances, its totals are their parts, its years follow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.money import format_amount
from credit_app.domain.policy_values import Values, decimal_of, whole_of
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.statement_lines import LINE, LINES, SUMS, Statement

WRONG, UNUSUAL = "wrong", "unusual"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class StatementPolicy:
    """How far figures may be off before it is said, and how many years are wanted."""

    tolerance: Decimal  # share of total assets
    years: int
    jump: Decimal  # sales this many times those of the year before, or less than one such part, are unusual
    stale_after_months: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure."""
        found = cls(
            tolerance=decimal_of(values, "statements.tolerance"),
            years=whole_of(values, "statements.years"),
            jump=decimal_of(values, "statements.jump"),
            stale_after_months=whole_of(values, "statements.stale_after_months"),
        )
        if not 0 <= found.tolerance < 1:
            raise InvalidPolicy(key="statements.tolerance", problem="no share from 0 to below 1")
        if found.jump <= 1:
            raise InvalidPolicy(key="statements.jump", problem="not above 1")
        return found


@dataclass(frozen=True, slots=True)
class Remark:
    """What is not right with a year (`line` None: with the year as a whole); wrong, or only unusual."""

    year: int
    line: str | None
    severity: str
    sentence: Sentence


def remarks(statements: Sequence[Statement], policy: StatementPolicy) -> tuple[Remark, ...]:
    """Everything that is implausible, year by year, the earliest first; then the years that are missing."""
    ordered = sorted(statements, key=lambda one: one.year)
    found: list[Remark] = []
    for number, statement in enumerate(ordered):
        found += _year(statement, policy)
        if number and ordered[number - 1].year == statement.year - 1:
            found += _since(ordered[number - 1], statement, policy)
    return (*found, *missing_years(ordered, policy))


def missing_years(statements: Sequence[Statement], policy: StatementPolicy) -> tuple[Remark, ...]:
    """The years of the wanted span, back from the newest one, that nobody has handed in."""
    known = {statement.year for statement in statements}
    if not known:
        return ()
    wanted = range(min(*known, max(known) - policy.years + 1), max(known) + 1)
    text = N_("%(year)s: there is no statement of this year.")
    return tuple(
        Remark(year, None, UNUSUAL, Sentence("statements.missing_year", text, {"year": str(year)}))
        for year in wanted
        if year not in known
    )


def is_wrong(found: Sequence[Remark]) -> bool:
    """Is there anything that cannot be right?"""
    return any(remark.severity == WRONG for remark in found)


def _year(statement: Statement, policy: StatementPolicy) -> Iterator[Remark]:
    figures = statement.figures
    for line in LINES:
        amount = figures.get(line.key)
        if amount is None and line.needed:
            yield _remark(statement, line.key, WRONG, "missing", _MISSING)
        elif amount is not None and amount < 0 and not line.signed:
            yield _remark(statement, line.key, WRONG, "negative", _NEGATIVE, amount=format_amount(amount))
    if figures.get("total_assets") == 0:
        yield _remark(statement, "total_assets", WRONG, "no_assets", _NO_ASSETS)
    if figures.get("sales") == 0:
        yield _remark(statement, "sales", UNUSUAL, "no_sales", _NO_SALES)
    if figures.get("equity", ZERO) < 0:
        shown = format_amount(figures["equity"])
        yield _remark(statement, "equity", UNUSUAL, "negative_equity", _EQUITY, amount=shown)
    yield from _balance(statement, policy)
    yield from _totals(statement, policy)


def _balance(statement: Statement, policy: StatementPolicy) -> Iterator[Remark]:
    assets, funds = (
        statement.total(("total_assets", 1)),
        statement.total(("total_liabilities", 1), ("equity", 1)),
    )
    if assets is not None and funds is not None and _differs(assets, funds, statement, policy):
        values = {
            "assets": format_amount(assets),
            "funds": format_amount(funds),
            "difference": format_amount(assets - funds),
        }
        yield _remark(statement, "total_assets", WRONG, "unbalanced", _UNBALANCED, **values)


def _totals(statement: Statement, policy: StatementPolicy) -> Iterator[Remark]:
    """A total is its parts; where parts are missing, those that are there must not exceed it."""
    for key, terms in SUMS.items():
        total = statement.figures.get(key)
        if total is None:
            continue
        parts = statement.total(*terms)
        if parts is not None:
            if _differs(total, parts, statement, policy):
                values = {"total": format_amount(total), "parts": format_amount(parts)}
                yield _remark(statement, key, WRONG, "not_its_parts", _NOT_ITS_PARTS, **values)
            continue
        known = [statement.figures[part] for part, _ in terms if part in statement.figures]
        signed = any(LINE[part].signed or sign < 0 for part, sign in terms)
        if not signed and sum(known, ZERO) > total + _slack(statement, policy):
            values = {"total": format_amount(total), "parts": format_amount(sum(known, ZERO))}
            yield _remark(statement, key, WRONG, "below_its_parts", _BELOW_ITS_PARTS, **values)


def _since(before: Statement, after: Statement, policy: StatementPolicy) -> Iterator[Remark]:
    """What does not follow from the year before."""
    kept, now = before.figures.get("retained_earnings"), after.figures.get("retained_earnings")
    earned = after.figures.get("net_profit")
    if kept is not None and now is not None and earned is not None:
        expected = kept + earned - after.figures.get("dividends", ZERO)
        yield from _moved(after, "retained_earnings", expected, "retained", _RETAINED, policy)
    cash, change = before.figures.get("cash"), after.figures.get("change_in_cash")
    if cash is not None and change is not None and "cash" in after.figures:
        yield from _moved(after, "cash", cash + change, "cash_moved", _CASH, policy)
    sold, sold_now = before.figures.get("sales", ZERO), after.figures.get("sales", ZERO)
    if sold > 0 and sold_now > 0 and not sold / policy.jump <= sold_now <= sold * policy.jump:
        values = {"amount": format_amount(sold_now), "before": format_amount(sold)}
        yield _remark(after, "sales", UNUSUAL, "sales_jump", _JUMP, **values)


def _moved(
    after: Statement, line: str, expected: Decimal, code: str, template: str, policy: StatementPolicy
) -> Iterator[Remark]:
    amount = after.figures[line]
    if _differs(amount, expected, after, policy):
        values = {"amount": format_amount(amount), "expected": format_amount(expected)}
        yield _remark(after, line, UNUSUAL, code, template, **values)


def _slack(statement: Statement, policy: StatementPolicy) -> Decimal:
    return abs(statement.figures.get("total_assets", ZERO)) * policy.tolerance


def _differs(one: Decimal, other: Decimal, statement: Statement, policy: StatementPolicy) -> bool:
    return abs(one - other) > _slack(statement, policy)


def _remark(
    statement: Statement, line: str, severity: str, code: str, template: str, **values: object
) -> Remark:
    filled = {"year": str(statement.year), "line": LINE[line].name, **values}
    return Remark(statement.year, line, severity, Sentence(f"statements.{code}", template, filled))


_MISSING = N_("%(year)s: “%(line)s” is missing.")
_NEGATIVE = N_(
    "%(year)s: “%(line)s” is %(amount)s, but cannot be below zero; costs are written without a sign."
)
_NO_ASSETS = N_("%(year)s: “%(line)s” is zero; a company has assets.")
_NO_SALES = N_("%(year)s: “%(line)s” is zero.")
_EQUITY = N_("%(year)s: “%(line)s” is negative, %(amount)s: the company owes more than it has.")
_UNBALANCED = N_(
    "%(year)s: the balance sheet does not balance: assets %(assets)s, liabilities and equity %(funds)s,"
    " difference %(difference)s."
)
_NOT_ITS_PARTS = N_("%(year)s: “%(line)s” is %(total)s, but its parts make %(parts)s.")
_BELOW_ITS_PARTS = N_("%(year)s: “%(line)s” is %(total)s, less than the parts that are given, %(parts)s.")
_RETAINED = N_(
    "%(year)s: “%(line)s” is %(amount)s; the year before, net profit and dividends make %(expected)s."
)
_CASH = N_("%(year)s: “%(line)s” is %(amount)s; the year before and the change in cash make %(expected)s.")
_JUMP = N_("%(year)s: “%(line)s” is %(amount)s after %(before)s the year before; ask what happened.")
