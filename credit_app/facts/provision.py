"""Provisions of the books: what is open by segment and age, what was reserved for one debt, and each month's movement.

Only debts count; credit notes and money on account are not set off against them.
"""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from credit_app.domain import provision as rules
from credit_app.domain.ageing import AgeingPolicy
from credit_app.domain.dates import add_months
from credit_app.domain.errors import DomainError
from credit_app.domain.grades import GradePolicy
from credit_app.domain.money import round_money
from credit_app.domain.provision import OTHER, ProvisionPolicy
from credit_app.facts.ageing import AGED_BY
from credit_app.facts.rates import worth_of_one
from credit_app.i18n import _
from credit_app.models import Company, ReceivableItem, policy_values
from credit_app.models.ledger_queries import CAN_BE_OPEN, STILL_OPEN
from credit_app.models.provision import ProvisionLine, ProvisionMovement, ProvisionRun, SpecificReserve
from workflows import Conflict, InvalidAnswer, Refused

ZERO = Decimal(0)
COHORT_MONTHS = (
    24  # history looks at the invoices of the year before last: most have been paid or lost by now
)
LEAST_REASON = 5


class ProvisionRefused(Refused):
    """A month that cannot be run."""

    @classmethod
    def by(cls, error: DomainError) -> "ProvisionRefused":
        """The refusal with the sentence of the rule that was not met."""
        return cls(error.sentence.template, **error.sentence.values)


# The grade of a customer on a day decides its risk class.
_GRADE = """(SELECT r.grade FROM rating r WHERE r.customer_id = b.customer_id AND r.rated_at < CAST(:as_of AS date) + 1
    ORDER BY r.rated_at DESC, r.id DESC LIMIT 1)"""
_KEYS = {"risk": _GRADE, "country": "(SELECT c.country FROM customer c WHERE c.id = b.customer_id)"}
# The newest reserve of an item whose day has come.
_RESERVED = """
    SELECT DISTINCT ON (s.item_id) s.item_id, s.amount, s.released FROM specific_reserve s
    WHERE s.from_on <= :as_of ORDER BY s.item_id, s.from_on DESC, s.id DESC
"""


def last_run(session: Session) -> ProvisionRun | None:
    """The run of the latest month."""
    return session.scalar(select(ProvisionRun).order_by(ProvisionRun.month_end.desc()).limit(1))


def run_until(session: Session, until: date, today: date, made_by: int | None) -> list[ProvisionRun]:
    """Run the provision of a month end, and before it every month that was left out; the caller commits.

    Raises ProvisionRefused for a month that is not over, Conflict for one that was run, MissingRate.
    """
    try:
        rules.check_month(until, today)
    except DomainError as error:
        raise ProvisionRefused.by(error) from error
    # Two runs at once queue up here: the second sees what the first has run.
    session.execute(select(Company.id).with_for_update()).all()
    last = session.scalar(select(func.max(ProvisionRun.month_end)))
    if last is not None and until <= last:
        raise Conflict(_("The provision of %(day)s was run already, or that of a later month.", day=until))
    return [_run(session, month, made_by) for month in rules.months_between(last, until)]


def due_month(session: Session, today: date) -> date | None:
    """The next month end that is over and was not run; None: none is."""
    last = session.scalar(select(func.max(ProvisionRun.month_end)))
    waiting = rules.months_between(last, rules.last_month_end(today))
    return waiting[0] if waiting else None


def runs_of(session: Session) -> Sequence[ProvisionRun]:
    """All runs, the latest month first."""
    return session.scalars(select(ProvisionRun).order_by(ProvisionRun.month_end.desc())).all()


# --- one month ----------------------------------------------------------------------------------------------------


def _run(session: Session, month: date, made_by: int | None) -> ProvisionRun:
    values = policy_values(session, month)
    policy = ProvisionPolicy.from_policy(values)
    base = session.scalars(select(Company.base_currency)).one()
    worth = _Worth(session, base, month)
    before = last_run(session)
    segment = _Segments(policy.segment, GradePolicy.from_policy(values))
    ageing = AgeingPolicy.from_policy(values)
    run = ProvisionRun(month_end=month, currency=base, made_by=made_by)
    run.lines = [
        *_matrix(session, month, policy, ageing, segment, worth),
        *_reserved(session, month, policy, segment, worth),
    ]
    begins = before.month_end if before is not None else month.replace(day=1) - rules.DAY
    flows = _flows(session, begins, month, policy, segment, worth)
    run.movements = _movements(before, run.lines, flows, worth)
    session.add(run)
    session.flush()
    return run


class _Worth:
    """What one unit of a currency is worth at the month end, asked once each. Raises MissingRate."""

    def __init__(self, session: Session, base: str, day: date) -> None:
        self.session, self.base, self.day = session, base, day
        self.known: dict[str, Decimal] = {base: Decimal(1)}

    def of(self, amount: Decimal, currency: str) -> Decimal:
        if currency not in self.known:
            self.known[currency] = worth_of_one(self.session, currency, self.base, self.day)
        return round_money(amount * self.known[currency])


