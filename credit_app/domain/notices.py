"""Which mail leaves at once and which waits for the day's digest: everything is decided here."""

AT_ONCE, DIGEST, BOTH = "at_once", "digest", "both"
NOTICES = (AT_ONCE, DIGEST, BOTH)

# Access, and what somebody above must know now, never wait for a digest; nor does the digest itself.
NEVER_WAITS = frozenset(
    {
        "password_invitation",
        "password_reset",
        "decision_escalated",
        "decision_late",
        "no_approver",
        "no_quorum",
        "digest",
    }
)


def waits_for_digest(template: str, notices: str) -> bool:
    """Whether a mail is left for the digest of a person who wants their notices like this."""
    return notices == DIGEST and template not in NEVER_WAITS


def gets_digest(notices: str) -> bool:
    """Whether a person gets the day's digest."""
    return notices in (DIGEST, BOTH)
