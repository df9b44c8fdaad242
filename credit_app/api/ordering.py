"""Orders: messages of the order system, what the check would say of one, and how one stands."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload

from credit_app import orders
from credit_app.api.asking import read
from credit_app.api.clock import now, today
from credit_app.api.inputs import ORDER_QUESTION, ORDER_ROW
from credit_app.api.outputs import ORDER, ORDER_ANSWER, ORDERS_TAKEN, shaped
from credit_app.api.problems import ApiProblem
from credit_app.api.taking import read_row, reader_of, refused
from credit_app.domain.order_facts import Finding
from credit_app.facts.api_tokens import Caller
from credit_app.facts.order_check import check_order
from credit_app.facts.order_reading import Asked
from credit_app.i18n import said
from credit_app.importers.checks import Values
from credit_app.importers.report import Problem, plainly
from credit_app.models import MissingRate
from credit_app.models.orders import OrderCheck, SalesOrder

RESULTS = ("new", "changed", "same", "older")
USUAL_METHOD = "open_account"
ZERO = Decimal(0)
_TOO_LONG = f"is more than {orders.LONGEST_DAYS} days"


def take_orders(session: Session, token: Caller, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Take in messages about orders, in their order; the answer says of each what the check says. Raises ApiProblem.

    The customers of all rows are held before the first is checked, so that no two requests wait for each other.
    """
    reader = reader_of(token, "entries", ORDER_ROW, own=True)
    readings = [read_row(reader, number, row, ORDER_ROW) for number, row in enumerate(rows, 1)]
    problems = [problem for _number, _found, wrong in readings for problem in wrong]
    known = _customers(session, (row.get("customer_external_id") for row in rows))
    orders.hold_customers(session, known.values())
    results: list[dict[str, Any]] = []
    for number, found, _wrong in readings:
        result: dict[str, Any] = {"row": number, "result": "same"}
        results.append(result)
        for values in found:
            try:
                result |= _take(session, token, values, known)
            except orders.OrderRefused as error:
                shown = str(values.get(error.field) or "")
                problems.append(Problem(number, error.field, shown, plainly(said(error))))
            except MissingRate as error:
                problems.append(Problem(number, "currency", str(values["currency"]), plainly(said(error))))
    if problems:
        raise refused([{"row": one["row"], "result": "same"} for one in results], problems)
    words = [result["result"] for result in results]
    return shaped({word: words.count(word) for word in RESULTS} | {"rows": results}, ORDERS_TAKEN)