@dataclass(frozen=True, slots=True)
class _Segments:
    """The segment that a key of the query stands for: the risk class of a grade, or a country."""

    kind: str
    grades: GradePolicy

    def of(self, key: str | None) -> str:
        if key is None:
            return OTHER
        if self.kind == "country":
            return key
        risk = self.grades.risk_of(key)
        return "high" if risk == "none" else risk  # no credit is given: nothing is riskier


def _matrix(
    session: Session,
    month: date,
    policy: ProvisionPolicy,
    ageing: AgeingPolicy,
    segment: _Segments,
    worth: _Worth,
) -> list[ProvisionLine]:
    query = text(f"""
        SELECT {_KEYS[policy.segment]} AS key, b.currency,
            width_bucket(:as_of - {AGED_BY[ageing.basis]}, CAST(:begins AS int[])) AS bucket,
            sum({STILL_OPEN}) AS amount
        FROM item_balance b LEFT JOIN ({_RESERVED}) s ON s.item_id = b.item_id AND NOT s.released
        WHERE {CAN_BE_OPEN} AND b.kind <> 'credit_note' AND s.item_id IS NULL
        GROUP BY 1, 2, 3 HAVING sum({STILL_OPEN}) > 0
    """)
    begins = [end + 1 for end in ageing.ends]
    sums: dict[tuple[str, int, str], Decimal] = defaultdict(Decimal)
    for row in session.execute(query, {"as_of": month, "begins": begins}):
        sums[segment.of(row.key), row.bucket, row.currency] += row.amount
    lines = []
    for (name, bucket, currency), balance in sorted(sums.items()):
        rate, factor = policy.rate(name, bucket)
        amount = rules.expected_loss(balance, rate, factor)
        lines.append(
            ProvisionLine(
                segment=name, bucket=bucket, currency=currency, balance=balance, rate=rate, factor=factor,
                amount=amount, base_amount=worth.of(amount, currency),
            )
        )  # fmt: skip
    return lines


def _reserved(
    session: Session, month: date, policy: ProvisionPolicy, segment: _Segments, worth: _Worth
) -> list[ProvisionLine]:
    query = text(f"""
        SELECT b.item_id, {_KEYS[policy.segment]} AS key, b.currency, s.amount AS reserved, {STILL_OPEN} AS amount
        FROM item_balance b JOIN ({_RESERVED}) s ON s.item_id = b.item_id AND NOT s.released
        WHERE {CAN_BE_OPEN} AND ({STILL_OPEN}) > 0 ORDER BY b.item_id
    """)
    lines = []
    for row in session.execute(query, {"as_of": month}):
        amount = min(row.reserved, row.amount)
        lines.append(
            ProvisionLine(
                segment=segment.of(row.key), item_id=row.item_id, currency=row.currency, balance=row.amount,
                rate=round_money(amount / row.amount, rules.PLACES), factor=Decimal(1), amount=amount,
                base_amount=worth.of(amount, row.currency),
            )
        )  # fmt: skip
    return lines


Flows = Mapping[str, tuple[Decimal, Decimal]]
"""Segment -> (written off, recovered) in base currency."""


def _flows(
    session: Session, after: date, until: date, policy: ProvisionPolicy, segment: _Segments, worth: _Worth
) -> Flows:
    """What was written off and recovered in the days after `after` up to `until`."""
    query = text(f"""
        SELECT {_KEYS[policy.segment]} AS key, b.currency,
            coalesce(-sum(a.amount) FILTER (WHERE a.reason = 'written_off'), 0) AS written,
            coalesce(sum(a.amount) FILTER (WHERE a.reason = 'recovered'), 0) AS recovered
        FROM adjustment a JOIN item_balance b ON b.item_id = a.item_id
        WHERE a.reason IN ('written_off', 'recovered') AND a.adjusted_on > :after AND a.adjusted_on <= :as_of
        GROUP BY 1, 2
    """)
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row in session.execute(query, {"after": after, "as_of": until}):
        name = segment.of(row.key)
        written, recovered = found.get(name, (ZERO, ZERO))
        found[name] = (
            written + worth.of(row.written, row.currency),
            recovered + worth.of(row.recovered, row.currency),
        )
    return found


def _movements(
    before: ProvisionRun | None, lines: Sequence[ProvisionLine], flows: Flows, worth: _Worth
) -> list[ProvisionMovement]:
    """A movement for every segment with anything; what the rates of currencies changed is FX of the opening."""
    opening = {row.segment: row.closing for row in before.movements} if before is not None else {}
    anew: dict[str, Decimal] = defaultdict(Decimal)
    held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in before.lines if before is not None else []:
        held[line.segment, line.currency] += line.amount
    for (name, currency), amount in held.items():
        anew[name] += worth.of(amount, currency)
    foreign = {line.segment for line in (before.lines if before else []) if line.currency != worth.base}
    closing: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        closing[line.segment] += line.base_amount
    found = []
    for name in sorted({*opening, *closing, *flows}):
        written, recovered = flows.get(name, (ZERO, ZERO))
        fx = anew[name] - opening.get(name, ZERO) if name in foreign else ZERO
        one = rules.movement(opening.get(name, ZERO), closing[name], written, recovered, fx)
        found.append(
            ProvisionMovement(
                segment=name, opening=one.opening, charge=one.charge, reversal=one.reversal,
                write_off=one.write_off, recovery=one.recovery, fx=one.fx, closing=one.closing,
            )
        )  # fmt: skip
    return found


