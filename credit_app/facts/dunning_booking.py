"""What a letter claims of late interest and fees is booked when it goes out, so that it is owed as the letter says."""

from datetime import date

from sqlalchemy.orm import Session

from credit_app.facts.interest_claims import claim_written
from credit_app.models.dunning import DunningLetter
from credit_app.models.late_interest import InterestClaim

# Where a letter has not gone out yet.
WAITING = ("queued", "held", "to_print")


def book_charges(session: Session, letter: DunningLetter, today: date) -> list[InterestClaim]:
    """Book the interest and fees of a held letter that goes out now; once, and none of a letter that was taken out.

    An item of which a part is disputed or promised is left out: its days are claimed in one piece, when all of it is
    claimed again, so that no interest on the other part is lost.
    """
    if letter.status not in WAITING:
        return []
    written = {
        item.item_id: (item.interest, item.fee)
        for item in letter.items
        if item.interest + item.fee > 0 and item.claimed == item.open_amount
    }
    due = max(letter.pay_by or today, today)
    return claim_written(session, letter.customer, written, letter.letter_on, today, due) if written else []
