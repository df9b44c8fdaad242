"""Collectors at work in the demo: what was said with whom, when somebody looks again, and what is watched."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.demo.limits import noon
from credit_app.facts.contacts import take_down
from credit_app.facts.watch_tags import set_tag
from credit_app.facts.worklist import rescore
from credit_app.models import CollectionCase, Person
from workflows import clock

# Days ago, channel, from whom, what came of it, whom, what was said, days until somebody looks again.
SAID = (
    (9, "call", "out", "not_reached", "", "", None),
    (
        5,
        "call",
        "out",
        "cannot_pay",
        "Head of accounting",
        "Waits for a payment of its own until next week.",
        4,
    ),
    (
        4,
        "email",
        "in",
        "paid",
        "Accounts payable",
        "Says the transfer left on Monday; asked for the receipt.",
        3,
    ),
    (
        3,
        "call",
        "out",
        "promise",
        "Managing director",
        "Half at the end of the week, the rest by mid-month.",
        12,
    ),
    (2, "call", "out", "dispute", "Purchasing", "Two pallets came damaged; photos follow by e-mail.", 1),
    (2, "meeting", "out", "plan", "Managing director", "Asks for three instalments; wants it in writing.", 2),
    (1, "call", "out", "refused", "Head of accounting", "Will not pay the last invoice at all.", None),
)
WATCHED = (
    ("heavy_arrears", "Owes for more than a year; taken over with the old ledger"),
    ("protected", "Supplies the city's hospital; a stop would do harm"),
    ("mobile", "Third address within a year"),
)


def add_worklist(session: Session, people: dict[str, Person], today: date) -> None:
    """Let the collectors have spoken with some of the debtors whose cases are open."""
    cases = session.scalars(select(CollectionCase).where(CollectionCase.status == "open")).all()
    cases = sorted(cases, key=lambda case: (-(case.amount or 0), case.id))
    for place, case in enumerate(cases[1:]):
        if place % 3 == 2:
            continue  # nobody has spoken with this one yet
        ago, channel, direction, choice, reached, note, again = SAID[place % len(SAID)]
        day = today - timedelta(days=ago)
        with clock.at(noon(day)):
            take_down(
                session, case, choice, case.collector_id, noon(day), day, channel=channel, direction=direction,
                reached=reached, note=note,
                follow_up_on=day + timedelta(days=again) if again is not None else None,
            )  # fmt: skip
    with clock.at(noon(today - timedelta(days=2))):
        for case, (tag, reason) in zip(cases, WATCHED, strict=False):
            set_tag(session, case.customer_id, tag, reason, people["michael.okafor"].id)
    rescore(session, today)
