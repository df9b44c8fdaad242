"""The order check: may this order be delivered on credit; pass, warn or hold, with every rule that fired."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from credit_app.domain.collection import PAUSED, STAGES
from credit_app.domain.exposure import available, utilisation
from credit_app.domain.grades import GradePolicy
from credit_app.domain.order_facts import Finding, OrderFacts, OtherOrder, Release, Standing, found, percent
from credit_app.domain.order_policy import HOLD, OFF, WARN, OrderPolicy
from credit_app.domain.order_warnings import WARNINGS
from credit_app.domain.sentences import N_
from credit_app.domain.warning_line import Now, crossings

PASS = "pass"  # noqa: S105 (an outcome)
OUTCOMES = (PASS, WARN, HOLD)
ZERO = Decimal(0)


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
    fired = [
        Finding(one.rule, policy.does[one.rule], one.sentence, one.figures, one.remedy)
        for rule in _RULES
        for one in rule(facts, policy, grades)
        if policy.does[one.rule] != OFF and (not prepaid or one.rule in policy.prepaid_rules)
    ]
    release = _release_for(fired, facts, policy)
    if release is not None:
        fired = [
            Finding(one.rule, one.severity, one.sentence, one.figures, one.remedy, one.severity == HOLD)
            for one in fired
        ]
    held = any(one.severity == HOLD and not one.released for one in fired)
    outcome = HOLD if held else WARN if fired else PASS
    return CheckResult(outcome, tuple(fired), figures_of(facts, policy), release)


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
        yield found("closed", _CLOSED)
    if facts.blacklisted or facts.status == "blacklisted":
        yield found("blacklisted", _BLACKLISTED)
    if facts.status == "in_default":
        yield found("in_default", _IN_DEFAULT)


def _stopped(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    hold = facts.hold
    if hold is None:
        if facts.status == "on_hold":
            yield found("customer_hold", _ON_HOLD)
        return
    if hold.from_amount is None:
        yield found("customer_hold", _STOPPED, {"hold": hold.number}, _LIFT_HOLD)
        return
    # Several orders below the line that come within a few days are one above it.
    together = facts.amount + sum((one.amount for one in _recent(facts, policy)), ZERO)
    if together >= hold.from_amount:
        figures = {"hold": hold.number, "amount": together, "from_amount": hold.from_amount}
        yield found("customer_hold", _STOPPED_ABOVE, figures, _LIFT_HOLD, facts.currency)


def _limits(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.own is None:
        if facts.limit_ended_on is not None:
            yield found("limit_expired", _EXPIRED, {"ended_on": facts.limit_ended_on}, _NEW_LIMIT)
        else:
            yield found("no_limit", _NO_LIMIT, {}, _NEW_LIMIT)
    ends_on, until = facts.limit_ends_on, facts.deliver_on or facts.day
    if facts.own is not None and ends_on is not None:
        if ends_on < until:
            yield found("limit_ends", _ENDS_FIRST, {"ends_on": ends_on, "deliver_on": until}, _RENEWED)
        elif ends_on < facts.day + timedelta(days=policy.limit_ends_days):
            days = {"ends_on": ends_on, "days": (ends_on - facts.day).days}
            yield found("limit_ends", _ENDS_SOON, days, _RENEWED)
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
        yield found("within_tolerance", text, figures, None, facts.currency)
    else:
        yield found(rule, _OVER_OF_GROUP if of_group else _OVER, figures, _LESS_OWED, facts.currency)


def _overdue(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.overdue <= policy.smallest_overdue:
        return
    figures: dict[str, object] = {"overdue": facts.overdue}
    if facts.oldest_overdue_days > policy.overdue_days:
        days = {"days": facts.oldest_overdue_days, "most_days": policy.overdue_days}
        yield found("oldest_overdue", _OLDEST, figures | days, _PAY_OVERDUE, facts.currency)
    if facts.overdue > policy.overdue_amount:
        most = {"most": policy.overdue_amount, "receipt": facts.overdue - policy.overdue_amount}
        yield found("overdue_amount", _OVERDUE, figures | most, _PAY_SOME, facts.currency)
    if facts.owed > 0 and facts.overdue / facts.owed > policy.overdue_ratio:
        share = {
            "owed": facts.owed,
            "percent": percent(facts.overdue / facts.owed),
            "most_percent": percent(policy.overdue_ratio),
        }
        yield found("overdue_ratio", _RATIO, figures | share, _PAY_OVERDUE, facts.currency)


def _collected(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.stage is None or facts.stage == PAUSED:
        return
    if STAGES.index(facts.stage) >= STAGES.index(policy.stage):
        yield found(
            "collection_stage",
            _STAGE,
            {"stage": facts.stage, "overdue": facts.overdue},
            _PAY_OVERDUE,
            facts.currency,
        )


def _terms(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.granted_days is not None and facts.payment_days > facts.granted_days:
        days = {"days": facts.payment_days, "granted_days": facts.granted_days}
        yield found("term_too_long", _TERM, days, _SHORTER)
    granted = facts.granted_method
    if granted is None or facts.method == granted:
        return
    if not policy.as_safe(facts.method, granted):
        methods = {"payment_method": facts.method, "granted_method": granted}
        yield found("payment_method", _METHOD, methods, _OTHER_METHOD)
    elif facts.grade_methods is not None and facts.method not in facts.grade_methods:
        of_grade = {"payment_method": facts.method, "grade": facts.grade}
        yield found("payment_method", _METHOD_OF_GRADE, of_grade, _METHOD_GRANTED)


def _filed(facts: OrderFacts, _policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    for rule, template, gaps in (
        ("file_incomplete", _MISSING, facts.missing),
        ("file_stale", _STALE, facts.stale),
    ):
        if gaps:
            yield found(rule, template, {"number": len(gaps), "parts": gaps[:5]}, _RENEW_FILE)


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
            yield found(
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
            yield found("split", _SPLIT, figures, _RELEASE, facts.currency)
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
    *WARNINGS,
    _evading,
)


def _recent(facts: OrderFacts, policy: OrderPolicy) -> list[OtherOrder]:
    first = facts.day - timedelta(days=policy.split_days)
    return [one for one in facts.others if one.entered_on >= first]


def _release_for(fired: list[Finding], facts: OrderFacts, policy: OrderPolicy) -> Release | None:
    """The first release that covers every rule that holds; None where nothing holds or none of them does."""
    holding = {one.rule for one in fired if one.severity == HOLD}
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
_ENDS_FIRST = N_("The customer's credit limit ends on %(ends_on)s, before the delivery on %(deliver_on)s.")
_ENDS_SOON = N_("The customer's credit limit ends on %(ends_on)s, in %(days)s days.")
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
_RENEWED = N_("A limit that holds longer: its review, or an application.")
_LESS_OWED = N_("A receipt of %(over)s, a limit of %(limit_needed)s, or security that covers %(over)s.")
_PAY_OVERDUE = N_("Receipt of the %(overdue)s that is overdue.")
_PAY_SOME = N_("A receipt of %(receipt)s on what is overdue.")
_SHORTER = N_("Payment in %(granted_days)s days, or a grant of %(days)s days.")
_OTHER_METHOD = N_("Payment by “%(granted_method)s” or a safer method.")
_METHOD_GRANTED = N_("A payment method that the grade allows.")
_RENEW_FILE = N_("Complete the customer's file.")
_RELEASE = N_("The release of order %(order)s, or of this one by authority.")
