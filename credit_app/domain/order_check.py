"""The order check: may this order be delivered on credit; pass, warn or hold, with every rule that fired."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from credit_app.domain.collection import PAUSED, STAGES
from credit_app.domain.exposure import available, utilisation
from credit_app.domain.grades import GradePolicy
from credit_app.domain.money import format_amount
from credit_app.domain.order_policy import HOLD, OFF, WARN, OrderPolicy
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.warning_line import Now, WarningLine, crossings

PASS = "pass"  # noqa: S105 (an outcome)
OUTCOMES = (PASS, WARN, HOLD)
ZERO = Decimal(0)
NOT_WATCHED = WarningLine()


@dataclass(frozen=True, slots=True)
class Standing:
    """A limit that holds and what is owed against it before the order, both in base currency; `whose` names it."""

    whose: str
    limit: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class HoldInForce:
    """A stop of deliveries: of all orders, or of those from `from_amount` (base currency) on."""

    number: str
    from_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """Another order of the customer: its amount in base currency, the day it came, whether it was held unreleased.

    `as_written` is amount and currency as they were ordered, by which a copy is known.
    """

    external_id: str
    amount: Decimal
    as_written: tuple[Decimal, str]
    entered_on: date
    held: bool


@dataclass(frozen=True, slots=True)
class Release:
    """A release in force for this order: the rules it was decided for, and up to which amount (base currency) of what
    is not delivered it covers the order; None: whatever it comes to. `days` and `method` are the terms it was decided
    for, None where they did not matter."""

    release_id: int
    number: str
    rules: frozenset[str]
    covers: Decimal | None = None
    days: int | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything that the rules look at, as of `day`; amounts in base currency (`currency`), days as counts.

    `amount` is what is not delivered yet, `as_written` the order as it was written. `net` is the customer's exposure
    before the order, with all other confirmed orders, `group` that of its whole group. `limit_ended_on`: the last day
    of its newest limit where none holds. `granted_days` and `granted_method` come from the limit that holds;
    `grade_methods` are what the grade of today allows, None where nothing says so. `missing` and `stale` name parts of
    the customer's file. `others` are the customer's other orders of late in the order in which they came: of those that
    were held, the earlier ones.
    """

    day: date
    currency: str
    amount: Decimal
    as_written: tuple[Decimal, str]
    payment_days: int
    method: str
    status: str = "active"
    blacklisted: bool = False
    hold: HoldInForce | None = None
    net: Decimal = ZERO
    group: Decimal = ZERO
    own: Standing | None = None
    groups: tuple[Standing, ...] = ()
    limit_ended_on: date | None = None
    granted_days: int | None = None
    granted_method: str | None = None
    grade_methods: tuple[str, ...] | None = None
    owed: Decimal = ZERO
    overdue: Decimal = ZERO
    oldest_overdue_days: int = 0
    stage: str | None = None
    missing: tuple[Sentence, ...] = ()
    stale: tuple[Sentence, ...] = ()
    line: WarningLine = NOT_WATCHED
    score: Decimal | None = None
    grade: str | None = None
    others: tuple[OtherOrder, ...] = ()
    releases: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired: warn or hold, why, its figures, and what would release the order; `released`: it does not
    hold, for a release covers it."""

    rule: str
    severity: str
    sentence: Sentence
    figures: Mapping[str, object] = field(default_factory=dict, hash=False)
    remedy: Sentence | None = None
    released: bool = False


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome, every rule that fired in the order of the rules, and the figures in base currency.

    `release` is the one under which an order is delivered that would be held without it.
    """

    outcome: str
    findings: tuple[Finding, ...]
    figures: Mapping[str, object] = field(hash=False)
    release: Release | None = None

    @property
    def holding(self) -> tuple[str, ...]:
        """The rules that hold the order, released or not."""
        return tuple(one.rule for one in self.findings if one.severity == HOLD)


