"""Exposure of a customer and the total of its group."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.exposure import (
    ExposureParts,
    ExposurePolicy,
    Insurance,
    LimitInForce,
    Security,
    available,
    available_in_group,
    effective_limit,
    gross_exposure,
    group_net,
    insured_part,
    net_exposure,
    unsecured_part,
    utilisation,
)
from credit_app.domain.group_exposure import (
    GroupMember,
    OtherApplication,
    added_up_for_split,
    resulting_total_exposure,
)
from tests.domain.policies import EXPOSURE, SPLIT, changed

TODAY = date(2026, 6, 30)
PARTS = ExposureParts(
    open_receivables=Decimal(100_000),
    delivered_not_invoiced=Decimal(20_000),
    orders_confirmed=Decimal(30_000),
    bills_not_matured=Decimal(10_000),
    unallocated_receipts=Decimal(5_000),
    cash_deposits=Decimal(15_000),
    securities=(Security(Decimal(40_000), Decimal("0.25")),),
    insurances=(Insurance(Decimal(50_000), Decimal("0.9")),),
)
APPLICANT, SISTER = 1, 2


def test_gross_exposure_counts_what_policy_counts() -> None:
    assert gross_exposure(PARTS, EXPOSURE) == 160_000
    without_orders = ExposurePolicy.from_policy(changed(exposure__components=["open_receivables"]))
    assert gross_exposure(PARTS, without_orders) == 100_000
    with pytest.raises(InvalidPolicy, match="unknown component"):
        ExposurePolicy.from_policy(changed(exposure__components=["hopes"]))


def test_net_exposure_is_less_what_covers_it() -> None:
    # 160,000 - 5,000 - 15,000 - 40,000 x 75 % - 50,000 x 90 %
    assert net_exposure(PARTS, EXPOSURE) == 65_000


def test_insurance_covers_no_more_than_there_is() -> None:
    insured = Insurance(Decimal(500), Decimal("0.9"))
    parts = ExposureParts(open_receivables=Decimal(100), insurances=(insured,))
    assert net_exposure(parts, EXPOSURE) == 10


def test_a_second_insurer_covers_what_the_first_one_leaves() -> None:
    insurers = (Insurance(Decimal(60), Decimal("0.9")), Insurance(Decimal(100), Decimal("0.5")))
    assert insured_part(insurers, Decimal(100)) == 54 + 20
    assert insured_part(insurers, Decimal(50)) == 45
    assert insured_part(insurers, Decimal(-5)) == 0


def test_the_unsecured_part_is_what_no_security_stands_behind() -> None:
    # 200,000 - 15,000 - 30,000 - 45,000
    assert unsecured_part(Decimal(200_000), PARTS) == 110_000
    assert unsecured_part(Decimal(20_000), PARTS) == 0


def test_what_one_company_paid_ahead_does_not_cover_another() -> None:
    assert group_net([Decimal(100), Decimal(-40), Decimal(10)]) == 110
    assert group_net([]) == 0


def test_a_customer_that_paid_ahead_has_exposure_below_zero_and_no_utilisation() -> None:
    net = net_exposure(ExposureParts(unallocated_receipts=Decimal(10)), EXPOSURE)
    assert net == -10
    assert utilisation(net, Decimal(100)) == 0
    assert available(net, Decimal(100)) == 110


def test_a_temporary_limit_replaces_the_permanent_one_while_it_holds() -> None:
    permanent = LimitInForce(Decimal(100), date(2026, 1, 1))
    temporary = LimitInForce(Decimal(40), TODAY, TODAY + timedelta(days=7))
    assert effective_limit(permanent, temporary, TODAY - timedelta(days=1)) == 100
    assert effective_limit(permanent, temporary, TODAY) == 40
    assert effective_limit(permanent, temporary, TODAY + timedelta(days=7)) == 40
    assert effective_limit(permanent, temporary, TODAY + timedelta(days=8)) == 100


def test_without_a_limit_in_force_nothing_may_be_used() -> None:
    expired = LimitInForce(Decimal(100), date(2025, 1, 1), TODAY - timedelta(days=1))
    assert effective_limit(expired, None, TODAY) == 0
    assert utilisation(Decimal(5), Decimal(0)) is None


def test_utilisation_is_net_exposure_of_the_limit() -> None:
    assert utilisation(Decimal(75), Decimal(100)) == Decimal("0.75")
    assert available(Decimal(130), Decimal(100)) == -30


def test_the_groups_limit_is_checked_before_the_companys_own() -> None:
    assert available_in_group(Decimal(50), Decimal(20)) == (20, "group")
    assert available_in_group(Decimal(50), Decimal(80)) == (50, "own")
    assert available_in_group(Decimal(50), None) == (50, "own")


def member(customer_id: int, limit: int = 0, exposure: int = 0) -> GroupMember:
    return GroupMember(customer_id, Decimal(limit), Decimal(exposure))


def application(
    number: int, amount: int, status: str, days_ago: int | None = None, of: int = APPLICANT
) -> OtherApplication:
    decided = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return OtherApplication(number, of, Decimal(amount), status, decided)


def test_authority_is_measured_on_the_whole_group_not_on_the_increment() -> None:
    members = [member(APPLICANT, limit=200_000), member(SISTER, limit=50_000, exposure=80_000)]
    resulting = resulting_total_exposure(members, APPLICANT, Decimal(240_000))
    assert resulting.total == 320_000
    assert [(m.customer_id, m.because) for m in resulting.members] == [(1, "requested"), (2, "exposure")]


def test_a_lower_request_than_what_is_owed_already_counts_what_is_owed() -> None:
    assert resulting_total_exposure([member(APPLICANT, 0, 90)], APPLICANT, Decimal(10)).total == 90


def test_an_unknown_new_customer_counts_with_its_request() -> None:
    assert resulting_total_exposure([], APPLICANT, Decimal(10)).total == 10


def test_two_applications_within_the_window_weigh_together() -> None:
    others = added_up_for_split([application(7, 40_000, "granted", 90)], 8, TODAY, SPLIT)
    resulting = resulting_total_exposure(
        [member(APPLICANT, limit=40_000)], APPLICANT, Decimal(40_000), others
    )
    assert resulting.total == 80_000
    assert resulting.members[0].because == "applications"


def test_an_application_granted_today_counts_and_one_without_its_day_of_decision_does_not() -> None:
    assert len(added_up_for_split([application(7, 1, "granted", 0)], 8, TODAY, SPLIT)) == 1
    assert added_up_for_split([application(7, 1, "granted")], 8, TODAY, SPLIT) == ()


def test_an_application_granted_before_the_window_is_not_added_up() -> None:
    assert added_up_for_split([application(7, 40_000, "granted", 91)], 8, TODAY, SPLIT) == ()


@pytest.mark.parametrize("status", ["submitted", "in_approval", "sent_back"])
def test_a_pending_application_counts_however_old_it_is(status: str) -> None:
    assert len(added_up_for_split([application(7, 1, status)], 8, TODAY, SPLIT)) == 1


@pytest.mark.parametrize("status", ["draft", "refused", "withdrawn"])
def test_drafts_refusals_and_withdrawals_do_not_count(status: str) -> None:
    assert added_up_for_split([application(7, 1, status, 1)], 8, TODAY, SPLIT) == ()


def test_an_application_is_not_added_to_itself() -> None:
    assert added_up_for_split([application(8, 1, "in_approval")], 8, TODAY, SPLIT) == ()


def test_splitting_over_sister_companies_is_added_up_but_a_granted_limit_counts_once() -> None:
    members = [member(APPLICANT), member(SISTER, limit=40_000)]
    others = [
        application(7, 40_000, "granted", 10, of=SISTER),
        application(6, 15_000, "in_approval", of=SISTER),
    ]
    counted = added_up_for_split(others, 8, TODAY, SPLIT)
    resulting = resulting_total_exposure(members, APPLICANT, Decimal(40_000), counted)
    assert resulting.total == 95_000
    only_granted = resulting_total_exposure(members, APPLICANT, Decimal(40_000), counted[:1])
    assert only_granted.total == 80_000


amounts = st.integers(0, 10**7)


@given(st.lists(st.tuples(amounts, amounts), max_size=6), st.lists(amounts, min_size=1, max_size=5))
def test_splitting_a_request_never_weighs_less_than_asking_at_once(
    group: list[tuple[int, int]], parts: list[int]
) -> None:
    members = [member(number, limit, open_) for number, (limit, open_) in enumerate(group, start=APPLICANT)]
    at_once = resulting_total_exposure(members, APPLICANT, Decimal(sum(parts)))
    others = [application(100 + n, part, "in_approval") for n, part in enumerate(parts[:-1])]
    split = resulting_total_exposure(members, APPLICANT, Decimal(parts[-1]), others)
    assert split.total == at_once.total
    assert split.total >= sum(parts)
    assert split.total == sum(m.amount for m in split.members)
