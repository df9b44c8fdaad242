"""A one-time link to set a password is never kept in the outbox once it has been sent."""

from credit_app.mail import SECRET


def test_a_sent_mail_is_kept_without_the_secret_of_its_link() -> None:
    words = (
        "Set your password here:\n\nhttps://credit.example/set-password/abc.DEF-123_x\n\nIt holds an hour."
    )
    kept = SECRET.sub(r"\1…", words)
    assert "abc.DEF" not in kept
    assert "https://credit.example/set-password/…" in kept
    assert "It holds an hour." in kept