def check(facts: OrderFacts, policy: OrderPolicy, grades: GradePolicy) -> CheckResult:
    """What the rules say of the order.

    What is delivered already is no longer asked about: an order with nothing left to deliver passes. A prepaid one is
    measured by the few rules that policy names for it. A release covers the rules it was decided for and no others.
    """
    if facts.amount <= 0:
        return CheckResult(PASS, (), figures_of(facts, policy))
    prepaid = policy.is_prepaid(facts.method)
    found = [
        Finding(one.rule, policy.does[one.rule], one.sentence, one.figures, one.remedy)
        for rule in _RULES
        for one in rule(facts, policy, grades)
        if policy.does[one.rule] != OFF and (not prepaid or one.rule in policy.prepaid_rules)
    ]
    release = _release_for(found, facts, policy)
    if release is not None:
        found = [
            Finding(one.rule, one.severity, one.sentence, one.figures, one.remedy, one.severity == HOLD)
            for one in found
        ]
    held = any(one.severity == HOLD and not one.released for one in found)
    outcome = HOLD if held else WARN if found else PASS
    return CheckResult(outcome, tuple(found), figures_of(facts, policy), release)


def figures_of(facts: OrderFacts, policy: OrderPolicy) -> dict[str, object]:
    """Exposure before and with the order against the limit that binds first, in base currency."""
    bound = binding(facts)
    adds = ZERO if policy.is_prepaid(facts.method) else max(ZERO, facts.amount)
    before = bound.net if bound is not None else facts.net
    return {
        "currency": facts.currency,
        "order": max(ZERO, facts.amount),
        "exposure_before": before,
        "exposure_after": before + adds,
        "limit": bound.limit if bound is not None else None,
        "limit_of": bound.whose if bound is not None else None,
        "available_before": available(before, bound.limit if bound is not None else ZERO),
        "utilisation_after": utilisation(before + adds, bound.limit) if bound is not None else None,
        "overdue": facts.overdue,
        "oldest_overdue_days": facts.oldest_overdue_days,
    }


def binding(facts: OrderFacts) -> Standing | None:
    """The limit that leaves least, the group's before the company's own; without a limit of its own there is none."""
    if facts.own is None:
        return None
    return min((*facts.groups, facts.own), key=lambda one: available(one.net, one.limit))


# --- the rules ----------------------------------------------------------------------------------------------------
# Each gives what fired, whatever policy makes of it; the severity is put in by `check`.


