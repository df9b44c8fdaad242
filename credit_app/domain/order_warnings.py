"""Rules of the order check that say what is to be looked at before it holds orders: of overdue debts, of the limit's
review, of disputes, of promises, of securities, and of an order far above the usual."""

from collections.abc import Callable, Iterator

from credit_app.domain.grades import GradePolicy
from credit_app.domain.order_facts import Finding, OrderFacts, found, percent
from credit_app.domain.order_policy import OrderPolicy
from credit_app.domain.sentences import N_


def _overdue(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    """Overdue from the days or the share on that policy watches, and within what it accepts; above it other rules
    fire."""
    if facts.overdue <= policy.smallest_overdue or facts.overdue > policy.overdue_amount:
        return
    share = facts.overdue / facts.owed if facts.owed > 0 else facts.overdue * 0
    if facts.oldest_overdue_days > policy.overdue_days or share > policy.overdue_ratio:
        return
    if facts.oldest_overdue_days > policy.watch_days or share > policy.watch_ratio:
        figures = {
            "overdue": facts.overdue,
            "days": facts.oldest_overdue_days,
            "percent": percent(share),
            "most_days": policy.overdue_days,
            "most_percent": percent(policy.overdue_ratio),
        }
        yield found("overdue_watch", _OVERDUE, figures, _PAY, facts.currency)


def _reviewed(facts: OrderFacts, _policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    due = facts.review_on
    if due is not None and due < facts.day:
        yield found("review_overdue", _REVIEW, {"review_on": due, "days": (facts.day - due).days}, _REVIEWED)


def _disputed(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.owed > 0 and facts.disputed / facts.owed > policy.disputed_ratio:
        figures = {
            "disputed": facts.disputed,
            "owed": facts.owed,
            "percent": percent(facts.disputed / facts.owed),
            "most_percent": percent(policy.disputed_ratio),
        }
        yield found("disputed", _DISPUTED, figures, _SETTLED, facts.currency)


def _promised(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    if facts.broken_promises >= policy.broken_promises:
        figures = {"number": facts.broken_promises, "within_days": policy.broken_within_days}
        yield found("broken_promise", _BROKEN, figures, _PAY_PROMISED)


def _secured(facts: OrderFacts, _policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    """A security that is over before the order is to be paid does not stand behind it."""
    delivered = facts.deliver_on or facts.day
    ending = [one for one in facts.securities if (one.expires_on - delivered).days < facts.payment_days]
    if ending:
        first = min(one.expires_on for one in ending)
        worth = sum((one.worth for one in ending[1:]), ending[0].worth)
        figures = {"worth": worth, "expires_on": first, "days": facts.payment_days, "deliver_on": delivered}
        yield found("security_ends", _SECURITY, figures, _EXTENDED, facts.currency)


def _unusual(facts: OrderFacts, policy: OrderPolicy, _grades: GradePolicy) -> Iterator[Finding]:
    usual = facts.usual
    if usual is None or facts.usual_number < policy.usual_least or usual <= 0:
        return
    if facts.amount > usual * policy.usual_factor:
        figures = {
            "amount": facts.amount,
            "usual": usual,
            "number": facts.usual_number,
            "times": f"{(facts.amount / usual):.1f}",
            "most_times": f"{policy.usual_factor.normalize():f}",
        }
        yield found("unusual_order", _UNUSUAL, figures, None, facts.currency)


WARNINGS: tuple[Callable[[OrderFacts, OrderPolicy, GradePolicy], Iterator[Finding]], ...] = (
    _overdue,
    _reviewed,
    _disputed,
    _promised,
    _secured,
    _unusual,
)

_OVERDUE = N_(
    "%(overdue)s is overdue, %(percent)s %% of what is open, the oldest item for %(days)s days; orders are held above "
    "%(most_percent)s %% or %(most_days)s days."
)
_REVIEW = N_("The review of the customer's limit was due on %(review_on)s, %(days)s days ago.")
_DISPUTED = N_(
    "%(disputed)s of %(owed)s that is open is disputed, %(percent)s %%; up to %(most_percent)s %% is usual."
)
_BROKEN = N_("Promises to pay broken within %(within_days)s days: %(number)s.")
_SECURITY = N_(
    "Security worth %(worth)s ends from %(expires_on)s on, before an order delivered on %(deliver_on)s is to be paid, "
    "%(days)s days later."
)
_UNUSUAL = N_(
    "The order comes to %(amount)s, %(times)s times the average of %(usual)s of the last %(number)s orders; up to "
    "%(most_times)s times is usual."
)

_PAY = N_("Receipt of the %(overdue)s that is overdue.")
_REVIEWED = N_("The review of the limit.")
_SETTLED = N_("The settlement of the disputes.")
_PAY_PROMISED = N_("Receipt of what was promised.")
_EXTENDED = N_("A security that holds until the order is paid.")
