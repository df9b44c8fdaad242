"""Late interest through the screens: explained, claimed once, waived with authority, agreed otherwise."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.models import Adjustment, Customer, Policy, ReceivableItem
from credit_app.models.late_interest import InterestClaim
from tests.factories import TODAY, make_customer, make_invoice, make_policy
from tests.screens.desk import Desk

DUE = date(2025, 6, 30)


def debtor(desk: Desk, country: str = "GB", amount: str = "5000", currency: str = "EUR") -> Customer:
    """A customer with an invoice due on 30 June 2025 and a smaller one, which is paid meanwhile."""
    customer = make_customer(desk.session, "Nordwind AG", branch_id=desk.cast.north.id, country=country)
    for number, value, paid_on in (("A-1", amount, None), ("A-2", "900", date(2025, 7, 30))):
        make_invoice(
            desk.session, customer, value, DUE, paid_on, number=number, external_id=number, currency=currency
        )
    desk.session.commit()
    return customer


def claims(desk: Desk) -> list[tuple[str, str, Decimal, Decimal]]:
    desk.fresh()
    rows = desk.session.scalars(select(InterestClaim).order_by(InterestClaim.id))
    return [(row.outcome, row.item.number, row.amount, row.fee) for row in rows]


def test_interest_is_explained_claimed_once_and_waived_with_authority(desk: Desk) -> None:
    cast, customer = desk.cast, debtor(desk, "DE")
    address = f"/collection/customers/{customer.number}/interest"
    page = desk.get(cast.rita, address)
    # 2.15 + 8 from July, the same from January: one line each, 253 and 30 days.
    assert "refinancing rate of the European Central Bank of 1 Jul 2025, 2.15 %, plus 8 points" in page.text
    assert "EUR 40.00" in page.text
    statement = desk.get(cast.rita, f"/receivables/customers/{customer.number}/statement")
    assert "simple interest from the day after the due date" in statement.text
    assert "351.77" in statement.text
    for language in ("en", "zh_Hans_CN"):
        pdf = desk.browser(cast.rita).client.get(
            f"/receivables/customers/{customer.number}/statement.{language}.pdf"
        )
        assert (pdf.status_code, pdf.data[:4]) == (200, b"%PDF")
    assert not desk.get(cast.cole, address).has_form("/interest/claim")
    page = page.form_named("act").send()
    assert page.messages == ["Late interest of 2 invoices is claimed."]
    assert claims(desk) == [
        ("claimed", "A-1", Decimal("351.77"), Decimal(40)), ("claimed", "A-2", Decimal("7.51"), Decimal(40)),
    ]  # fmt: skip
    posted = desk.session.scalars(
        select(ReceivableItem).where(ReceivableItem.kind != "invoice").order_by(ReceivableItem.id)
    ).all()
    assert [(row.kind, row.number, row.amount) for row in posted] == [
        ("interest", "A-1/INT-1", Decimal("351.77")), ("cost", "A-1/FEE-1", Decimal(40)),
        ("interest", "A-2/INT-1", Decimal("7.51")), ("cost", "A-2/FEE-1", Decimal(40)),
    ]  # fmt: skip
    again = desk.get(cast.otto, address).form("/sign-out").send(to=f"{address}/claim")
    assert again.status == 403
    assert "No late interest" in page.text, "every day is claimed once"
    with desk.later(10):
        page = desk.get(cast.rita, address).form_named("act").send()
        assert page.messages == ["Late interest of 1 invoice is claimed."]
        assert claims(desk)[2] == ("claimed", "A-1", Decimal("13.90"), Decimal(0))
        # The collector may let go up to EUR 100 at a time.
        page = desk.get(cast.cole, address)
        refused = page.form_named("act").fill(**{"waive-reason": "x"}).send()
        assert "Say why" in refused.text
        reason = {"waive-reason": "Goodwill, long customer"}
        refused = (
            desk.get(cast.cole, address)
            .form_named("act")
            .fill(**reason)
            .forge(posted=str(posted[0].id))
            .send()
        )
        assert "351.77 EUR is more than you may waive, 100; ask “Credit manager”" in refused.text
        taken = (
            desk.get(cast.cole, address)
            .form_named("act")
            .fill(**reason)
            .forge(posted=str(posted[3].id))
            .send()
        )
        assert taken.messages == ["EUR 40.00 of late interest and fees is waived."]
        (entry,) = desk.session.scalars(select(Adjustment))
        assert (entry.reason, entry.amount, entry.item_id) == ("waived", Decimal(-40), posted[3].id)
    with desk.later(20):
        page = (
            desk.get(cast.carla, address)
            .form_named("act")
            .fill(**{"waive-reason": "Part of a settlement"})
            .send()
        )
        assert page.messages == ["EUR 13.90 of late interest and fees is waived."]
        assert claims(desk)[3] == ("waived", "A-1", Decimal("13.90"), Decimal(0))
    assert balances_that_do_not_tie(desk.session) == []
    with pytest.raises(DBAPIError, match="only added"):
        desk.session.query(InterestClaim).update({"amount": 1})
    desk.session.rollback()


def test_an_agreed_rate_counts_from_its_day_and_a_missing_one_is_named(desk: Desk) -> None:
    cast, customer = desk.cast, debtor(desk, "CN", currency="CNY")
    address = f"/collection/customers/{customer.number}/interest"
    assert "one-year loan prime rate of 1 Jul 2025, 3 %, × 1.3" in desk.get(cast.carla, address).text
    form = desk.get(cast.carla, address).form("/interest/agree")
    assert (
        "Write a number of per cent"
        in form.fill(**{"agree-rate": "a lot", "agree-ground": "Contract"}).send().text
    )
    given = {"agree-valid_from": "2025-01-01", "agree-rate": "7.3", "agree-ground": "Contract of 2024, § 9"}
    page = desk.get(cast.carla, address).form("/interest/agree").fill(**given).send()
    assert page.messages == ["The agreement is kept."]
    assert "as agreed" in page.text
    assert "253.00" in page.text  # 5,000 at 7.3 % for 253 days
    assert not desk.get(cast.rita, address).has_form("/interest/agree")
    desk.get(cast.sara, address, 403)
    make_policy(desk.session, "interest.lpr", {"2019-08-20": "4.25"}, TODAY)
    desk.session.query(Policy)
    other = debtor_in_default(desk)
    page = desk.get(cast.rita, f"/collection/customers/{other.number}/interest")
    assert "There is no reference rate “one-year loan prime rate” for 1 Jul 2025" in page.text
    statement = desk.get(cast.rita, f"/receivables/customers/{other.number}/statement")
    assert "Late interest is not shown. There is no reference rate" in statement.text


def debtor_in_default(desk: Desk) -> Customer:
    customer = make_customer(desk.session, "Other", branch_id=desk.cast.north.id, country="CN")
    make_invoice(desk.session, customer, "100", DUE)
    desk.session.commit()
    return customer
