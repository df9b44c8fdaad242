"""With many open tasks the inbox reads by index alone: its plans hold no sequential scan of a table that grows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from credit_app.facts import digest, following
from credit_app.facts.finding import application_ids
from credit_app.facts.following import Watched
from credit_app.models import Person
from tests.factories import NOW, TODAY, make_cast
from workflows import inbox
from workflows.inbox import Filters

TASKS = 20_000
GROWING = (
    "open_task",
    "credit_application",
    "customer",
    "watch",
    "follow_up",
    "comment",
    "outbox",
    "history",
)
LANES = [("credit_analyst", 1), ("credit_analyst", 0), ("credit_manager", 1)]
ORDERS = ("oldest", "newest", "due")


@pytest.fixture
def many(owner_session: Session) -> Session:
    """A company with TASKS applications, each with an open task, watched and commented by few people."""
    session = owner_session
    make_cast(session)
    session.execute(
        text(
            """INSERT INTO customer (number, name, country, branch_id)
               SELECT 'X-' || n, md5(n::text) || ' Werk' || n % 500, 'DE', 1
               FROM generate_series(1, :n) AS n"""
        ),
        {"n": TASKS},
    )
    session.execute(
        text(
            """INSERT INTO instance (definition_id, process, subject_id, version, codec, state, history_seq,
                 history_hash, started_at, updated_at)
               SELECT (SELECT max(id) FROM definition), 'credit_application', n, 1, 1, '', 0,
                 decode(repeat('00', 32), 'hex'), now(), now() FROM generate_series(1, :n) AS n"""
        ),
        {"n": TASKS},
    )
    session.execute(
        text(
            """INSERT INTO credit_application (number, customer_id, requested_limit, currency, terms_days,
                 payment_method, status, requested_by, branch_id, submitted_at, instance_id)
               SELECT 'CA-2026-' || lpad(c.rank::text, 5, '0'), c.id, 1000, 'EUR', 30, 'open_account',
                 'in_approval', 1, 1, now(), c.rank
               FROM (SELECT id, row_number() OVER (ORDER BY id) AS rank FROM customer) AS c"""
        )
    )
    session.execute(
        text(
            """INSERT INTO open_task (instance_id, task_no, process, node, role, scope, subject_id, opened_at,
                 due_at, claimed_by, claimed_at)
               SELECT i.id, 1, 'approval', 'decide_limit',
                 (ARRAY['credit_analyst', 'credit_manager', 'cfo', 'sales_rep'])[1 + i.id % 4],
                 NULLIF((i.id / 4) % 3, 0), a.id, now() - (i.id % 5000) * interval '1 minute',
                 CASE WHEN i.id % 3 = 0 THEN now() + (i.id % 700) * interval '1 hour' END,
                 CASE WHEN i.id % 10 = 0 THEN 1 + (i.id / 10) % 18 END, CASE WHEN i.id % 10 = 0 THEN now() END
               FROM instance i JOIN credit_application a ON a.instance_id = i.id"""
        )
    )
    session.execute(
        text(
            """INSERT INTO watch (person_id, application_id) SELECT 1 + id % 18, id FROM credit_application;
               INSERT INTO follow_up (application_id, person_id, on_day)
                 SELECT id, 1 + id % 18, current_date + (id % 400)::int FROM credit_application;
               INSERT INTO comment (application_id, author_id, body, mentions)
                 SELECT id, 1 + id % 18, 'said', ARRAY[1 + (id / 7) % 18] FROM credit_application;
               INSERT INTO history (instance_id, seq, at, kind, process, node, task_id, actor_id, source,
                   definition_id, payload, payload_sha256, hash)
                 SELECT id, 1, now(), 'task_completed', 'approval', 'decide_limit', id, 1 + id % 18, 'test', 1,
                   '{}', '', '' FROM instance;
               INSERT INTO outbox (key, channel, recipient, template, params, state, due_at, created_at)
                 SELECT 'k' || id, 'mail', 'person:' || 1 + id % 18, 'x', '{}',
                   CASE WHEN id % 10 = 0 THEN 'digest' ELSE 'sent' END, now(), now() FROM credit_application"""
        )
    )
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
    return session


class Explained:
    """Runs statements and keeps the plan of each SELECT."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.plans: list[str] = []

    @contextmanager
    def listening(self) -> Iterator["Explained"]:
        engine = self.session.get_bind()

        def before(
            conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
        ) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                cursor = conn.connection.driver_connection.cursor()
                cursor.execute("EXPLAIN " + statement, parameters)
                self.plans.append(statement + "\n" + "\n".join(row[0] for row in cursor.fetchall()))

        event.listen(engine, "before_cursor_execute", before)
        yield self
        event.remove(engine, "before_cursor_execute", before)

    def scans(self) -> list[str]:
        """The plans that read a growing table from end to end."""
        return [plan for plan in self.plans for name in GROWING if f"Seq Scan on {name}" in plan]


@pytest.fixture
def explained(many: Session) -> Iterator[Explained]:
    with Explained(many).listening() as found:
        yield found


def test_no_list_count_or_search_of_the_inbox_reads_a_table_from_end_to_end(explained: Explained) -> None:
    session = explained.session
    person = session.get_one(Person, 6)
    session.execute(text("SET LOCAL enable_seqscan = on"))
    for order in ORDERS:
        first: Any = order
        mine = inbox.mine(session, 6, first)
        page = inbox.of_groups(session, 6, LANES, first)
        assert mine
        assert len(page) == 25
        inbox.mine(session, 6, first, mine[-1].key)
        inbox.of_groups(session, 6, LANES, first, page[-1].key)
    late = Filters(overdue_at=NOW, process="approval", node="decide_limit")
    inbox.of_groups(session, 6, LANES, "due", filters=late)
    inbox.mine(session, 6, "due", filters=late)
    inbox.count_mine(session, 6)
    inbox.count_groups(session, 6, LANES)
    inbox.count_new(session, 6, LANES, NOW)
    inbox.count_new(session, 6, None, NOW)
    held = inbox.holders(session, LANES)
    assert held
    inbox.held_by(session, 6, held[:2])
    inbox.done_by(session, 6)
    for words in ("werk17", "werk48", "CA-2026-0001", "17", "X-42"):
        found = application_ids(session, words, date(2026, 3, 10))
        assert found
        inbox.of_groups(session, 6, LANES, filters=Filters(subjects=found))
        inbox.mine(session, 6, filters=Filters(subjects=found))
    for narrowed in (
        Watched(),
        Watched(ended=True),
        Watched(follow_up_by=TODAY + timedelta(days=30)),
        Watched(before=900),
    ):
        following.watched_ids(session, 6, narrowed, 26)
    following.count_due(session, 6, TODAY)
    following.follow_ups_due(session, 6, TODAY)
    digest.digest_of(session, person, TODAY, NOW, NOW)
    assert len(explained.plans) > 40
    assert explained.scans() == []
