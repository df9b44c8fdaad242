"""What every case about a customer has in common: its number, whom it is about, where it stands, its process."""

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from credit_app.models.base import CreatedAt, Id, Money, refers_to
from credit_app.models.customer import Customer


class CustomerCase:
    """The columns of a case about a customer. `amount` in `currency` is what the case is about, as lists show it;
    `instance_id` the process that carries it, None for the moment before it starts."""

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    customer_id: Mapped[int] = refers_to("customer.id")
    status: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(String(3), ForeignKey("currency.code"))
    instance_id: Mapped[int | None] = refers_to("instance.id", unique=True)
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    @declared_attr
    @classmethod
    def customer(cls) -> Mapped[Customer]:
        """Whom the case is about."""
        return relationship(Customer)

    @property
    def other_side(self) -> Any:
        """Whom the case is about, with number, name and branch: the customer, where there is nobody else to be."""
        return self.customer
