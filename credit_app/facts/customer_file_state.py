"""Whether a customer's file is complete and fresh on a day; the file's pages and the automatic grant both ask here."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Select,
    String,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from credit_app.domain import completeness_of_file as rule
from credit_app.domain.completeness_of_file import FilePolicy, FileState, Held
from credit_app.domain.grades import GradePolicy
from credit_app.domain.policy_values import Values
from credit_app.domain.statements import StatementPolicy
from credit_app.models import (
    Contact,
    CreditReport,
    Customer,
    FinancialStatement,
    InformationItem,
    Investigation,
    Owner,
    Rating,
    Reference,
    policy_values,
    the_company,
)

_DAYS_A_MONTH = 31  # a statement is not called stale a day too early


def file_state(session: Session, customer: Customer, day: date) -> FileState:
    """What the customer's file owes by the policy of `day`, and what of it is missing or stale then.

    `missing` and `stale` hold Gaps: a Sentence, the Sentence of what to do next, and the tab where; `complete` and
    `fresh` say that there are none. Rows recorded after `day` do not count.
    """
    values = policy_values(session, day)
    found = _held(session, customer, day, values)
    return state_of_parts(
        FilePolicy.from_policy(values), GradePolicy.from_policy(values), customer, found, day
    )


def state_of_parts(
    policy: FilePolicy, grades: GradePolicy, customer: Any, found: Sequence[Any], day: date
) -> FileState:
    """The state of a file out of its dated parts (part, as_of, valid_until, grade) as `parts_sql` gives them.

    `customer` has the columns of a Customer as its attributes.
    """
    grade = next((row.grade for row in found if row.part == "rating"), None)
    risk = grades.risk_of(grade) if grade else rule.UNRATED
    held = [Held(row.part, row.as_of, row.valid_until) for row in found]
    kind = rule.NEW if customer.is_new else rule.EXISTING
    return rule.state_of_file(policy, kind, risk, [*_master(customer), *held, *_instead(held)], day)


def statement_days(values: Values) -> int:
    """For how many days a year's figures hold: until the next ones can be expected."""
    return StatementPolicy.from_policy(values).stale_after_months * _DAYS_A_MONTH


def parts_sql(zone: str) -> str:
    """SQL of every dated part of a file: (part, as_of, valid_until, grade); `zone` is SQL for the company's zone.

    Its places are :customer_id, :as_of and :statement_days.
    """
    parts = _parts(
        literal_column(":customer_id", BigInteger),
        literal_column(":as_of", Date),
        literal_column(zone, String),
        literal_column(":statement_days", Integer),
    )
    dialect: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(union_all(*parts).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _master(customer: Any) -> Iterator[Held]:
    for part in rule.MASTER_DATA:
        if getattr(customer, part) not in (None, ""):
            yield Held(part)


def _instead(held: list[Held]) -> Iterator[Held]:
    """A recorded reason why there are no statements stands for them while it holds."""
    for row in held:
        if row.part == rule.ITEM + rule.NO_STATEMENTS:
            yield Held("statements", row.as_of, row.valid_until)


def _held(session: Session, customer: Customer, day: date, values: dict[str, Any]) -> list[Any]:
    """Every dated part of the file by `day` as (part, as_of, valid_until, grade), in one statement."""
    zone = the_company(session).time_zone
    parts = _parts(customer.id, day, zone, statement_days(values))
    return list(session.execute(union_all(*parts)).all())


def _parts(customer_id: Any, day: Any, zone: Any, days: Any) -> list[Select[Any]]:
    def local(instant: Any) -> Any:
        return cast(func.timezone(zone, instant), Date)

    def part(name: Any, as_of: Any, until: Any = None, grade: Any = None) -> Select[Any]:
        name = literal(name, String) if isinstance(name, str) else name
        until = cast(null(), Date) if until is None else until
        grade = cast(null(), String) if grade is None else grade
        columns = (name.label("part"), as_of.label("as_of"), until.label("valid_until"), grade.label("grade"))
        return select(*columns)

    items = _newest_items(customer_id, day)
    reported = func.coalesce(CreditReport.reported_on, local(CreditReport.recorded_at))
    until = FinancialStatement.period_end + days
    contacts = part("contacts", cast(null(), Date)).where(Contact.customer_id == customer_id).limit(1)
    statements = part("statements", FinancialStatement.period_end, cast(until, Date)).where(
        FinancialStatement.customer_id == customer_id, FinancialStatement.period_end <= day
    )
    ratings = part("rating", local(Rating.rated_at), Rating.valid_until, cast(Rating.grade, String)).where(
        Rating.customer_id == customer_id, local(Rating.rated_at) <= day
    )
    return [
        contacts,
        part(literal(rule.ITEM, String) + items.c.name, items.c.as_of, items.c.valid_until),
        part("references", Reference.given_on).where(
            Reference.customer_id == customer_id, Reference.given_on <= day
        ),
        part("owners", Owner.as_of).where(
            Owner.customer_id == customer_id,
            Owner.as_of <= day,
            func.coalesce(Owner.ended_on > day, True),
        ),
        part("investigation", local(Investigation.done_at)).where(
            Investigation.customer_id == customer_id, local(Investigation.done_at) <= day
        ),
        part("report", reported, CreditReport.valid_until).where(
            CreditReport.customer_id == customer_id,
            CreditReport.status.in_(("received", "not_needed")),
            reported <= day,
        ),
        statements.order_by(FinancialStatement.period_end.desc()).limit(1),
        ratings.order_by(Rating.rated_at.desc(), Rating.id.desc()).limit(1),
    ]


def _newest_items(customer_id: Any, day: Any) -> Any:
    """The newest information of each name by `day`: an older one no longer counts, even when it would hold longer."""
    return (
        select(InformationItem.name, InformationItem.as_of, InformationItem.valid_until)
        .where(InformationItem.customer_id == customer_id, InformationItem.as_of <= day)
        .ext(distinct_on(InformationItem.name))
        .order_by(InformationItem.name, InformationItem.as_of.desc(), InformationItem.id.desc())
        .subquery()
    )
