"""Reviews of limits on a database: the job that starts them, and people who answer their tasks."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from credit_app import reviews
from credit_app.forms.proposal import ProposalAnswer
from credit_app.forms.rating import Confirmation
from credit_app.forms.review import ProposedAction
from credit_app.models import CreditApplication, CreditLimit, Customer, Person
from tests.factories import make_limit, make_rating
from tests.processes.conftest import Desk
from workflows import Actor, Rest


@dataclass
class Reviewing:
    """The desk with limits under review."""

    desk: Desk

    def limit(self, customer: Customer, amount: int = 50_000, **values: Any) -> CreditLimit:
        """An open limit of the customer, committed."""
        limit = make_limit(self.desk.session, customer, amount, **values)
        self.desk.session.commit()
        return limit

    def rated(self, customer: Customer, grade: str = "BBB", **values: Any) -> None:
        """A rating that an analyst confirmed."""
        make_rating(self.desk.session, customer, grade, rated_by=self.desk.cast.alma.id, **values)
        self.desk.session.commit()

    def job(self) -> list[CreditApplication]:
        """The worker starts what is due; returns the reviews that it started."""
        session, started, last = self.desk.session, [], 0
        while (looked := reviews.start_next(session, self.desk.engine, last)) is not None:
            session.commit()
            last, review = looked
            if review is not None:
                started.append(review)
        session.commit()
        return started

    def expire(self) -> list[CreditLimit]:
        """The worker ends what is over."""
        ended = []
        while (limit := reviews.expire_next(self.desk.session)) is not None:
            self.desk.session.commit()
            ended.append(limit)
        self.desk.session.commit()
        return ended

    def answer(self, review: CreditApplication, person: Person, answer: Any) -> Rest:
        """A person answers the review's open task."""
        self.desk.session.refresh(review)
        return self.desk.complete(review, Actor(person.id), answer)

    def version(self, review: CreditApplication) -> int:
        """The version of the row as it stands."""
        self.desk.session.refresh(review)
        return review.version

    def assess(self, review: CreditApplication, limit: int = 50_000, **values: Any) -> Rest:
        """The analyst confirms the rating and proposes a figure."""
        alma = self.desk.cast.alma
        self.answer(review, alma, Confirmation("confirm", version=self.version(review)))
        given = {"terms_days": 30, "payment_method": "open_account", "reason": "As assessed today"} | values
        answer = ProposalAnswer("propose", version=self.version(review), limit=limit, **given)
        return self.answer(review, alma, answer)

    def propose(self, review: CreditApplication, action: str, reason: str = "As assessed") -> Rest:
        """The analyst proposes what becomes of the limit."""
        answer = ProposedAction(self.version(review), action, reason)
        return self.answer(review, self.desk.cast.alma, answer)

    def node(self, review: CreditApplication) -> str:
        """The node of the review's open task."""
        return self.desk.task(review).node

    def limits(self, customer: Customer) -> list[CreditLimit]:
        """Every limit of the customer, oldest first."""
        self.desk.session.expire_all()
        query = select(CreditLimit).where(CreditLimit.customer_id == customer.id).order_by(CreditLimit.id)
        return list(self.desk.session.scalars(query))
