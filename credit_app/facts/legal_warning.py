"""The warning before a suit: which demand has reached the debtor, and from when the law lets the claim be filed."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.facts import legal
from credit_app.facts.limitation import limitation_of
from credit_app.i18n import _, written_day
from credit_app.models.dunning import DunningItem, DunningLetter
from credit_app.models.legal import LegalCase, LegalDocument
from workflows import Action, InvalidAnswer

WARNINGS = ("final_demand", "lawyer_letter")


@dataclass(frozen=True, slots=True)
class Warned:
    """`days` have to pass between the warning and the suit; `received_on`: the first warning with proof that it reached
    the debtor, None: there is none; `last_on`: the first day on which limitation or a preservation ends."""

    days: int
    received_on: date | None
    last_on: date | None

    def first_day(self, today: date) -> date:
        """The day from which the claim may be filed, had the debtor been warned today if not before."""
        return (self.received_on or today) + timedelta(days=self.days)

    def may_file(self, filed_on: date, today: date) -> bool:
        """Whether a claim may be filed on a day: the days are over, or waiting for them would cost the claim."""
        if self.days == 0 or (self.received_on is not None and self.first_day(today) <= filed_on):
            return True
        return self.last_on is not None and self.last_on < self.first_day(today)


def warned(session: Session, case: LegalCase, today: date) -> Warned:
    """How the debtor of a case was warned: by a letter with proof of delivery that claims one of the items, or by a
    demand that was filed as a paper of the case with the day on which it was received."""
    items = [row.item_id for row in case.items]
    letters = (
        select(func.min(DunningLetter.delivered_on))
        .join(DunningItem, DunningItem.letter_id == DunningLetter.id)
        .where(DunningItem.item_id.in_(items), DunningItem.claimed > 0, DunningLetter.level.in_(WARNINGS))
    )
    papers = select(func.min(LegalDocument.received_on)).where(LegalDocument.case_id == case.id)
    found = [day for day in (session.scalar(letters), session.scalar(papers)) if day is not None]
    ends = [one.chain.ends_on for one in limitation_of(session, items, today).values()]
    ends += [row.due_on for row in legal.open_dates(case, "preservation")]
    return Warned(
        legal.terms_of(session, case, today).notice_days,
        min(found, default=None),
        min((day for day in ends if day >= today), default=None),
    )


def check_warned(action: Action, case: LegalCase, filed_on: date) -> None:
    """Raises InvalidAnswer for a suit before the days of notice are over, unless waiting would cost the claim."""
    found = warned(action.session, case, action.today)
    if found.may_file(filed_on, action.today):
        if found.received_on is None or found.first_day(action.today) > filed_on:
            action.note("filed_without_warning", days=found.days)
        return
    raise InvalidAnswer("filed_on", sentence(found, action.today))


def sentence(found: Warned, today: date) -> str:
    """Why a claim may not be filed yet."""
    if found.received_on is None:
        return _(
            "A final demand or a lawyer's letter has to reach the debtor %(days)s days before the suit, and none has "
            "proof of delivery: prove the delivery of the letter, or file the demand with its day as a paper "
            "of the case.",
            days=found.days,
        )
    return _(
        "The debtor received the demand on %(day)s; the claim may be filed from %(first)s, after %(days)s days of "
        "notice.",
        day=written_day(found.received_on),
        first=written_day(found.first_day(today)),
        days=found.days,
    )
