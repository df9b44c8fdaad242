"""The base class and the column types that all credit tables share."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Identity, Numeric, func
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

from credit_app.db import db

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """What a type checker sees of `db.Model`, whose own type is dynamic."""

else:
    Model = db.Model

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Money = Annotated[Decimal, mapped_column(Numeric(18, 2))]
Day = Annotated[date, mapped_column(Date)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
# Rows made inside an action carry the action's own (injectable) time; the default serves everything else.
CreatedAt = Annotated[
    datetime,
    mapped_column(DateTime(timezone=True), default=lambda: datetime.now(UTC), server_default=func.now()),
]


def refers_to(target: str, **options: Any) -> MappedColumn[Any]:
    """A bigint column that refers to `target` ('table.id'); deleting what is referred to is refused."""
    return mapped_column(BigInteger, ForeignKey(target), **options)


def one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    """The database refuses any word for `column` that is not in `words`."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
