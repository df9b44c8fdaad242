"""Send notice: the customer is told when deliveries stop, by mail with the letter, else on paper."""

from credit_app.facts.collection import log_contact
from credit_app.facts.holds import addressee_of, hold_of, note_step
from workflows import Action


def run(action: Action) -> None:
    """Queue the mail, or note that the letter is to be printed and sent; it is in the contacts either way."""
    hold, session = hold_of(action), action.session
    contact = addressee_of(session, hold)
    hold.noticed_on = action.today
    name = contact.name if contact is not None else ""
    if contact is None:
        # Somebody prints it and takes it to the post; the proof of delivery says when.
        action.note("no_address", customer_id=hold.customer_id)
        log_contact(session, hold.customer_id, "letter", "noted", note=hold.number)
    else:
        (key,) = action.mail_to([f"contact:{contact.id}"], "hold_notice", hold_id=hold.id)
        log_contact(
            session, hold.customer_id, "email", "sent", reached=name, note=hold.number, outbox_key=key
        )
    note_step(session, hold, "noticed", action.today, name)
