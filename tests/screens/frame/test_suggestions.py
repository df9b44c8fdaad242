"""The list that helps a sales rep to name a customer: only their own branch's, only what fits."""

from typing import Any

from sqlalchemy.orm import Session

from tests.factories import Cast, make_customer


def test_a_rep_is_offered_the_customers_that_fit_and_may_be_seen(
    signed_in: Any, session: Session, cast: Cast
) -> None:
    make_customer(session, "Nordwind Turbinen GmbH", branch_id=cast.north.id)
    make_customer(session, "Nordwind Süd GmbH", branch_id=cast.south.id)
    make_customer(session, "Closed Nordwind", branch_id=cast.north.id, status="closed")
    session.commit()
    page = signed_in(cast.sara)
    answer = page.get("/customers/suggestions?customer=nordw").text
    assert "Nordwind Turbinen GmbH" in answer
    assert "Süd" not in answer
    assert "Closed" not in answer
    assert "option" not in page.get("/customers/suggestions?customer=n").text
