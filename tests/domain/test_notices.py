"""Which mail leaves at once and which waits for the digest."""

import pytest

from credit_app.domain.notices import BOTH, DIGEST, NOTICES, gets_digest, waits_for_digest


@pytest.mark.parametrize(
    "template", ["decision_needed", "application_granted", "mentioned", "a_mail_to_come"]
)
def test_news_wait_only_for_those_who_want_a_digest_alone(template: str) -> None:
    assert [one for one in NOTICES if waits_for_digest(template, one)] == [DIGEST]


@pytest.mark.parametrize(
    "template",
    ["password_reset", "password_invitation", "decision_escalated", "decision_late", "no_approver", "digest"],
)
def test_access_and_escalations_never_wait(template: str) -> None:
    assert not any(waits_for_digest(template, one) for one in NOTICES)


def test_a_digest_is_for_those_who_want_one() -> None:
    assert [one for one in NOTICES if gets_digest(one)] == [DIGEST, BOTH]
