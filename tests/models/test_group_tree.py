"""Who belongs to whom: no circle, however many change the tree at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from sqlalchemy.orm import Session

from credit_app.db import make_engine
from credit_app.facts.group_tree import CircleRefused, set_parent
from credit_app.models import Customer
from tests.factories import make_cast, make_customer


def test_two_who_put_each_company_under_the_other_at_once_close_no_circle(
    session: Session, database_app_url: str, clock: datetime
) -> None:
    make_cast(session)
    ids = [make_customer(session, name).id for name in ("One AG", "Other AG")]
    session.commit()
    engine, together = make_engine(database_app_url, pooled=False), Barrier(2)

    def put(child: int, parent: int) -> str:
        with Session(engine) as own:
            found = own.get_one(Customer, child), own.get_one(Customer, parent)
            together.wait(10)
            try:
                set_parent(own, *found)
            except CircleRefused as refused:
                return str(refused)
            own.commit()
            return "done"

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(put, ids, reversed(ids)))
    engine.dispose()
    assert sorted(text == "done" for text in said) == [False, True]
    session.expire_all()
    assert sorted(session.get_one(Customer, one).parent_id is None for one in ids) == [False, True]