def _barred(facts: OrderFacts, _policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.status == "closed":
        yield _found("closed", _CLOSED)
    if facts.blacklisted or facts.status == "blacklisted":
        yield _found("blacklisted", _BLACKLISTED)
    if facts.status == "in_default":
        yield _found("in_default", _IN_DEFAULT)


def _stopped(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    hold = facts.hold
    if hold is None:
        if facts.status == "on_hold":
            yield _found("customer_hold", _ON_HOLD)
        return
    if hold.from_amount is None:
        yield _found("customer_hold", _STOPPED, {"hold": hold.number}, _LIFT_HOLD)
        return
    # Several orders below the line that come within a few days are one above it.
    together = facts.amount + sum((one.amount for one in _recent(facts, policy)), ZERO)
    if together >= hold.from_amount:
        figures = {"hold": hold.number, "amount": together, "from_amount": hold.from_amount}
        yield _found("customer_hold", _STOPPED_ABOVE, figures, _LIFT_HOLD, facts.currency)


def _limits(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.own is None:
        if facts.limit_ended_on is not None:
            yield _found("limit_expired", _EXPIRED, {"ended_on": facts.limit_ended_on}, _NEW_LIMIT)
        else:
            yield _found("no_limit", _NO_LIMIT, {}, _NEW_LIMIT)
    for standing, rule in (*((one, "over_group_limit") for one in facts.groups), (facts.own, "over_limit")):
        if standing is not None:
            yield from _measured(standing, rule, facts, policy)


def _measured(standing: Standing, rule: str, facts: OrderFacts, policy: OrderPolicy) -> Iterator[Finding]:
    after = standing.net + facts.amount
    over = after - standing.limit
    if over <= 0:
        return
    tolerated = over <= standing.limit * policy.tolerance
    figures = {
        "whose": standing.whose,
        "limit": standing.limit,
        "before": standing.net,
        "after": after,
        "over": over,
        "limit_needed": after,
    }
    of_group = rule == "over_group_limit"
    if tolerated:
        text = _TOLERATED_OF_GROUP if of_group else _TOLERATED
        yield _found("within_tolerance", text, figures, None, facts.currency)
    else:
        yield _found(rule, _OVER_OF_GROUP if of_group else _OVER, figures, _LESS_OWED, facts.currency)


def _overdue(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.overdue <= policy.smallest_overdue:
        return
    figures: dict[str, object] = {"overdue": facts.overdue}
    if facts.oldest_overdue_days > policy.overdue_days:
        days = {"days": facts.oldest_overdue_days, "most_days": policy.overdue_days}
        yield _found("oldest_overdue", _OLDEST, figures | days, _PAY_OVERDUE, facts.currency)
    if facts.overdue > policy.overdue_amount:
        most = {"most": policy.overdue_amount, "receipt": facts.overdue - policy.overdue_amount}
        yield _found("overdue_amount", _OVERDUE, figures | most, _PAY_SOME, facts.currency)
    if facts.owed > 0 and facts.overdue / facts.owed > policy.overdue_ratio:
        share = {
            "owed": facts.owed,
            "percent": _percent(facts.overdue / facts.owed),
            "most_percent": _percent(policy.overdue_ratio),
        }
        yield _found("overdue_ratio", _RATIO, figures | share, _PAY_OVERDUE, facts.currency)


def _collected(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.stage is None or facts.stage == PAUSED:
        return
    if STAGES.index(facts.stage) >= STAGES.index(policy.stage):
        yield _found(
            "collection_stage",
            _STAGE,
            {"stage": facts.stage, "overdue": facts.overdue},
            _PAY_OVERDUE,
            facts.currency,
        )


def _terms(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.granted_days is not None and facts.payment_days > facts.granted_days:
        days = {"days": facts.payment_days, "granted_days": facts.granted_days}
        yield _found("term_too_long", _TERM, days, _SHORTER)
    granted = facts.granted_method
    if granted is None or facts.method == granted:
        return
    if not policy.as_safe(facts.method, granted):
        methods = {"payment_method": facts.method, "granted_method": granted}
        yield _found("payment_method", _METHOD, methods, _OTHER_METHOD)
    elif facts.grade_methods is not None and facts.method not in facts.grade_methods:
        of_grade = {"payment_method": facts.method, "grade": facts.grade}
        yield _found("payment_method", _METHOD_OF_GRADE, of_grade, _METHOD_GRANTED)


def _filed(facts: OrderFacts, _policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    for rule, template, gaps in (
        ("file_incomplete", _MISSING, facts.missing),
        ("file_stale", _STALE, facts.stale),
    ):
        if gaps:
            yield _found(rule, template, {"number": len(gaps), "parts": gaps[:5]}, _RENEW_FILE)


def _warned(facts: OrderFacts, _policy: OrderPolicy, grades: GradePolicy) -> Iterator[Finding]:
    if not facts.line.is_set:
        return
    used = utilisation(facts.own.net + facts.amount, facts.own.limit) if facts.own is not None else None
    for crossed in crossings(facts.line, Now(facts.score, facts.grade, used), grades):
        yield Finding("warning_line", WARN, crossed)


def _evading(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    recent = _recent(facts, policy)
    for held in (one for one in recent if one.held):
        if held.as_written == facts.as_written:
            yield _found(
                "copied",
                _COPIED,
                {"order": held.external_id, "amount": held.amount},
                _RELEASE,
                facts.currency,
            )
            return
    for place, held in enumerate(recent):
        since = [one for one in recent[place:] if held.held and not one.held]
        together = facts.amount + sum((one.amount for one in since), ZERO)
        if since and together >= held.amount > facts.amount:
            figures = {
                "order": held.external_id,
                "refused": held.amount,
                "number": len(since) + 1,
                "together": together,
                "split_days": policy.split_days,
            }
            yield _found("split", _SPLIT, figures, _RELEASE, facts.currency)
            return


_RULES: tuple[Callable[[OrderFacts, OrderPolicy, GradePolicy], Iterator[Finding]], ...] = (
    _barred,
    _stopped,
    _limits,
    _overdue,
    _collected,
    _terms,
    _filed,
    _warned,
    _evading,
)


def _recent(facts: OrderFacts, policy: OrderPolicy) -> list[OtherOrder]:
    first = facts.day - timedelta(days=policy.split_days)
    return [one for one in facts.others if one.entered_on >= first]


def _release_for(found: list[Finding], facts: OrderFacts, policy: OrderPolicy) -> Release | None:
    """The first release that covers every rule that holds; None where nothing holds or none of them does."""
    holding = {one.rule for one in found if one.severity == HOLD}
    if not holding or holding & policy.never_released:
        return None
    return next((one for one in facts.releases if _covers(one, holding, facts, policy)), None)


def _covers(release: Release, holding: set[str], facts: OrderFacts, policy: OrderPolicy) -> bool:
    if not holding <= release.rules or (release.covers is not None and facts.amount > release.covers):
        return False
    longer = release.days is not None and facts.payment_days > release.days
    if "term_too_long" in holding and longer:
        return False
    riskier = release.method is not None and not policy.as_safe(facts.method, release.method)
    return not ("payment_method" in holding and riskier)


def _found(
    rule: str,
    template: str,
    figures: Mapping[str, object] | None = None,
    remedy: str | None = None,
    currency: str = "",
) -> Finding:
    """A rule that fired; amounts among its figures stand in the sentences in `currency`."""
    plain = dict(figures or {})
    said = {
        name: format_amount(value, currency) if isinstance(value, Decimal) else _day(value)
        for name, value in plain.items()
    }
    why = Sentence(f"order_check.{rule}", template, said)
    how = Sentence(f"order_check.{rule}.remedy", remedy, said) if remedy is not None else None
    return Finding(rule, WARN, why, plain, how)


def _day(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _percent(share: Decimal) -> str:
    return f"{(share * 100).quantize(Decimal(1)):f}"


_CLOSED = N_("The customer's file is closed; nothing is sold to it.")
_BLACKLISTED = N_("The customer is on the blacklist; no credit is agreed with it.")
_IN_DEFAULT = N_("The customer is in default.")
_ON_HOLD = N_("The customer is on hold.")
_STOPPED = N_("Deliveries to the customer are stopped by %(hold)s.")
_STOPPED_ABOVE = N_(
    "Orders from %(from_amount)s on are stopped by %(hold)s; with the orders of the last days it comes to %(amount)s."
)
_NO_LIMIT = N_("The customer has no credit limit.")
_EXPIRED = N_("The customer's credit limit ended on %(ended_on)s.")
_OVER = N_("With the order %(whose)s owes %(after)s, %(over)s more than its limit of %(limit)s.")
_OVER_OF_GROUP = N_(
    "With the order the group of %(whose)s owes %(after)s, %(over)s more than its limit of %(limit)s."
)
_TOLERATED_OF_GROUP = N_(
    "With the order the group of %(whose)s owes %(after)s, %(over)s more than its limit of %(limit)s; "
    "policy tolerates that."
)
_TOLERATED = N_(
    "With the order %(whose)s owes %(after)s, %(over)s more than its limit of %(limit)s; policy tolerates that."
)
_OLDEST = N_("The oldest item is %(days)s days overdue; %(most_days)s are accepted.")
_OVERDUE = N_("%(overdue)s is overdue; up to %(most)s is accepted.")
_RATIO = N_("%(percent)s %% of what is open is overdue; up to %(most_percent)s %% is accepted.")
_STAGE = N_("Collection from the customer has reached the stage “%(stage)s”.")
_TERM = N_("Payment in %(days)s days is asked for; %(granted_days)s days are granted.")
_METHOD = N_("Payment by “%(payment_method)s” is not granted; granted is “%(granted_method)s”.")
_METHOD_OF_GRADE = N_("Payment by “%(payment_method)s” is not open to grade %(grade)s.")
_MISSING = N_("The customer's file is incomplete: %(parts)s")
_STALE = N_("The customer's file is out of date: %(parts)s")
_COPIED = N_("The order has the amount of order %(order)s, which is on hold.")
_SPLIT = N_(
    "%(number)s orders within %(split_days)s days come to %(together)s; order %(order)s of %(refused)s is on hold."
)

_LIFT_HOLD = N_("The release of %(hold)s, or of this order by authority.")
_NEW_LIMIT = N_("A credit limit, or payment in advance.")
_LESS_OWED = N_("A receipt of %(over)s, a limit of %(limit_needed)s, or security that covers %(over)s.")
_PAY_OVERDUE = N_("Receipt of the %(overdue)s that is overdue.")
_PAY_SOME = N_("A receipt of %(receipt)s on what is overdue.")
_SHORTER = N_("Payment in %(granted_days)s days, or a grant of %(days)s days.")
_OTHER_METHOD = N_("Payment by “%(granted_method)s” or a safer method.")
_METHOD_GRANTED = N_("A payment method that the grade allows.")
_RENEW_FILE = N_("Complete the customer's file.")
_RELEASE = N_("The release of order %(order)s, or of this one by authority.")