def question_answer(session: Session, token: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the check says of an order that is only asked about; nothing is kept of it. Raises ApiProblem, MissingRate.

    Kept answers would be no history of anything: an order that is entered is checked anew, and only that counts.
    """
    reader = reader_of(token, "entries", ORDER_QUESTION, own=True)
    _number, found, problems = read_row(reader, 1, dict(given), ORDER_QUESTION)
    values = found[0] if found else {}
    day = values.get("as_of") or today()
    if found and day > today():
        problems.append(Problem(1, "as_of", str(day), plainly("lies in the future")))
    if found and values["deliver_on"] is not None and values["deliver_on"] < day:
        problems.append(
            Problem(
                1, "deliver_on", str(values["deliver_on"]), plainly("is before the day that is asked about")
            )
        )
    if found and values["amount"] <= 0:
        problems.append(Problem(1, "amount", str(values["amount"]), plainly("is not above zero")))
    if found and values["payment_days"] > orders.LONGEST_DAYS:
        problems.append(Problem(1, "payment_days", str(values["payment_days"]), plainly(_TOO_LONG)))
    if problems:
        first = problems[0]
        raise ApiProblem(422, f"{first.column}: {first.reason}.".removeprefix(": "))
    customer_id, number = _customer(session, values["customer"])
    asked = Asked(
        customer_id,
        values["amount"],
        values["currency"],
        values["payment_days"],
        values["payment_method"] or USUAL_METHOD,
        deliver_on=values["deliver_on"],
    )
    result = check_order(session, asked, day)
    read(session, token, customer_id, "account")
    outcome = _outcome(result.outcome, result.figures, map(_plain, result.findings))
    return shaped({"customer": number, "as_of": day} | outcome, ORDER_ANSWER)


def order_answer(session: Session, token: Caller, name: str) -> dict[str, Any]:
    """An order of the token's source with its last check. Raises ApiProblem 404."""
    query = select(SalesOrder).where(SalesOrder.source == token.source, SalesOrder.external_id == name)
    order = session.scalars(
        query.options(joinedload(SalesOrder.customer), joinedload(SalesOrder.release))
    ).one_or_none()
    if order is None:
        raise ApiProblem(404, "There is no order with this external id from this token's source.")
    read(session, token, order.customer_id, "account")
    values = {name: getattr(order, name) for name in ORDER if hasattr(order, name)} | {
        "customer": order.customer.number,
        "customer_external_id": order.customer.external_id,
        "order_currency": order.currency,
        "release": order.release.number if order.release else None,
    }
    return shaped(values | _kept(orders.last_check(session, order)), ORDER)


def _take(session: Session, token: Caller, values: Values, known: Mapping[str, int]) -> dict[str, Any]:
    customer_id = known.get(values["customer_external_id"])
    if customer_id is None:
        raise orders.OrderRefused("customer_external_id", "is no customer here")
    message = orders.Message(
        external_id=values["external_id"],
        customer_id=customer_id,
        amount=values["amount"],
        currency=values["currency"],
        payment_days=_days(values["payment_days"]),
        method=values["payment_method"] or USUAL_METHOD,
        ordered_on=values["ordered_on"],
        deliver_on=values["deliver_on"],
        delivered=values["delivered_amount"] or ZERO,
        invoiced=values["invoiced_amount"] or ZERO,
        status=values["status"] or "open",
        sequence=values["sequence"],
    )
    taken = orders.take(session, token.source, message, today(), now(), token.id)
    said_of_it = {"external_id": message.external_id, "checked_on": taken.last.as_of}
    return {"result": taken.result} | said_of_it | _kept(taken.last)


def _days(number: int) -> int:
    if number > orders.LONGEST_DAYS:
        raise orders.OrderRefused("payment_days", _TOO_LONG)
    return number


def _kept(check: OrderCheck) -> dict[str, Any]:
    """The outcome as it was kept; amounts are exact texts already."""
    return _outcome(check.outcome, check.figures, check.findings)


def _plain(found: Finding) -> dict[str, Any]:
    """As a kept finding, what an answer says of it."""
    return {
        "rule": found.rule,
        "severity": found.severity,
        "released": found.released,
        "sentence": {"text": found.sentence.text},
        "remedy": {"text": found.remedy.text} if found.remedy else None,
    }


def _outcome(
    outcome: str, figures: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    names = ("exposure_before", "exposure_after", "limit", "available_before", "overdue")
    return {
        **{name: _amount(figures[name]) for name in names},
        "outcome": outcome,
        "currency": figures["currency"],
        "limit_of": figures["limit_of"],
        "oldest_overdue_days": figures["oldest_overdue_days"],
        "findings": [
            {
                "rule": one["rule"],
                "severity": one["severity"],
                "released": one["released"],
                "text": one["sentence"]["text"],
                "remedy": one["remedy"]["text"] if one["remedy"] else None,
            }
            for one in findings
        ],
    }


def _amount(value: Any) -> str | None:
    return None if value is None else f"{Decimal(value):.2f}"


def _customers(session: Session, names: Iterable[Any]) -> dict[str, int]:
    """External id, else number of ours -> id of the customers that there are."""
    wanted = sorted({name.strip() for name in names if isinstance(name, str)})
    return {row.name: row.id for row in session.execute(_BY_NAMES, {"names": wanted})}


def _customer(session: Session, key: str) -> tuple[int, str]:
    """Id and number of the customer with this external id, else with this number of ours. Raises ApiProblem 404."""
    found = session.execute(_BY_KEY, {"key": key}).first()
    if found is None:
        raise ApiProblem(404, "There is no customer with this external id or number.")
    return found.id, found.number


# As text: to put a query together takes longer than to answer it, and a hundred questions come a second.
_BY_NAMES = text("""
    SELECT id, number AS name, 0 AS place FROM customer WHERE number = ANY(:names)
    UNION ALL SELECT id, external_id, 1 FROM customer WHERE external_id = ANY(:names) ORDER BY place
""")
_BY_KEY = text("""
    SELECT id, number FROM customer WHERE external_id = :key
    UNION ALL SELECT id, number FROM customer WHERE number = :key LIMIT 1
""")
