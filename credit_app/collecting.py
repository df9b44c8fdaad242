"""Moves collection cases: the daily run finds the accounts whose stage changes, signals of entries find the others.

Both leave signals; `move_some` takes them, looks at each account anew and opens, moves or closes its case. A signal
that comes late, twice or not at all does no harm: the stage is always that of the open debts of today.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from credit_app.domain.collection import STAGES, LadderPolicy, true_cause
from credit_app.domain.dates import day_in_zone
from credit_app.domain.dunning import DEMANDS
from credit_app.facts import collection_stage, dunning
from credit_app.facts.collection import Collectors, move_of, open_case, open_cases
from credit_app.facts.collection_stage import CLEARED, Standing, moves, standings
from credit_app.facts.dunning import foresee_letters
from credit_app.facts.dunning_text import text_in_force
from credit_app.facts.worklist import rescore
from credit_app.i18n import _
from credit_app.models import (
    CollectionCase,
    CollectionRun,
    CollectionSignal,
    Company,
    Customer,
    holidays,
    next_case_numbers,
    policy_values,
    the_company,
)
from credit_app.models.once import foresee, steady
from credit_app.models.together import add_row
from workflows import SYSTEM, Action, Actor, Conflict, Engine, InvalidAnswer, clock, undone_as_a_whole
from workflows.engine import Held

PROCESS = "collection"
SOURCE = "job:collect"
AT_A_TIME = 20
LEAST_GROUND = 5
MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)
# What is told of several causes at once: the first of these.
WEIGHT = (
    "written_off",
    "insolvency",
    "broken_promise",
    "by_hand",
    "reopened",
    "payment",
    "correction",
    "dispute",
    "promise",
    "dispute_over",
    "promise_over",
    "rating",
    "ladder",
)
# What rules all cases that are moved together; moving one changes none of it.
ASKED_ONCE = (
    policy_values,
    holidays,
    text_in_force,
    collection_stage.policy_of,
    dunning.policy_of,
    dunning.calendar_of,
)
log = logging.getLogger(__name__)


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


# --- the daily run ---------------------------------------------------------------------------------------------------


def run_day(session: Session) -> CollectionRun | None:
    """Look at every account once a day, or when somebody asked, and signal those whose stage changes; the caller
    commits.

    None when the day's run was made already, here or by another worker. A day that was skipped is not made up for: the
    stages of today count.
    """
    if session.get(Company, 1) is None:
        return None
    day = today_of(session)
    run = _begin(session, day)
    if run is None:
        return None
    found = moves(session, day)
    if run.found:  # looked at before: who waits still is not counted twice
        waiting = set(session.scalars(select(CollectionSignal.customer_id).distinct()))
        found = [one for one in found if one.customer_id not in waiting]
    run.found += len(found)
    if found:
        rows = [
            {
                "customer_id": one.customer_id,
                "cause": "ladder",
                "run_id": run.id,
                "is_key": one.ladder == "key",
            }
            for one in found
        ]
        session.execute(insert(CollectionSignal), rows)
    session.flush()
    if not found:
        finish_runs(session)
    return run


def ask_run(session: Session, person_id: int) -> CollectionRun:
    """Have the worker look at every account of today, also when it did so before; the caller commits.

    Looking again does no harm: a case that stands where it should is not moved. Raises Conflict while the day's run is
    at work.
    """
    day, now = today_of(session), clock.now()
    begun = upsert(CollectionRun).values(day=day, started_at=now, asked_at=now, asked_by=person_id)
    number = session.scalar(begun.on_conflict_do_nothing(index_elements=["day"]).returning(CollectionRun.id))
    if number is not None:
        return session.get_one(CollectionRun, number)
    query = select(CollectionRun).where(CollectionRun.day == day).with_for_update()
    run = session.scalars(query.execution_options(populate_existing=True)).one()
    if run.ended_at is None:
        raise Conflict(_("The run of today is at work already; it ends by itself."))
    run.asked_at, run.asked_by, run.ended_at = now, person_id, None
    session.flush()
    return run


def finish_runs(session: Session) -> int:
    """End the runs whose cases have all been moved; returns how many. The caller commits."""
    left = select(CollectionSignal.id).where(CollectionSignal.run_id == CollectionRun.id).exists()
    ended = session.execute(
        update(CollectionRun)
        .where(CollectionRun.ended_at.is_(None), CollectionRun.asked_at.is_(None), ~left)
        .values(ended_at=clock.now(), done=CollectionRun.found)
        .returning(CollectionRun.id)
    )
    return len(ended.all())


def progress_of(session: Session, run: CollectionRun) -> int:
    """How many of the accounts that a run found have been dealt with."""
    waiting = select(func.count()).where(CollectionSignal.run_id == run.id)
    return run.found - (session.scalar(waiting) or 0)


# --- moving ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """One account's turn: the customer, what it is looked at for, where it stands and its open case."""

    customer: Customer
    cause: str
    standing: Standing
    case: CollectionCase | None

    @property
    def changes(self) -> bool:
        """Whether a case opens or its stage changes."""
        target = self.standing.target
        return target in STAGES if self.case is None else target != self.case.stage

    @property
    def tells(self) -> bool:
        """Whether the process of an open case is told."""
        return self.case is not None and (self.changes or self.standing.target == CLEARED)


