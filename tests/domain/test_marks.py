"""Marks of an item never stand for more than what is open of it."""

from decimal import Decimal

from credit_app.domain.marks import standing

D = Decimal


def test_payment_shrinks_promises_before_disputes_and_never_below_zero() -> None:
    marks = [(1, "promised", D(400)), (2, "disputed", D(50)), (3, "promised", D(100))]
    assert standing(D(600), marks) == {1: D(400), 2: D(50), 3: D(100)}
    assert standing(D(470), marks) == {2: D(50), 1: D(400), 3: D(20)}
    assert standing(D(30), marks) == {2: D(30), 1: D(0), 3: D(0)}
    assert standing(D(-5), marks) == {1: D(0), 2: D(0), 3: D(0)}
