"""Limits under review at every stage, and temporary limits, made by running the processes at past instants."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_app import resources, reviews
from credit_app.demo.applications import SOURCE, Desk, working_instant
from credit_app.demo.assessing import analyst, assess, gathered, waiting
from credit_app.facts.customer_figures import newest_rating
from credit_app.facts.review_state import triggers_of
from credit_app.forms.proposal import ProposalAnswer
from credit_app.forms.rating import Confirmation
from credit_app.forms.review import ProposedAction
from credit_app.forms.temporary_limit import Wanted
from credit_app.models import CreditApplication, CreditLimit, Customer, Person, next_application_number
from credit_app.models import permanent_limit as open_limit_of
from credit_app.processes import registry_of
from workflows import SYSTEM, Actor, Engine, clock

# Customers of which no application is told; whose limit has ended by now is passed over.
AT_HAND = (
    "Nova Dental GmbH",
    "Fjordtech AS",
    "Jansen Tuinbouw BV",
    "Delta Pharma Verpackung GmbH",
    "Rhône Textiles SA",
    "Thrakia Foods AE",
    "Umbria Mobili Srl",
    "Valencia Azulejos SL",
)
MEASURES = "Hold new orders until the oldest items are paid\nCall the customer and agree on a payment plan"


def add_reviews(
    session: Session, customers: dict[str, Customer], people: dict[str, Person], today: date
) -> None:
    """A renewed limit, a cut that waits for its level, one being assessed, one whose measures wait; temporary ones."""
    engine = Engine(registry_of(resources.bpmn()))
    told = Demo(Desk(session, engine, people, today), customers, today)
    renewed, cut, gathering, crossed = told.with_limits(4)
    told.renewed(renewed)
    told.cut_in_approval(cut)
    told.gathering(gathering)
    told.crossed(crossed)
    told.temporary(
        renewed, 4, 1, Decimal("1.5"), "Trade fair in autumn, twice the usual orders", decided=True
    )
    told.temporary("Alpenwerk Maschinenbau AG", 2, 2, Decimal("1.3"), "One machine more in this quarter")
    told.desk.fire_until(datetime.combine(today, time(), ZoneInfo("UTC")))


class Demo:
    """Tells the stories of the limits."""

    def __init__(self, desk: Desk, customers: dict[str, Customer], today: date) -> None:
        self.desk = desk
        self.customers = customers
        self.today = today

    def with_limits(self, count: int) -> list[str]:
        """The first customers at hand that have an open limit, the best score first."""
        session = self.desk.session
        found = [name for name in AT_HAND if open_limit_of(session, self.customers[name].id) is not None]
        return sorted(found[:count], key=self._score, reverse=True)

    def renewed(self, name: str) -> None:
        """Reviewed on its day, renewed some weeks ago."""
        review = self._on_its_day(name, 20, 11)
        with clock.at(working_instant(self.today, 18, 11)):
            assess(self.desk, review, 11)
            self._propose(review, "renew", "Pays as agreed, nothing against it", 11)
        with clock.at(working_instant(self.today, 17, 11)):
            self.desk.approve_until(review, 11)

    def cut_in_approval(self, name: str) -> None:
        """Reviewed on its day; the cut that the analyst proposes waits for its level."""
        review = self._on_its_day(name, 6, 12)
        with clock.at(working_instant(self.today, 4, 12)):
            self._assess_lower(review, Decimal("0.6"), 12)
            self._propose(review, "cut", "Pays later every quarter; less is needed", 12)

    def gathering(self, name: str) -> None:
        """Started by hand; report, investigation and statements wait."""
        limit = self._limit(name)
        manager = self.desk.people["ines.moreau"]
        with clock.at(working_instant(self.today, 2, 13)):
            reason = "Change of owner reported in the trade press"
            reviews.start_by_hand(self.desk.session, self.desk.engine, limit.id, reason, manager.id)

    def crossed(self, name: str) -> None:
        """The score stands just below the warning line; the measures wait to be taken."""
        limit = self._limit(name)
        limit.warning_score, limit.warning_measures = self._score(name) + 1, MEASURES
        with clock.at(working_instant(self.today, 1, 14)):
            self._start(limit)

    def temporary(
        self, name: str, days_ago: float, number: int, share: Decimal, why: str, *, decided: bool = False
    ) -> None:
        """A request for a temporary limit; decided: it is open."""
        customer, session = self.customers[name], self.desk.session
        assert customer.sales_rep is not None, "every demo customer has a sales rep"  # noqa: S101
        with clock.at(working_instant(self.today, days_ago, number)):
            application = CreditApplication(
                kind="temporary",
                number=next_application_number(session, clock.now().year, "temporary"),
                requested_by=customer.sales_rep.id,
                branch_id=customer.branch_id,
                customer_id=customer.id,
                created_at=clock.now(),
            )
            session.add(application)
            session.flush()
            rest = self.desk.engine.start(
                session, "temporary_limit", application.id, {"application_id": application.id},
                Actor(customer.sales_rep.id), SOURCE,
            )  # fmt: skip
            application.instance_id = rest.instance_id
            session.flush()
            limit = self._limit(name)
            until = self.today + timedelta(days=25)
            wanted = Wanted(application.version, customer.id, limit.amount * share, until, why)
            self.desk.complete(application, customer.sales_rep, wanted)
        if decided:
            with clock.at(working_instant(self.today, days_ago - 1, number)):
                self.desk.approve_until(application, number)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _score(self, name: str) -> Decimal:
        """The customer's score today; 0 before it was rated."""
        rating = newest_rating(self.desk.session, self.customers[name].id)
        return Decimal(0) if rating is None or rating.score is None else rating.score

    def _limit(self, name: str) -> CreditLimit:
        limit = open_limit_of(self.desk.session, self.customers[name].id)
        assert limit is not None, f"{name} has an open limit"  # noqa: S101
        return limit

    def _on_its_day(self, name: str, days_ago: int, number: int) -> CreditApplication:
        """The review that started on the day for which it was planned."""
        limit = self._limit(name)
        instant = working_instant(self.today, days_ago, number)
        limit.review_on = instant.date()
        with clock.at(instant):
            return self._start(limit)

    def _start(self, limit: CreditLimit) -> CreditApplication:
        session = self.desk.session
        session.flush()
        triggers = triggers_of(session, limit, reviews.today_of(session))
        return reviews.start(session, self.desk.engine, limit, triggers, SYSTEM, "job:start_reviews")

    def _assess_lower(self, review: CreditApplication, share: Decimal, number: int) -> None:
        """As the other analysts do, but with a lower figure."""
        desk = self.desk
        for node, answer in gathered(review):
            if node in waiting(desk.session, review):
                desk.complete(review, analyst(desk, review, node, number), answer, node)
        person = analyst(desk, review, "confirm_rating", number)
        desk.complete(review, person, Confirmation("confirm"), "confirm_rating")
        desk.session.refresh(review)
        lower = (review.requested_limit or Decimal(0)) * share
        answer = ProposalAnswer(
            "propose",
            review.version,
            lower.quantize(Decimal(1)),
            review.terms_days,
            review.payment_method or "",
            reason="What the customer still buys needs no more.",
        )
        desk.complete(review, analyst(desk, review, "set_proposal", number), answer, "set_proposal")

    def _propose(self, review: CreditApplication, action: str, reason: str, number: int) -> None:
        self.desk.session.refresh(review)
        person = analyst(self.desk, review, "propose_action", number)
        answer = ProposedAction(review.version, action, reason)
        self.desk.complete(review, person, answer, "propose_action")