def move_some(session: Session, engine: Engine, most: int = AT_A_TIME) -> int:
    """Take some signals and bring each account's case to the stage that it should have; the caller commits.

    Returns how many signals were taken, 0 when none is due. An account that fails is undone by itself, is tried again
    later and holds up no other.
    """
    now = clock.now()
    query = (
        select(CollectionSignal)
        .where(~CollectionSignal.held, CollectionSignal.due_at.is_(None) | (CollectionSignal.due_at <= now))
        .order_by(CollectionSignal.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = session.scalars(query).all()
    if not taken:
        return 0
    by_customer: dict[int, list[CollectionSignal]] = {}
    for row in taken:
        by_customer.setdefault(row.customer_id, []).append(row)
    moved = _bring(session, engine, by_customer, now)
    _done(session, moved)
    session.flush()
    rescore(session, today_of(session), by_customer)
    return len(taken)


def _bring(
    session: Session, engine: Engine, by_customer: Mapping[int, list[CollectionSignal]], now: datetime
) -> list[CollectionSignal]:
    """Bring all these accounts to their stage together; when one fails, each alone. Returns the signals done with."""
    if len(by_customer) > 1:
        try:
            with session.begin_nested(), undone_as_a_whole(session):
                bring_to_stages(session, engine, by_customer)
        except Exception:
            log.info("%s collection cases were not moved together; now each by itself.", len(by_customer))
        else:
            return [row for rows in by_customer.values() for row in rows]
    moved = []
    for customer_id, rows in sorted(by_customer.items()):
        try:
            with session.begin_nested():
                bring_to_stages(session, engine, {customer_id: rows})
        except Exception as error:
            log.exception("The collection case of the customer %s was not moved.", customer_id)
            _later(rows, now, error)
        else:
            moved += rows
    return moved


def bring_to_stages(
    session: Session, engine: Engine, by_customer: Mapping[int, Sequence[CollectionSignal]]
) -> None:
    """Open, move or close the cases of these customers so that they stand where the ladder asks for.

    Their rows are held until the commit, so that two workers never move one case at once.
    """
    with steady(session, *ASKED_ONCE):
        day = today_of(session)
        turns = _turns(session, by_customer, day)
        levels = {one.customer.id: one.standing.target for one in turns if one.changes}
        foresee_letters(session, {one: level for one, level in levels.items() if level in DEMANDS}, day)
        _open(session, engine, [one for one in turns if one.case is None and one.changes], day)
        foresee(session, open_case, {(one.customer.id,): one.case for one in turns if one.case is not None})
        told = [one.case.instance_id for one in turns if one.case is not None and one.tells]
        held = engine.hold(session, [number for number in told if number is not None])
        for one in turns:
            if one.case is not None:
                _follow(session, engine, one, one.case, day, held)


def give_up(session: Session, engine: Engine, case: CollectionCase, note: str, person_id: int) -> None:
    """End a case by hand although something is overdue; debts that fall due later open a new one.

    Raises InvalidAnswer, Conflict, NotWaiting; the caller commits.
    """
    if len(note.strip()) < LEAST_GROUND:
        raise InvalidAnswer("close_note", _("Say in a few words why the case is given up."))
    hold(session, case)
    day = today_of(session)

    def ended(_action: Action) -> None:
        session.add(move_of(case, None, "by_hand", day, note.strip(), person_id))
        case.status, case.closed_on, case.close_note = "given_up", day, note.strip()

    _send(session, engine, case, "stage_changed", ended, Actor(person_id), "screen:collection.give_up")


def hold(session: Session, case: CollectionCase) -> None:
    """Lock an open case until the commit. Raises Conflict when it has ended meanwhile."""
    session.execute(
        select(Customer.id).where(Customer.id == case.customer_id).with_for_update(key_share=True)
    )
    session.refresh(case, with_for_update=True)
    if case.status != "open":
        raise Conflict(_("This case has ended; nothing of it is collected any more."))


def note_amount(case: CollectionCase, standing: Standing, day: date) -> bool:
    """Keep what is overdue on the case; whether that changed."""
    known = (case.amount, case.oldest_due)
    amount = max(standing.overdue, Decimal(0))
    if known == (amount, standing.oldest_due):
        return False
    case.amount, case.oldest_due, case.seen_on = amount, standing.oldest_due, day
    return True


# --- inside ----------------------------------------------------------------------------------------------------------


def _begin(session: Session, day: date) -> CollectionRun | None:
    """The run of the day, when it has to be made now."""
    query = select(CollectionRun).where(CollectionRun.day == day)
    run = session.scalars(query).one_or_none()
    if run is None:
        begun = upsert(CollectionRun).values(day=day, started_at=clock.now(), found=0, done=0)
        number = session.scalar(
            begun.on_conflict_do_nothing(index_elements=["day"]).returning(CollectionRun.id)
        )
        return None if number is None else session.get_one(CollectionRun, number)
    asked = query.where(CollectionRun.asked_at.is_not(None)).with_for_update(skip_locked=True)
    run = session.scalars(asked.execution_options(populate_existing=True)).one_or_none()
    if run is not None:
        run.asked_at, run.started_at = None, clock.now()  # how long it takes is told of the last look
    return run


def _turns(session: Session, by_customer: Mapping[int, Sequence[CollectionSignal]], day: date) -> list[Turn]:
    """Hold the customers, so that nobody else moves their cases, and see where they stand; by id."""
    ids = sorted(by_customer)
    query = select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id)
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    customers = session.scalars(held).all()
    keys = [number for number, rows in by_customer.items() if any(row.is_key for row in rows)]
    found, cases = standings(session, ids, day, keys), open_cases(session, ids)
    return [
        Turn(
            one,
            min((row.cause for row in by_customer[one.id]), key=WEIGHT.index),
            found.get(one.id) or Standing(one.id, None, None, CLEARED, "medium", Decimal(0), None),
            cases.get(one.id),
        )
        for one in customers
    ]


def _open(session: Session, engine: Engine, turns: Sequence[Turn], day: date) -> None:
    """Open the cases of these accounts, all rows of a kind in one statement, then start their processes."""
    if not turns:
        return
    collectors, policy = (
        Collectors(session, [one.customer.id for one in turns]),
        collection_stage.policy_of(session, day),
    )
    numbers = next_case_numbers(session, "collection", day.year, len(turns))
    cases = [
        _new_case(session, one, number, day, collectors, policy)
        for one, number in zip(turns, numbers, strict=True)
    ]
    session.add_all(cases)
    session.flush()
    session.add_all(
        move_of(case, case.stage, one.cause, day, first=True, proposed=case.proposed)
        for one, case in zip(turns, cases, strict=True)
    )
    session.flush()
    foresee(session, open_case, {(case.customer_id,): case for case in cases})
    fresh = engine.numbers(session, PROCESS, len(cases))
    for case, number in zip(cases, fresh, strict=True):
        engine.start(session, PROCESS, case.id, {"case_id": case.id}, SYSTEM, SOURCE, number)
    for case, number in zip(cases, fresh, strict=True):
        case.instance_id = number.number
    session.flush()


def _new_case(
    session: Session, turn: Turn, number: str, day: date, collectors: Collectors, policy: LadderPolicy
) -> CollectionCase:
    standing = turn.standing
    return CollectionCase(
        number=number,
        customer_id=turn.customer.id,
        status="open",
        amount=max(standing.overdue, Decimal(0)),
        currency=the_company(session).base_currency,
        stage=standing.target,
        proposed=policy.asks_first(standing.target),
        stage_on=day,
        ladder=standing.ladder,
        opened_on=day,
        seen_on=day,
        oldest_due=standing.oldest_due,
        collector_id=collectors.give(turn.customer),
        created_at=clock.now(),
    )


def _follow(
    session: Session, engine: Engine, turn: Turn, case: CollectionCase, day: date, held: Mapping[int, Held]
) -> None:
    """Bring an open case to where its account stands; `held` has the instances that are told, by number."""
    target = turn.standing.target
    cause = true_cause(turn.cause, case.stage, target, (case.ladder, turn.standing.ladder))
    case.ladder = turn.standing.ladder
    note_amount(case, turn.standing, day)
    if target == CLEARED:
        _close(session, engine, case, cause, day, held)
    elif turn.changes:
        _move(session, engine, case, target, cause, day, held)
    session.flush()  # what is left belongs to this case, not into the history of the next one


def _move(
    session: Session,
    engine: Engine,
    case: CollectionCase,
    target: str,
    cause: str,
    day: date,
    held: Mapping[int, Held],
) -> None:
    proposed = collection_stage.policy_of(session, day).asks_first(target)

    def moved(_action: Action) -> None:
        add_row(session, move_of(case, target, cause, day, proposed=proposed))
        case.stage, case.stage_on, case.proposed = target, day, proposed
        if case.floor_due is not None and (case.oldest_due is None or case.oldest_due > case.floor_due):
            case.floor_stage = case.floor_due = None

    _send(session, engine, case, "stage_changed", moved, held=held)


def _close(
    session: Session, engine: Engine, case: CollectionCase, cause: str, day: date, held: Mapping[int, Held]
) -> None:
    def closed(_action: Action) -> None:
        add_row(session, move_of(case, None, cause, day))
        case.status, case.closed_on = "cleared", day

    _send(session, engine, case, "case_cleared", closed, held=held)


def _send(
    session: Session,
    engine: Engine,
    case: CollectionCase,
    message: str,
    before: Callable[[Action], None],
    actor: Actor = SYSTEM,
    source: str = SOURCE,
    held: Mapping[int, Held] | None = None,
) -> None:
    """Change the case and tell its process, so that its history has both."""
    if case.instance_id is None:
        raise Conflict(_("The process of this case has not begun yet; try again in a moment."))
    known = held.get(case.instance_id) if held else None
    engine.send(session, case.instance_id, message, actor, source, before=before, held=known)
    session.flush()


def _done(session: Session, rows: Sequence[CollectionSignal]) -> None:
    """These accounts were looked at anew: what was left of earlier looks has nothing to tell any more."""
    over = CollectionSignal.id.in_([row.id for row in rows]) | (
        CollectionSignal.customer_id.in_({row.customer_id for row in rows}) & CollectionSignal.held
    )
    session.execute(delete(CollectionSignal).where(over))


def _later(rows: Iterable[CollectionSignal], now: datetime, error: Exception) -> None:
    for row in rows:
        row.attempts += 1
        row.last_error = f"{type(error).__name__}: {error}"[:500]
        row.held = row.attempts >= MOST_ATTEMPTS
        row.held_at = now if row.held else None
        row.due_at = now + FIRST_PAUSE * 2 ** (row.attempts - 1)
