"""How many orders of a customer run, are on hold, and have a release under way or in force."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.models.orders import WAITING_RELEASES, OrderRelease, SalesOrder


@dataclass(frozen=True, slots=True)
class CustomerOrders:
    """How many of each there are."""

    open: int
    held: int
    asked: int
    released: int

    @property
    def any(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.open or self.asked or self.released)


def orders_of(session: Session, customer_id: int) -> CustomerOrders:
    """Count the open orders of a customer, those on hold among them, and its releases that run."""
    running, held = session.execute(
        select(func.count(), func.count().filter(SalesOrder.is_held)).where(
            SalesOrder.customer_id == customer_id, SalesOrder.status == "open"
        )
    ).one()
    asked, active = session.execute(
        select(
            func.count().filter(OrderRelease.status.in_(WAITING_RELEASES)),
            func.count().filter(OrderRelease.status == "active"),
        ).where(OrderRelease.customer_id == customer_id)
    ).one()
    return CustomerOrders(running, held, asked, active)
