"""What the address of the worklist asks for: which part of it, filters, and what each filter offers."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, true
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.collection import PAUSED, REASON_CODES, STAGES
from credit_app.domain.worklist import WATCH_TAGS
from credit_app.i18n import _
from credit_app.models import CollectionCase, Customer, Person
from credit_app.models.worklist import CollectionScore, WatchTag
from credit_app.permissions import branches_of
from credit_app.screens.access import person
from credit_app.screens.clock import today
from credit_app.screens.collection.cases import mine
from credit_app.screens.collection.views import BRANCH, MINE, WORKERS, scopes
from credit_app.screens.collection.words import reason_code_word
from credit_app.screens.collection.worklist_words import tag_word
from credit_app.screens.listing import BadParameter, Listing, Sort
from credit_app.screens.words import status_word

FAR = date(9999, 12, 31)  # where nothing is overdue that is neither disputed nor promised
SCORE = func.coalesce(CollectionScore.score, 0)
SORTS = {
    "score": Sort(SCORE, int),
    "overdue": Sort(func.coalesce(CollectionCase.amount, 0), Decimal),
    "age": Sort(func.coalesce(CollectionCase.oldest_due, FAR), date.fromisoformat),
}
NOBODY = "none"
DUE = ("today", "late")
LONGEST_ID = 18


class Asked:
    """What the address asks for. Raises BadParameter for what this list does not know."""

    def __init__(self, listing: Listing) -> None:
        self.scopes = scopes()
        self.scope = listing.choice("scope", self.scopes) or self.scopes[0]
        self.stage = listing.choice("stage", (PAUSED, *STAGES))
        self.reason = listing.choice("reason", REASON_CODES)
        self.due = listing.choice("due", DUE)
        self.tag = listing.choice("tag", WATCH_TAGS)
        self.collector = listing.args.get("collector")
        if self.collector and self.collector != NOBODY and not is_id(self.collector):
            raise BadParameter(_("This is no collector of this list."))

    @property
    def narrowed(self) -> bool:
        """Whether a filter is set."""
        return any((self.stage, self.reason, self.due, self.tag, self.collector))

    def ids(self) -> Select[Any]:
        """The ids of the cases, with what they can be sorted by; narrow, so that many are sorted at once."""
        query = (
            select(CollectionCase.id)
            .join(CollectionCase.customer)
            .outerjoin(CollectionScore, CollectionScore.case_id == CollectionCase.id)
        )
        return query.where(CollectionCase.status == "open", mine(), within(self.scope), *self.conditions())

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """The filters that are set."""
        if self.stage:
            yield CollectionCase.stage == self.stage
        if self.reason:
            yield CollectionCase.reason_code == self.reason
        if self.collector:
            yield (
                CollectionCase.collector_id.is_(None)
                if self.collector == NOBODY
                else CollectionCase.collector_id == int(self.collector)
            )
        if self.due == "today":
            yield CollectionCase.follow_up_on <= today()
        elif self.due == "late":
            yield CollectionCase.follow_up_on < today()
        if self.tag:
            yield exists().where(
                WatchTag.customer_id == CollectionCase.customer_id,
                WatchTag.tag == self.tag,
                WatchTag.ended_at.is_(None),
            )


def with_scores(ids: Sequence[int] | Select[Any]) -> Any:
    """Select the cases with these ids and their scores, not sorted yet."""
    query = select(CollectionCase, CollectionScore).outerjoin(
        CollectionScore, CollectionScore.case_id == CollectionCase.id
    )
    names = (
        joinedload(CollectionCase.customer).joinedload(Customer.branch),
        joinedload(CollectionCase.collector),
    )
    return query.where(CollectionCase.id.in_(ids)).options(*names)


def within(scope: str) -> ColumnElement[bool]:
    """The condition of a part of the worklist."""
    if scope == MINE:
        return CollectionCase.collector_id == person().id
    if scope == BRANCH:
        return Customer.branch_id.in_(branches_of(person(), WORKERS) or ())
    return true()


def choices(asked: Asked) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers, as (value, words)."""
    working = (
        select(Person.id, Person.name)
        .where(exists().where(CollectionCase.collector_id == Person.id, CollectionCase.status == "open"))
        .order_by(Person.name, Person.id)
    )
    people = [(str(row.id), str(row.name)) for row in db.session.execute(working)]
    return {
        "stage": [(one, str(status_word(f"stage_{one}").label)) for one in (*STAGES, PAUSED)],
        "collector": [] if asked.scope == MINE else [*people, (NOBODY, _("nobody"))],
        "reason": [(one, reason_code_word(one)) for one in REASON_CODES],
        "due": [("today", _("today or earlier")), ("late", _("late"))],
        "tag": [(one, tag_word(one)) for one in WATCH_TAGS],
    }


def is_id(text: str) -> bool:
    """Whether a text can be the id of a row."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_ID
