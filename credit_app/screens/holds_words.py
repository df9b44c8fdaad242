"""The words of holds, visits and placements: what their tables, columns and codes are called in a history."""

from collections.abc import Mapping
from typing import Any

from credit_app.forms.agencies import PAID_TO_WORDS
from credit_app.forms.visits import FINDING_WORDS, WILLINGNESS_WORDS
from credit_app.i18n import _l

Words = Mapping[str, Any]

HOLDS_TABLES = {
    "agency_placement": _l("Placement"),
    "agency_recovery": _l("Recovery"),
    "agency_report": _l("Report of the agency"),
    "placement_item": _l("Debt placed"),
    "customer_hold": _l("Hold"),
    "hold_step": _l("Step of the hold"),
    "site_visit": _l("Site visit"),
    "visit_move": _l("Visit put off"),
    "visit_paper": _l("Document"),
}
HOLDS_COLUMNS = {
    "back_on": _l("Debts back on"),
    "came": _l("The report came"),
    "chosen_by": _l("Chosen by"),
    "fee": _l("Fee"),
    "fee_estimate": _l("Fee if all is recovered"),
    "handed_on": _l("Handed over on"),
    "handed_to": _l("Who took them"),
    "handed_what": _l("Documents"),
    "next_step": _l("What follows"),
    "over": _l("How it ended"),
    "over_note": _l("Why"),
    "paid_to": _l("Paid to"),
    "percent": _l("Fee in per cent"),
    "recall_on": _l("Recall takes effect"),
    "recovered_on": _l("Paid on"),
    "report_due_at": _l("Next report due"),
    "report_due_on": _l("Next report due"),
    "reported_on": _l("Reported on"),
    "agreement": _l("What was agreed"),
    "bring": _l("What to bring"),
    "finding": _l("What was found"),
    "from_day": _l("From"),
    "is_photo": _l("Photo"),
    "met": _l("Somebody was met"),
    "planned_on": _l("Day of the visit"),
    "premises": _l("Premises"),
    "put_offs": _l("Put off, times"),
    "remind_at": _l("Reminder at"),
    "signed_by": _l("Who signed"),
    "signed_on": _l("Signed on"),
    "statement_on": _l("Day of the statement"),
    "stocks": _l("Stocks and work in hand"),
    "to_day": _l("To"),
    "visited_on": _l("Visited on"),
    "whom_met": _l("Whom you met"),
    "willingness": _l("Willingness to pay"),
    "alternative": _l("What could be done instead"),
    "assessed_by": _l("Assessed by"),
    "delivered_on": _l("Delivered"),
    "done_on": _l("Day"),
    "from_amount": _l("From this amount on"),
    "harm_contract": _l("A contract makes us pay for a stop"),
    "harm_life": _l("Life or health of people is at stake"),
    "harm_note": _l("What a stop would do"),
    "harm_property": _l("Property would be damaged"),
    "held_from": _l("On hold from"),
    "held_until": _l("On hold until"),
    "made_by": _l("Entered by"),
    "no_address": _l("No e-mail address"),
    "notice_days": _l("Days of notice"),
    "noticed_on": _l("Notice sent"),
    "received_by": _l("Who received it"),
    "sales_view": _l("What the sales rep says"),
    "scope": _l("Which orders"),
    "stop_at": _l("Stop at"),
    "stop_on": _l("Stop from"),
}
HOLD_STATUS_WORDS: Words = {
    "proposed": _l("proposed"),
    "assessed": _l("in approval"),
    "approved": _l("notice under way"),
    "announced": _l("announced"),
    "active": _l("on hold"),
    "releasing": _l("release proposed"),
    "released": _l("released"),
    "refused": _l("refused"),
    "withdrawn": _l("withdrawn"),
    "dropped": _l("paid in time"),
}
HOLD_STEP_WORDS: Words = {
    "proposed": _l("Hold proposed"),
    "assessed": _l("Harm assessed"),
    "withdrawn": _l("Proposal withdrawn"),
    "approved": _l("Hold approved"),
    "refused": _l("Hold refused"),
    "sent_back": _l("Sent back"),
    "noticed": _l("Notice sent"),
    "not_delivered": _l("Notice not delivered"),
    "delivered": _l("Notice delivered"),
    "sales_told": _l("Sales told"),
    "begun": _l("Hold begun"),
    "release_asked": _l("Release proposed"),
    "kept": _l("Hold kept"),
    "released": _l("Hold released"),
    "dropped": _l("Proposal dropped: paid"),
}
SCOPE_WORDS: Words = {"all": _l("all orders"), "above": _l("orders from an amount on")}
# What the steps answer.
HOLDS_OUTCOMES: Words = {
    "stop": _l("stop deliveries"),
    "withdraw": _l("do not stop"),
    "delivered": _l("delivered"),
    "not_delivered": _l("not delivered"),
    "release": _l("deliver again"),
    "keep": _l("keep the hold"),
    "place": _l("place the debts"),
    "received": _l("came"),
    "late": _l("did not come"),
    "handed_over": _l("handed over"),
    "legal_action": _l("legal action"),
    "write_off": _l("write-off"),
    "planned": _l("planned"),
    "visited": _l("visited"),
    "put_off": _l("put off"),
    "signed": _l("signed"),
    "not_signed": _l("not signed"),
}
VISIT_STATUS_WORDS: Words = {
    "planning": _l("to be planned"),
    "planned": _l("planned"),
    "signing": _l("statement to be signed"),
    "agreeing": _l("agreement sought"),
    "done": _l("done"),
    "nobody_met": _l("nobody met"),
    "cancelled": _l("cancelled"),
    "not_needed": _l("not needed"),
}
AGREEMENT_WORDS: Words = {
    "promise": _l("promise to pay"),
    "plan": _l("instalments"),
    "paid": _l("paid on the spot"),
    "none": _l("nothing"),
}
PLACEMENT_STATUS_WORDS: Words = {
    "choosing": _l("agency to be chosen"),
    "approving": _l("in approval"),
    "handing": _l("documents to be handed over"),
    "running": _l("with the agency"),
    "returning": _l("coming back"),
    "paid": _l("paid"),
    "back": _l("back"),
    "refused": _l("refused"),
    "withdrawn": _l("withdrawn"),
    "dropped": _l("paid in time"),
}
OVER_WORDS: Words = {
    "paid": _l("paid"),
    "recalled": _l("recalled"),
    "returned": _l("given back by the agency"),
}
NEXT_STEP_WORDS: Words = {
    "legal_action": _l("legal action"),
    "write_off": _l("write-off"),
    "none": _l("nothing"),
}
# The first are found by the name of a column alone, the others in their own table.
HOLDS_STATUSES: Words = {**PLACEMENT_STATUS_WORDS, **HOLD_STATUS_WORDS, **VISIT_STATUS_WORDS}
HOLDS_KINDS: Words = {**HOLD_STEP_WORDS}
HOLDS_CODES: Mapping[str, Words] = {
    "customer_hold.status": HOLD_STATUS_WORDS,
    "hold_step.kind": HOLD_STEP_WORDS,
    "site_visit.status": VISIT_STATUS_WORDS,
    "agency_placement.status": PLACEMENT_STATUS_WORDS,
    "over": OVER_WORDS,
    "next_step": NEXT_STEP_WORDS,
    "paid_to": PAID_TO_WORDS,
    "agreement": AGREEMENT_WORDS,
    "finding": FINDING_WORDS,
    "scope": SCOPE_WORDS,
    "willingness": WILLINGNESS_WORDS,
}
