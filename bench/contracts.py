"""The register of contracts with many of them: its first page, filters, and the search of their texts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from bench.pages import milliseconds
from credit_app import create_app, resources, settle
from credit_app.config import Config
from credit_app.db import make_engine
from tests.factories import NOW, TODAY, make_cast
from tests.screens.desk import Desk
from workflows import Base, clock, deploy_directory

CONTRACTS = 200_000
COMPANIES = 20_000

_CUSTOMERS = """
    INSERT INTO customer (number, name, status, branch_id, country)
    SELECT 'B-' || n, 'Customer ' || n || (ARRAY[' Nordhafen', ' 上海机械', ' Steelworks', ''])[1 + n % 4], 'active',
        CASE WHEN n % 3 = 0 THEN :other ELSE :branch END, 'DE'
    FROM generate_series(1, :companies) n
"""
_CONTRACTS = """
    INSERT INTO contract (number, side, kind, title, customer_id, branch_id, owner_id, status, need, amount, currency,
        starts_on, ends_on, filed_on, terminated_on, created_at)
    SELECT 'CTR-2026-' || lpad(n::text, 6, '0'), CASE WHEN n % 5 = 0 THEN 'purchase' ELSE 'sales' END,
        (ARRAY['goods', 'service', 'framework', 'cooperation'])[1 + n % 4], 'Delivery of part ' || n, c.id, c.branch_id,
        :owner, 'need', 'Wanted by the customer', 1000 + n % 90000, 'EUR', CAST(:day AS date) - n % 700,
        CAST(:day AS date) - n % 700 + 730, CAST(:day AS date) - n % 700, NULL,
        CAST(:now AS timestamptz) - n * interval '7 minutes'
    FROM generate_series(1, :contracts) n
    JOIN (SELECT id, branch_id, row_number() OVER (ORDER BY id) AS place FROM customer WHERE number LIKE 'B-%') c
        ON c.place = 1 + n % :companies
"""
# What a contract says: forty words that nearly all have, eighty of a vocabulary of 30,000 in which some are common.
_VERSIONS = """
    INSERT INTO contract_version (contract_id, no, amount, currency, frozen_at, words)
    SELECT c.id, 1, c.amount, c.currency, :now, array_to_tsvector(ARRAY(
        SELECT DISTINCT word FROM (
            SELECT 'usual' || n AS word FROM generate_series(1, 40) n
            UNION ALL SELECT 'word' || floor(30000 * power(random(), 3))::int FROM generate_series(1, 80) n
            WHERE c.id > 0
            UNION ALL SELECT unnest(ARRAY['付款', '款条', '条件', '件'])
            UNION ALL SELECT unnest(ARRAY['验收', '收合', '合格', '格']) WHERE c.id % 50 = 0
        ) said)) FROM contract c
"""
_SHOWN = """
    UPDATE contract c SET version_id = v.id, status = CASE WHEN c.id % 40 = 0 THEN 'in_review' ELSE 'active' END,
        words = array_to_tsvector(ARRAY(SELECT DISTINCT lower(word)
            FROM regexp_split_to_table(c.number || ' ' || c.title || ' ' || b.number, '[^[:alnum:]]+') word
            WHERE word <> '')) || words_of_name(b.name) || v.words
    FROM contract_version v, customer b WHERE v.contract_id = c.id AND b.id = c.customer_id
"""


def register(url: str, rounds: int, contracts: int) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of each page in milliseconds."""
    with make_engine(url, pooled=False).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("CREATE DATABASE credit_contracts")
        )
    address = make_url(url).set(database="credit_contracts").render_as_string(hide_password=False)
    engine = make_engine(address, pooled=False)
    Base.metadata.create_all(engine)
    config = Config(
        var=Path(tempfile.mkdtemp(prefix="credit-bench-contracts-")),
        database_url=address,
        database_app_url=address,
        secret_key="bench",  # noqa: S106
        testing=True,
    )
    app = create_app(config)
    with Session(engine) as session, clock.at(NOW):
        deploy_directory(session, resources.bpmn())
        desk = Desk(app, session, make_cast(session))
        session.flush()
        given = {
            "contracts": contracts, "companies": COMPANIES, "day": TODAY, "now": NOW, "branch": desk.cast.north.id,
            "other": desk.cast.south.id, "owner": desk.cast.sara.id,
        }  # fmt: skip
        # Built afterwards: entering 25 million words one by one takes many times as long.
        session.execute(text("DROP INDEX ix_contract_words"))
        for statement in (_CUSTOMERS, _CONTRACTS, _VERSIONS, _SHOWN):
            session.execute(text(statement), given)
        session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        session.execute(text("CREATE INDEX ix_contract_words ON contract USING gin (words)"))
        session.commit()
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE contract")
            )
        session.execute(text("ANALYZE"))
        session.commit()
        return _pages(desk, rounds)


def _pages(desk: Desk, rounds: int) -> dict[str, tuple[float, float]]:
    sara, carla = desk.browser(desk.cast.sara).client, desk.browser(desk.cast.carla).client
    desk.get(desk.cast.sara, "/")
    desk.get(desk.cast.carla, "/")
    asked = {
        "Register": (carla, "/contracts"),
        "Register of a branch": (sara, "/contracts"),
        "Register, in review, by end": (carla, "/contracts?status=in_review&sort=ends"),
        "Register, ending in 90 days": (carla, "/contracts?ends=90&sort=ends"),
        "Search, a word of nearly all": (carla, "/contracts?q=usual7"),
        "Search, a common word": (sara, "/contracts?q=word12"),
        "Search, a rare word": (carla, "/contracts?q=word29871"),
        "Search, two words and a filter": (sara, "/contracts?q=word3+word25&side=purchase"),
        "Search, a company": (carla, "/contracts?q=nordhafen+4711"),
        "Search, Chinese of one in fifty": (carla, "/contracts?q=验收合格"),
        "Search, Chinese of all": (sara, "/contracts?q=付款条件&sort=title"),
        "Search, no such word": (carla, "/contracts?q=nothinglikeit"),
        "Calendar": (carla, "/contracts/calendar"),
    }
    for client, path in asked.values():
        client.get(path)
    settle()  # as the server does once it is up
    return {
        name: milliseconds(lambda client=client, path=path: client.get(path).status_code, rounds)  # type: ignore[misc]
        for name, (client, path) in asked.items()
    }
