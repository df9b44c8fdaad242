"""Letters on their way: proposed, taken out, released, handed to the outbox or the printer, sent."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from credit_app.facts.collection import log_contact
from credit_app.facts.dunning_booking import book_charges
from credit_app.i18n import _
from credit_app.models import Customer
from credit_app.models.dunning import DunningItem, DunningLetter, DunningRun
from workflows import Conflict, NotFound, outbox
from workflows.errors import N_, Refused

# Puts a row into an outbox (channel, recipient, template, parameters) and returns its key.
Post = Callable[[str, str, str, Mapping[str, Any]], str]
MAIL, SMS = "dunning_letter", "dunning_sms"
TOLD = "dunning_sales_told"
SETTLED = N_("Nothing of it is owed any more.")
INSOLVENT = N_("The customer is insolvent; the claim goes to the administrator.")
LEAST_REASON = 5
MOST_AT_ONCE = 10_000


def get_letter(session: Session, number: str) -> DunningLetter:
    """The letter with that number. Raises NotFound."""
    found = session.scalar(select(DunningLetter).where(DunningLetter.number == number.upper()))
    if found is None:
        raise NotFound(_("There is no such letter, or it is not yours to see."))
    return found


def held_letter(session: Session, letter_id: int) -> DunningLetter:
    """The letter as it stands now, held until the commit."""
    query = select(DunningLetter).where(DunningLetter.id == letter_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def dispatch(session: Session, letter: DunningLetter, post: Post, by: int | None = None) -> None:
    """Hand a letter on: mails and short messages to the outbox, paper to whoever prints. The sales rep hears of the
    first letter. `by` is who released it, None the system."""
    letter.status = underway(letter.channel)
    if letter.channel != "letter":
        channel, template = ("sms", SMS) if letter.channel == "sms" else ("mail", MAIL)
        key = post(channel, f"contact:{letter.contact_id}", template, {"letter_id": letter.id})
        log_contact(
            session,
            letter.customer_id,
            letter.channel,
            "sent",
            reached=letter.address,
            note=letter.number,
            made_by=by,
            outbox_key=key,
        )
    rep = session.get_one(Customer, letter.customer_id).sales_rep_id
    if letter.level == "letter_1" and rep is not None:
        post("mail", f"person:{rep}", TOLD, {"letter_id": letter.id})
    session.flush()


def underway(channel: str) -> str:
    """The status of a letter that has been handed on by `channel`."""
    return "to_print" if channel == "letter" else "queued"


def queue_for(session: Session, letter: DunningLetter) -> Post:
    """Posts outside of a process; the same letter goes into the outbox once, whatever happens."""

    def post(channel: str, recipient: str, template: str, params: Mapping[str, Any]) -> str:
        key = f"dunning:{letter.id}:{template}:{recipient}"
        outbox.queue(session, key, channel, recipient, template, dict(params))
        return key

    return post


# --- review -------------------------------------------------------------------------------------------------------


def exclude(session: Session, letter: DunningLetter, reason: str, person_id: int, now: datetime) -> None:
    """Take a letter out that has not gone out; its debts may be demanded later. Raises Refused, Conflict."""
    found = held_letter(session, letter.id)
    if found.status not in ("proposed", "released"):
        raise Conflict(_("This letter has gone out already, or was taken out before."))
    if len(reason.strip()) < LEAST_REASON:
        raise Refused(_("Say in a few words why this letter is taken out."))
    if found.status == "released":
        count_done(session, found.run_id or 0, now)
    take_out(session, found, reason.strip()[:500], person_id)


def take_out(session: Session, letter: DunningLetter, reason: str, person_id: int | None) -> None:
    """Mark a held letter as taken out: it demands nothing any more."""
    session.execute(update(DunningItem).where(DunningItem.letter_id == letter.id).values(demands=False))
    letter.status, letter.reason, letter.excluded_by = "excluded", reason, person_id
    session.flush()


def release(session: Session, letter_ids: Iterable[int], person_id: int, now: datetime) -> DunningRun:
    """Hand proposed letters to the worker, which sends them one by one. Raises Refused when none is left."""
    query = (
        select(DunningLetter.id)
        .where(DunningLetter.id.in_(list(letter_ids)), DunningLetter.status == "proposed")
        .order_by(DunningLetter.id)
        .with_for_update()
    )
    waiting = session.scalars(query).all()
    if not waiting:
        raise Refused(_("None of these letters waits for release any more."))
    run = DunningRun(released_by=person_id, released_at=now, letters=len(waiting))
    session.add(run)
    session.flush()
    released = update(DunningLetter).where(DunningLetter.id.in_(waiting))
    session.execute(released.values(status="released", run_id=run.id))
    return run


def claim_released(session: Session, after: int = 0) -> DunningLetter | None:
    """The oldest released letter behind `after` that no other worker holds, held until the commit."""
    query = (
        select(DunningLetter)
        .where(DunningLetter.status == "released", DunningLetter.id > after)
        .order_by(DunningLetter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(query).first()


def count_done(session: Session, run_id: int, now: datetime) -> None:
    """One letter of the run more is dealt with; with the last one the run ends."""
    run = session.scalars(select(DunningRun).where(DunningRun.id == run_id).with_for_update()).one()
    run.done = min(run.done + 1, run.letters)
    if run.done == run.letters:
        run.ended_at = now
    session.flush()


# --- gone out -----------------------------------------------------------------------------------------------------


def charge(session: Session, letter_id: int, today: date) -> None:
    """Book what a letter claims besides its debts, before it is handed over: when that fails, it does not leave."""
    book_charges(session, held_letter(session, letter_id), today)


def handed_over(session: Session, letter_id: int, today: date, *, held: bool) -> None:
    """Note that the mail server or the SMS gateway has taken a letter, or (held) that none is set."""
    letter = held_letter(session, letter_id)
    if letter.status in ("queued", "held") or (letter.status == "failed" and letter.sent_on is None):
        letter.status, letter.sent_on = ("held", None) if held else ("sent", today)
        session.flush()


def not_handed_over(session: Session, letter_id: int) -> None:
    """Note that neither the mail server nor the SMS gateway takes a letter."""
    letter = held_letter(session, letter_id)
    if letter.status in ("queued", "held"):
        letter.status = "failed"
        session.flush()


def post_printed(
    session: Session, letters: Iterable[DunningLetter], today: date, person_id: int
) -> list[DunningLetter]:
    """Note that printed letters went to the post today; those that are not to be printed any more are left out."""
    posted = []
    for letter in sorted(letters, key=lambda one: one.id):
        found = held_letter(session, letter.id)
        if found.status != "to_print":
            continue
        book_charges(session, found, today)
        found.status, found.sent_on = "sent", today
        log_contact(
            session, found.customer_id, "letter", "sent", reached=found.contact_name, note=found.number,
            made_by=person_id,
        )  # fmt: skip
        posted.append(found)
    session.flush()
    return posted
