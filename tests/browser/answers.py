"""What each task of a whole credit is answered with in a browser, in whatever language its page is."""

from collections.abc import Callable
from datetime import date, timedelta

from tests.browser.assessing import DEED
from tests.browser.live import Person
from workflows import clock

CHANNELS = 7
THIS_YEAR = {
    "cash": "900", "receivables": "1 400", "inventory": "1 200", "current_assets": "3 500",
    "tangible_fixed_assets": "2 500", "non_current_assets": "2 500", "total_assets": "6 000", "payables": "900",
    "short_term_debt": "500", "current_liabilities": "1 400", "long_term_debt": "1 100",
    "non_current_liabilities": "1 100", "total_liabilities": "2 500", "share_capital": "1 000",
    "retained_earnings": "2 500", "equity": "3 500", "sales": "12 000", "cost_of_sales": "8 000",
    "gross_profit": "4 000", "operating_expenses": "3 000", "operating_profit": "1 000", "interest_expense": "80",
    "profit_before_tax": "920", "tax": "220", "net_profit": "700", "depreciation": "300", "dividends": "200",
    "operating_cash_flow": "1 050", "investing_cash_flow": "-500", "financing_cash_flow": "-350",
    "change_in_cash": "200",
}  # fmt: skip
LAST_YEAR = THIS_YEAR | {
    "cash": "700", "receivables": "1 300", "inventory": "1 100", "current_assets": "3 100", "total_assets": "5 600",
    "payables": "900", "current_liabilities": "1 400", "long_term_debt": "1 200", "non_current_liabilities": "1 200",
    "total_liabilities": "2 600", "retained_earnings": "2 000", "equity": "3 000", "sales": "11 000",
    "cost_of_sales": "7 400", "gross_profit": "3 600", "operating_expenses": "2 750", "operating_profit": "850",
    "interest_expense": "90", "profit_before_tax": "760", "tax": "180", "net_profit": "580", "dividends": "150",
    "operating_cash_flow": "900", "investing_cash_flow": "-450", "financing_cash_flow": "-330", "change_in_cash": "120",
}  # fmt: skip


# Sixty figures, as one types them; by themselves each takes the driver a tenth of a second.
TYPE_ALL = """figures => Object.entries(figures).forEach(([name, typed]) => {
  const field = document.getElementsByName(name)[0];
  field.value = typed;
  field.dispatchEvent(new Event('input', {bubbles: true}));
})"""


def today() -> date:
    return clock.now().date()


def choose(person: Person, name: str, value: str) -> None:
    """Click the card of a choice."""
    person.page.locator(f"label[for='{name}-{value}']").click()


def record_report(person: Person) -> None:
    choose(person, "choice", "not_needed")
    person.page.fill("[name=note]", "The register and the bank say enough")


def investigate_customer(person: Person) -> None:
    page = person.page
    for place in range(CHANNELS):
        if page.locator(f"[name=findings-{place}-source]").count():
            page.fill(f"[name=findings-{place}-source]", "As read on its own pages")
            page.fill(f"[name=findings-{place}-found_on]", today().isoformat())
            page.fill(f"[name=findings-{place}-finding]", "Nothing speaks against it")
            page.select_option(f"[name=findings-{place}-assessment]", "positive")
    page.check("[name=nothing_on_record]")
    page.fill("[name=record_source]", "Court register")
    page.fill("[name=summary]", "A sound company with two plants")


def enter_statements(person: Person) -> None:
    """Two years of figures, in thousands."""
    page = person.page
    choose(person, "choice", "enter")
    page.select_option("[name=currency]", "EUR")
    page.select_option("[name=unit]", "1000")
    page.fill("[name=source]", "Annual reports")
    for place, (year, figures) in enumerate(((today().year - 1, THIS_YEAR), (today().year - 2, LAST_YEAR))):
        page.fill(f"[name=years-{place}-period_end]", f"{year}-12-31")
        page.evaluate(TYPE_ALL, {f"years-{place}-{line}": typed for line, typed in figures.items()})
    page.fill("[name=remark]", "Its first full year was the one before the last")


def confirm_rating(person: Person) -> None:
    choose(person, "choice", "confirm")


def set_proposal(person: Person) -> None:
    """The limit as asked for, a warning line and, for a new limit, a guarantee."""
    page = person.page
    choose(person, "choice", "propose")
    page.fill("[name=limit]", "6 000 000")
    page.fill("[name=reason]", "Two plants depend on it, and a bank stands behind it")
    page.fill("[name=warning_utilisation]", "90")
    page.fill("[name=warning_measures]", "Look at the open orders with the sales rep")
    if "LR-" not in person.text():
        page.select_option("[name=securities-0-kind]", "guarantee")
        page.fill("[name=securities-0-amount]", "400 000")
        page.fill("[name=securities-0-provider]", "Hausbank AG")


def propose_action(person: Person) -> None:
    choose(person, "action", "renew")
    person.page.fill("[name=reason]", "As sound as a year ago")


def decide_limit(person: Person) -> None:
    choose(person, "decision", "approve")


def vote(person: Person) -> None:
    choose(person, "vote", "for")


def confirm_conditions(person: Person) -> None:
    person.page.check("[name=rows-0-result][value=confirmed]")
    person.page.fill("[name=rows-0-expires_on]", (today() + timedelta(days=900)).isoformat())
    person.page.set_input_files("[name=rows-0-file]", DEED)


ANSWERS: dict[str, Callable[[Person], None]] = {
    one.__name__: one
    for one in (
        record_report,
        investigate_customer,
        enter_statements,
        confirm_rating,
        set_proposal,
        propose_action,
        decide_limit,
        vote,
        confirm_conditions,
    )
}
