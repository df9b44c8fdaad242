"""Three years of financial statements for some demo customers: they balance, and each year follows from the last."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from sqlalchemy.orm import Session

from credit_app.demo.limits import noon
from credit_app.models import Customer, FinancialStatement, Person

YEARS = 3
THOUSAND = Decimal(1000)


def add_statements(
    session: Session, customers: list[Customer], analyst: Person, today: date, random: Random
) -> None:
    """Statements of the last years that are over; one customer lacks a year, one has only one."""
    last = today.year - 1 if today >= date(today.year, 4, 1) else today.year - 2
    for place, customer in enumerate(customers):
        sales = Decimal(random.randrange(4, 60)) * 1_000 * THOUSAND
        retained = sales * Decimal("0.12")
        for year in range(last - YEARS + 1, last + 1):
            sales *= Decimal(random.randrange(94, 112)) / 100
            figures, retained = _year(sales, retained, random)
            if (place == 4 and year == last - 1) or (place == 9 and year < last):
                continue
            end = date(year, 12, 31)
            session.add(
                FinancialStatement(
                    customer_id=customer.id,
                    period_end=end,
                    currency="EUR",
                    audited=place % 3 != 0,
                    source="Annual accounts, published",
                    figures={key: str(amount) for key, amount in figures.items()},
                    recorded_by=analyst.id,
                    recorded_at=noon(date(year + 1, 3, 20)),
                )
            )
    session.flush()


def _year(sales: Decimal, kept: Decimal, random: Random) -> tuple[dict[str, Decimal], Decimal]:
    """The figures of a year, and the earnings kept at its end. Totals are the sums of their parts."""

    def part(low: int, high: int) -> Decimal:
        return _whole(sales * Decimal(random.randrange(low, high)) / 1000)

    line: dict[str, Decimal] = {"sales": _whole(sales), "cost_of_sales": part(600, 700)}
    line["gross_profit"] = line["sales"] - line["cost_of_sales"]
    line["operating_expenses"] = part(210, 270)
    line["operating_profit"] = line["gross_profit"] - line["operating_expenses"]
    line["interest_expense"], line["other_result"] = part(6, 14), Decimal(0)
    line["profit_before_tax"] = line["operating_profit"] - line["interest_expense"]
    line["tax"] = max(Decimal(0), _whole(line["profit_before_tax"] * Decimal("0.28")))
    line["net_profit"] = line["profit_before_tax"] - line["tax"]
    line["dividends"] = max(Decimal(0), _whole(line["net_profit"] * Decimal("0.3")))
    kept = _whole(kept) + line["net_profit"] - line["dividends"]
    line |= {"cash": part(30, 90), "receivables": part(110, 170), "inventory": part(90, 150)}
    line["other_current_assets"] = part(5, 20)
    line["current_assets"] = sum(
        (line[key] for key in ("cash", "receivables", "inventory", "other_current_assets")), Decimal(0)
    )
    line |= {"tangible_fixed_assets": part(180, 260), "intangible_assets": part(5, 25)}
    line["other_non_current_assets"] = part(2, 12)
    line["non_current_assets"] = sum(
        (line[key] for key in ("tangible_fixed_assets", "intangible_assets", "other_non_current_assets")),
        Decimal(0),
    )
    line["total_assets"] = line["current_assets"] + line["non_current_assets"]
    line |= {"share_capital": _whole(line["sales"] * Decimal("0.05")), "retained_earnings": kept}
    line["other_equity"] = Decimal(0)
    line["equity"] = line["share_capital"] + kept
    line["total_liabilities"] = line["total_assets"] - line["equity"]
    line["non_current_liabilities"] = _whole(line["total_liabilities"] * Decimal("0.4"))
    line["current_liabilities"] = line["total_liabilities"] - line["non_current_liabilities"]
    line["depreciation"], line["operating_cash_flow"] = part(20, 40), line["net_profit"] + part(20, 40)
    return line, kept


def _whole(amount: Decimal) -> Decimal:
    """To whole thousands."""
    return (amount / THOUSAND).quantize(Decimal(1), ROUND_HALF_UP) * THOUSAND