# --- specific reserves --------------------------------------------------------------------------------------------


def reserves_of(session: Session, day: date) -> Sequence[SpecificReserve]:
    """The reserves that are in force on a day, the newest first."""
    newest = (
        select(SpecificReserve.id)
        .where(SpecificReserve.from_on <= day)
        .ext(distinct_on(SpecificReserve.item_id))
        .order_by(SpecificReserve.item_id, SpecificReserve.from_on.desc(), SpecificReserve.id.desc())
    )
    query = select(SpecificReserve).where(SpecificReserve.id.in_(newest), ~SpecificReserve.released)
    return session.scalars(query.order_by(SpecificReserve.id.desc())).all()


def reserve(
    session: Session, number: str, amount: Decimal | None, reason: str, today: date, made_by: int
) -> SpecificReserve:
    """Reserve an amount for one debt, which leaves the matrix; None puts it back. Raises InvalidAnswer."""
    items = session.scalars(select(ReceivableItem).where(ReceivableItem.number == number.strip())).all()
    if len(items) != 1 or items[0].kind == "credit_note":
        raise InvalidAnswer(
            "number", _("Name one debt by its number; “%(number)s” is none.", number=number[:60])
        )
    item = items[0]
    if amount is not None and amount > item.amount:
        raise InvalidAnswer(
            "amount", _("The debt is of %(amount)s; reserve that or less.", amount=item.amount)
        )
    if len(reason.strip()) < LEAST_REASON:
        raise InvalidAnswer("reason", _("Say why this debt is looked at by itself."))
    row = SpecificReserve(
        item_id=item.id,
        from_on=today,
        amount=amount or ZERO,
        released=amount is None,
        reason=reason.strip()[:500],
        made_by=made_by,
    )
    session.add(row)
    session.flush()
    return row


# --- history ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class History:
    """What became of the invoices of a past year, in base currency: unpaid on entering each bucket, the loss, rates."""

    begins: date
    ends: date
    unpaid: Sequence[Decimal]
    loss: Decimal
    rates: Sequence[Decimal | None]


def history_of(session: Session, as_of: date) -> History:
    """The loss rates that the invoices of the year before last had. Raises MissingRate.

    What was written off counts as unpaid until a recovery; the first bucket was entered by all that was sold.
    """
    ageing = AgeingPolicy.from_policy(policy_values(session, as_of))
    base = session.scalars(select(Company.base_currency)).one()
    worth = _Worth(session, base, as_of)
    begins, ends = add_months(as_of, -COHORT_MONTHS), add_months(as_of, -COHORT_MONTHS // 2)
    since = "c.due_date" if ageing.basis == "due" else "c.document_date"
    values: dict[str, Any] = {"begins": begins, "ends": ends, "as_of": as_of}
    unpaid_query = text(f"""
        SELECT c.currency, b.place, sum(e.amount) AS amount FROM receivable_item c JOIN item_entry e ON e.item_id = c.id
        LEFT JOIN adjustment a ON e.entry = 'adjustment' AND a.id = e.entry_id
        CROSS JOIN unnest(CAST(:bounds AS int[])) WITH ORDINALITY AS b (days, place)
        WHERE c.kind = 'invoice' AND c.document_date BETWEEN :begins AND :ends AND e.on_date <= {since} + b.days
            AND e.on_date <= :as_of AND coalesce(a.reason, '') NOT IN ('written_off', 'recovered')
        GROUP BY 1, 2
    """)
    sold_query = text("""
        SELECT c.currency, sum(c.amount) AS amount, coalesce(sum(lost.amount), 0) AS loss FROM receivable_item c
        LEFT JOIN LATERAL (
            SELECT -sum(a.amount) AS amount FROM adjustment a WHERE a.item_id = c.id AND a.adjusted_on <= :as_of
                AND a.reason IN ('written_off', 'recovered')
        ) lost ON true
        WHERE c.kind = 'invoice' AND c.document_date BETWEEN :begins AND :ends GROUP BY 1
    """)
    unpaid, loss = [ZERO] * ageing.buckets, ZERO
    for row in session.execute(sold_query, values):
        unpaid[0] += worth.of(row.amount, row.currency)
        loss += worth.of(row.loss, row.currency)
    for row in session.execute(unpaid_query, values | {"bounds": list(ageing.ends)}):
        unpaid[row.place] += worth.of(row.amount, row.currency)
    return History(begins, ends, unpaid, loss, rules.historic_rates(unpaid, loss))
