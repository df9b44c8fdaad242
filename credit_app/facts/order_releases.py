"""A release of an order on hold under way: what it is measured with, who takes part, and what is written down."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain import separation
from credit_app.domain.dates import zone_named
from credit_app.domain.money import format_amount
from credit_app.domain.order_check import CheckResult, check
from credit_app.domain.order_facts import OrderFacts
from credit_app.domain.order_policy import HOLD
from credit_app.domain.order_release import KINDS, ReleasePolicy
from credit_app.domain.plain import to_json
from credit_app.domain.policy_values import decimal_of, table_of, to_decimal
from credit_app.domain.security import INSURANCE
from credit_app.facts.documents import HandedIn
from credit_app.facts.order_reading import asked_of, facts_of, policies
from credit_app.facts.people import people_with, plain
from credit_app.i18n import _, said, written_day
from credit_app.models import convert, policy_values, the_company
from credit_app.models.order_queries import delivered_under
from credit_app.models.orders import WAITING_RELEASES, OrderRelease, SalesOrder
from credit_app.models.security import CustomerDocument, Security
from workflows import Action, Conflict, InvalidAnswer, NotFound, history, inbox

KIND = "order_release"
DUE = "order_release.due_after_days"
LEAST_WORDS = 5
ASSESS = [("release_decision", "assess_order")]
DECIDE = "decide_order_release"
ASKERS = ("sales_rep", "sales_manager")


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the check says of an order now, and what the group would owe (base currency) under the release."""

    facts: OrderFacts
    result: CheckResult
    total: Decimal

    @property
    def rules(self) -> list[str]:
        """The rules that hold the order and that no release covers."""
        return [one.rule for one in self.result.findings if one.severity == HOLD and not one.released]

    @property
    def seen(self) -> str:
        """The same as long as nothing has changed that a decision looks at."""
        figures = self.result.figures
        shown = (
            self.rules,
            self.facts.amount,
            figures["exposure_after"],
            figures["limit"],
            figures["overdue"],
            self.total,
            self.facts.payment_days,
            self.facts.method,
        )
        return hashlib.sha256(repr(to_json(list(shown))).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed: `choice` release, security or refuse; of a release its kind, last day and amount."""

    choice: str
    kind: str
    valid_until: date | None
    up_to: Decimal | None
    assessment: str
    security_asked: str
    security_counts: bool | None


@dataclass(frozen=True, slots=True)
class Given:
    """What sales hands in; `choice` is given or none."""

    choice: str
    kind: str
    amount: Decimal | None
    provider: str
    expires_on: date | None
    file: HandedIn | None
    note: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a level answered; `seen` is what the check said when its page was shown."""

    choice: str
    note: str
    seen: str


def release_of(action: Action) -> OrderRelease:
    """The release that a process is about. Raises NotFound."""
    found = action.session.get(OrderRelease, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such release, or it is not yours to see."))
    return found


def order_of(release: OrderRelease) -> SalesOrder:
    """The order for which it was asked."""
    if release.order is None:
        raise NotFound(_("There is no such order."))
    return release.order


def locked(action: Action, *statuses: str) -> OrderRelease:
    """The release, held until the commit. Raises Conflict when it is in none of these statuses any more."""
    found = release_of(action)
    action.session.refresh(found, with_for_update={"of": OrderRelease})
    if found.status not in statuses:
        raise Conflict(_("This release was dealt with already."))
    return found


def policy_of(session: Session, day: date) -> ReleasePolicy:
    """The policy of `day`. Raises InvalidPolicy."""
    return ReleasePolicy.from_policy(policy_values(session, day))


def weigh(
    session: Session, order: SalesOrder, day: date, up_to: Decimal | None = None, currency: str | None = None
) -> Weighed:
    """Check the order as it stands, nothing is written; with `up_to` (in `currency`) the group owes that more.

    Raises MissingRate.
    """
    policy = policies(session, day)
    facts = facts_of(session, asked_of(order), day, policy)
    more = facts.amount
    if up_to is not None:
        more = max(more, convert(session, up_to, currency or facts.currency, facts.currency, day))
    return Weighed(facts, check(facts, policy.order, policy.grades), facts.group + more)


def weigh_release(session: Session, release: OrderRelease, day: date) -> Weighed:
    """The same for what a release proposes. Raises MissingRate."""
    return weigh(session, order_of(release), day, release.up_to_amount, release.currency)


def why_not(session: Session, weighed: Weighed, day: date) -> str | None:
    """Why no release is to be had for the order, in a sentence; None: it may be asked for and given."""
    if weighed.result.outcome != HOLD:
        return _("The order is not on hold; there is nothing to release.")
    barred = policy_of(session, day).barred(weighed.facts.grade)
    if barred is not None:
        return said(barred)
    never = policies(session, day).order.never_released
    finding = next(
        (one for one in weighed.result.findings if one.severity == HOLD and one.rule in never), None
    )
    if finding is not None:
        return _("No release frees this order: %(why)s", why=said(finding.sentence))
    return None


def waiting_of(session: Session, order_id: int) -> OrderRelease | None:
    """The release of an order that is asked for and not decided yet."""
    query = select(OrderRelease).where(
        OrderRelease.order_id == order_id, OrderRelease.status.in_(WAITING_RELEASES)
    )
    return session.scalar(query)


def active_of_customer(session: Session, customer_id: int) -> OrderRelease | None:
    """The release in force of a customer as a whole."""
    query = select(OrderRelease).where(
        OrderRelease.customer_id == customer_id, OrderRelease.status == "active", OrderRelease.kind != "once"
    )
    return session.scalar(query)


def releases_of(session: Session, order: SalesOrder) -> list[OrderRelease]:
    """The releases that were asked for an order, and those of its customer that run, the newest first."""
    query = select(OrderRelease).where(
        OrderRelease.customer_id == order.customer_id,
        (OrderRelease.order_id == order.id)
        | (OrderRelease.id == order.release_id)
        | ((OrderRelease.kind != "once") & (OrderRelease.status == "active")),
    )
    return list(session.scalars(query.order_by(OrderRelease.id.desc())))


def orders_under(session: Session, release: OrderRelease) -> list[SalesOrder]:
    """The orders that stand under a release, the oldest first."""
    query = select(SalesOrder).where(SalesOrder.release_id == release.id)
    return list(session.scalars(query.order_by(SalesOrder.id)))


@dataclass(frozen=True, slots=True)
class Use:
    """An order that stands under a release, or did while something of it was delivered; `done` is how much, in the
    order's currency."""

    order: SalesOrder
    done: Decimal


def uses_of(session: Session, release: OrderRelease) -> list[Use]:
    """What a release is and was used for, the oldest order first."""
    under = delivered_under(session, release.id)
    query = select(SalesOrder).where((SalesOrder.release_id == release.id) | SalesOrder.id.in_(list(under)))
    return [
        Use(order, _done(order) if order.release_id == release.id else under[order.id])
        for order in session.scalars(query.order_by(SalesOrder.id))
    ]


def _done(order: SalesOrder) -> Decimal:
    return order.amount if order.status == "closed" else asked_of(order).done


def used_of(session: Session, release: OrderRelease, day: date) -> Decimal:
    """What of a release is delivered or invoiced, in its currency. Raises MissingRate."""
    total = Decimal(0)
    for use in uses_of(session, release):
        code = use.order.currency
        total += convert(session, use.done, code, release.currency or code, day)
    return total


def is_used(session: Session, release: OrderRelease, day: date) -> bool:
    """Whether nothing more can be delivered under a release. Raises MissingRate."""
    if release.kind == "once":
        return asked_of(order_of(release)).rest <= 0
    return release.up_to_amount is not None and used_of(session, release, day) >= release.up_to_amount


def revoking(session: Session, release: OrderRelease, day: date) -> str | None:
    """The rule, or the grade, that revokes a release in force; None: it holds on. Raises MissingRate."""
    policy, order = policies(session, day), order_of(release)
    asked = asked_of(order)
    if asked.rest <= 0:  # of a customer's release another order may still be to come
        asked = replace(asked, delivered=Decimal(0), invoiced=Decimal(0), open=True)
    facts = facts_of(session, asked, day, policy)
    return policy_of(session, day).revoking(
        check(facts, policy.order, policy.grades), facts.grade, release.rules
    )


def end_of_day(session: Session, day: date) -> datetime:
    """The instant at which the day after begins in the company's zone."""
    zone = zone_named(the_company(session).time_zone)
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


# --- who takes part -----------------------------------------------------------------------------------------------


def assessors(action: Action, release: OrderRelease) -> frozenset[int]:
    """Everybody who assessed it in any round, also on whose behalf; with whoever does so in this action."""
    found = history.people_who_completed(action.session, action.instance_id, ASSESS)
    if action.node == "assess_order":
        found |= {one for one in (action.actor.person_id, action.actor.on_behalf_of) if one is not None}
    return frozenset(found | ({release.assessed_by} if release.assessed_by is not None else set()))


def of_decision(action: Action, release: OrderRelease, level: str) -> separation.DecisionFacts:
    """Who may not decide: whoever asked, whoever assessed."""
    asked = frozenset({release.made_by} if release.made_by is not None else ())
    return separation.DecisionFacts(level, release.customer.branch_id, asked, assessors(action, release))


def eligible(action: Action, release: OrderRelease, level: str) -> frozenset[int]:
    """Ids of the people who may decide at a level in their own right."""
    people = [plain(person) for person in people_with(action.session, [level])]
    return separation.eligible_persons(people, of_decision(action, release, level))


def level_of(action: Action, release: OrderRelease) -> str:
    """The level that policy names; the next one above with somebody who may, where nobody of it may.

    Raises MissingRate.
    """
    total = weigh_release(action.session, release, action.today).total
    ladder = policy_of(action.session, action.today).levels(release.kind, total)
    return next((level for level in ladder if eligible(action, release, level)), ladder[-1])


def waited_for(action: Action, release: OrderRelease) -> frozenset[int]:
    """Ids of the people from whom something is waited for: who holds the open task; of a decision that nobody holds
    everybody who may make it; and whoever assessed."""
    tasks = inbox.of_instance(action.session, action.instance_id)
    held = {task.claimed_by for task in tasks if task.claimed_by is not None}
    levels = [task.role for task in tasks if task.claimed_by is None and task.node == DECIDE]
    able = {one for level in levels for one in eligible(action, release, level)}
    return frozenset(held | able | assessors(action, release))


def sales_of(release: OrderRelease) -> list[int]:
    """Whoever asked, and the sales rep of the customer."""
    return list(
        dict.fromkeys(one for one in (release.made_by, release.customer.sales_rep_id) if one is not None)
    )


# --- assessing, securing, deciding --------------------------------------------------------------------------------


def assess(action: Action, terms: Terms) -> None:
    """Write down what the analyst proposes. Raises InvalidAnswer naming the field, Conflict, MissingRate."""
    if terms.choice not in ("release", "security", "refuse"):
        raise InvalidAnswer("choice", _("Choose what you propose."))
    if len(terms.assessment) < LEAST_WORDS:
        raise InvalidAnswer(
            "assessment", _("Say in a few words how you see the risk; whoever decides reads it.")
        )
    row = locked(action, "asked")
    row.assessment, row.assessed_by = terms.assessment[:2000], action.actor.person_id
    if terms.choice == "refuse":
        row.decided_by, row.decided_on = action.actor.person_id, action.today
        row.decision_note = terms.assessment[:1000]
        return
    if terms.choice == "security":
        if len(terms.security_asked) < LEAST_WORDS:
            raise InvalidAnswer("security_asked", _("Say which security is to be given."))
        _judge_security(action, row, terms.security_counts)  # what is asked for now comes beside it
        row.security_asked, row.status = terms.security_asked[:1000], "awaiting_security"
        return
    _propose(action, row, terms, secured=_judge_security(action, row, terms.security_counts))
    row.status = "in_approval"


def _propose(action: Action, row: OrderRelease, terms: Terms, *, secured: bool) -> None:
    """Kind, last day and amount of what is proposed, for the order as the check sees it now."""
    session, order = action.session, order_of(row)
    if terms.kind not in KINDS:
        raise InvalidAnswer("kind", _("Choose how far the release goes."))
    deliver_on = order.deliver_on if terms.kind != "once" else None
    wrong = policy_of(session, action.today).last_day_wrong(terms.valid_until, action.today, deliver_on)
    if wrong is not None:
        raise InvalidAnswer("valid_until", said(wrong))
    up_to = terms.up_to if terms.kind == "up_to" else None
    if terms.kind == "up_to" and (up_to is None or up_to < order.amount):
        least = format_amount(order.amount, order.currency)
        raise InvalidAnswer(
            "up_to", _("Give an amount of at least %(least)s, which the order comes to.", least=least)
        )
    weighed = weigh(session, order, action.today, up_to, order.currency)
    refused = why_not(session, weighed, action.today)
    if secured and weighed.result.outcome != HOLD:
        order.looked_at = action.now - timedelta(days=1)  # the security frees it: the worker looks at it next
    elif refused is not None:
        raise InvalidAnswer("choice", refused)
    _only_one(session, row, terms.kind, "kind")
    row.kind, row.valid_until, row.up_to_amount = terms.kind, terms.valid_until, up_to
    _note_order(row, weighed, order)


def _note_order(row: OrderRelease, weighed: Weighed, order: SalesOrder) -> None:
    """What the release is for, as the order stands now."""
    row.rules, row.amount, row.currency = weighed.rules or row.rules, order.amount, order.currency
    row.payment_days, row.payment_method = order.payment_days, order.payment_method


def _only_one(session: Session, row: OrderRelease, kind: str, field: str) -> None:
    """A customer has one release as a whole at a time. Raises InvalidAnswer."""
    active = active_of_customer(session, row.customer_id) if kind != "once" else None
    if active is not None:
        raise InvalidAnswer(
            field,
            _(
                "%(number)s of this customer is in force; release the order once, or wait for its end.",
                number=active.number,
            ),
        )


def _judge_security(action: Action, row: OrderRelease, counts: bool | None) -> bool:
    """A security that sales has handed in is confirmed, or it is not one. Returns whether it counts from now on."""
    security = row.security
    if security is None or security.status != "required":
        return False
    if counts is None:
        raise InvalidAnswer("security_counts", _("Say whether the security that was handed in counts."))
    if not counts:
        security.status = "rejected"
        return False
    security.status, security.confirmed_by, security.confirmed_at = (
        "confirmed",
        action.actor.person_id,
        action.now,
    )
    security.valid_from = security.valid_from or action.today
    action.session.flush()
    return True


def decide(action: Action, decision: Decision) -> None:
    """Approve, refuse or send back; the caller has held the customer. Checked again just before.

    Raises InvalidAnswer naming the field, Conflict when the check says something else than it did, MissingRate.
    """
    if decision.choice not in ("approve", "refuse", "send_back"):
        raise InvalidAnswer("choice", _("Choose approve, refuse or send back."))
    if decision.choice != "approve" and len(decision.note) < LEAST_WORDS:
        raise InvalidAnswer("note", _("Say why."))
    row = locked(action, "in_approval")
    if decision.choice == "send_back":
        row.status, row.decision_note = "asked", decision.note[:1000]
        return
    if decision.choice == "approve":
        _approve(action, row, decision.seen)
    row.decided_by, row.decided_on = action.actor.person_id, action.today
    row.level, row.decision_note = action.task.role if action.task else None, decision.note[:1000]


def _approve(action: Action, row: OrderRelease, seen: str) -> None:
    session, day = action.session, action.today
    order, policy = order_of(row), policy_of(session, day)
    session.refresh(order)
    if row.valid_until is None or row.valid_until < day:
        over = written_day(row.valid_until) if row.valid_until is not None else ""
        raise InvalidAnswer("choice", _("%(day)s is over; send it back for another day.", day=over))
    weighed = weigh_release(session, row, day)
    refused = why_not(session, weighed, day)
    if refused is not None:
        raise InvalidAnswer("choice", refused)
    if weighed.seen != seen:
        raise Conflict(
            _(
                "The order check says something else than when you opened the page; look at it again and decide."
            )
        )
    levels = policy.levels(row.kind, weighed.total)
    if action.task is None or action.task.role not in levels:
        raise InvalidAnswer("choice", _("By now a higher level decides on this exposure; send it back."))
    _only_one(session, row, row.kind, "choice")
    _note_order(row, weighed, order)


def give(action: Action, given: Given) -> None:
    """Sales hands in a security for the release; it counts once the analyst has confirmed it.

    Raises InvalidAnswer naming the field, Conflict.
    """
    row, session = locked(action, "awaiting_security"), action.session
    if given.amount is None or given.amount <= 0:
        raise InvalidAnswer("amount", _("Enter the amount of the security, above zero."))
    if not given.provider:
        raise InvalidAnswer("provider", _("Name who gives the security."))
    if given.expires_on is not None and given.expires_on < action.today:
        raise InvalidAnswer("expires_on", _("This security has expired; an expired one covers nothing."))
    if given.file is None:
        raise InvalidAnswer("file", _("Hand in the document that shows the security."))
    document = CustomerDocument(
        customer_id=row.customer_id, kind="security", filename=given.file.filename,
        content_type=given.file.content_type, size=len(given.file.content), sha256=given.file.sha256,
        content=given.file.content, uploaded_by=action.actor.person_id, uploaded_at=action.now,
    )  # fmt: skip
    session.add(document)
    session.flush()
    values = policy_values(session, action.today)
    security = Security(
        customer_id=row.customer_id, kind=given.kind, amount=given.amount, currency=row.currency,
        provider=given.provider[:300], haircut=table_of(values, "security.haircuts", to_decimal)[given.kind],
        cover=decimal_of(values, "security.cover") if given.kind == INSURANCE else None, note=row.number,
        expires_on=given.expires_on, document_id=document.id, required_by=row.assessed_by, required_at=action.now,
    )  # fmt: skip
    session.add(security)
    session.flush()
    row.security_id, row.status = security.id, "asked"


def give_none(action: Action, note: str) -> None:
    """There is no security to be had. Raises InvalidAnswer, Conflict."""
    if len(note) < LEAST_WORDS:
        raise InvalidAnswer("note", _("Say why there is none."))
    row = locked(action, "awaiting_security")
    row.status = "asked"
    row.ground = f"{row.ground}\n{note}"[:1000]


def end(action: Action, row: OrderRelease, status: str, template: str = "release_ended", **more: Any) -> None:
    """It has ended: sales is told. A security that nobody has confirmed by then is none."""
    row.status, row.closed_on = status, action.today
    if row.security is not None and row.security.status == "required":
        row.security.status = "rejected"
    for name, value in more.items():
        setattr(row, name, value)
    action.session.flush()
    action.mail(sales_of(row), template, release_id=row.id)
