"""The words of the field as people read them: one word per status, role, level, method, everywhere the same."""

from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from credit_app.domain.envelope import part_name
from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.facts.reading import INPUTS
from credit_app.forms.investigation import ASSESSMENT_WORDS, CHANNEL_WORDS
from credit_app.forms.limit_decision import REWORK_WORDS
from credit_app.forms.opinion import OPINION_WORDS
from credit_app.i18n import _, _l, all_said, listed, said


@dataclass(frozen=True)
class Status:
    """A status word with its fixed colour; `hollow` marks what has ended without a result."""

    label: LazyString | str
    tone: str = "grey"
    hollow: bool = False


STATUSES = {
    # applications
    "draft": Status(_l("draft"), "grey", True),
    "submitted": Status(_l("submitted"), "blue"),
    "under_investigation": Status(_l("under investigation"), "blue"),
    "in_approval": Status(_l("in approval"), "amber"),
    "sent_back": Status(_l("sent back"), "violet"),
    "waiting_for_conditions": Status(_l("waiting for conditions"), "violet"),
    "granted": Status(_l("granted"), "green"),
    "refused": Status(_l("refused"), "red"),
    "withdrawn": Status(_l("withdrawn"), "grey", True),
    # items
    "open": Status(_l("open"), "blue"),
    "due": Status(_l("due"), "amber"),
    "overdue": Status(_l("overdue"), "red"),
    "disputed": Status(_l("disputed"), "violet"),
    "promised": Status(_l("promised"), "blue"),
    "in_plan": Status(_l("in plan"), "blue"),
    "paid": Status(_l("paid"), "green"),
    "written_off": Status(_l("written off"), "grey", True),
    # entries of bank statements
    "bank_waiting": Status(_l("new"), "grey"),
    "bank_matching": Status(_l("to match"), "amber"),
    "bank_matched": Status(_l("matched"), "green"),
    "bank_set_aside": Status(_l("set aside"), "grey", True),
    "bank_returned": Status(_l("returned"), "red"),
    # balance confirmations
    "confirmation_sent": Status(_l("waiting for an answer"), "blue"),
    "confirmation_agreed": Status(_l("agreed"), "green"),
    "confirmation_differences": Status(_l("differences named"), "amber"),
    "confirmation_settled": Status(_l("differences settled"), "green"),
    "confirmation_silent": Status(_l("no answer yet"), "red"),
    "confirmation_closed": Status(_l("closed without an answer"), "grey", True),
    # late interest, write-offs
    "interest_claimed": Status(_l("claimed"), "blue"),
    "interest_waived": Status(_l("waived"), "grey"),
    "write_off_proposing": Status(_l("being prepared"), "blue"),
    "write_off_in_approval": Status(_l("in approval"), "amber"),
    "write_off_written_off": Status(_l("written off"), "grey"),
    "write_off_refused": Status(_l("refused"), "red"),
    "write_off_withdrawn": Status(_l("withdrawn"), "grey", True),
    # collection cases and their stages
    "collection_open": Status(_l("in collection"), "red"),
    "collection_cleared": Status(_l("nothing overdue"), "green"),
    "collection_given_up": Status(_l("given up"), "grey", True),
    # the nightly run
    "run_asked": Status(_l("asked for"), "blue"),
    "run_running": Status(_l("at work"), "blue"),
    "run_resting": Status(_l("waits for a person"), "amber"),
    "run_interrupted": Status(_l("interrupted"), "red"),
    "run_done": Status(_l("done"), "green"),
    "run_skipped": Status(_l("not run"), "amber", True),
    "stage_paused": Status(_l("paused"), "violet"),
    "stage_friendly_notice": Status(_l("friendly notice"), "blue"),
    "stage_call": Status(_l("call"), "blue"),
    "stage_letter_1": Status(_l("first letter"), "amber"),
    "stage_letter_2": Status(_l("second letter"), "amber"),
    "stage_visit": Status(_l("visit"), "amber"),
    "stage_final_demand": Status(_l("final demand"), "red"),
    "stage_lawyer_letter": Status(_l("lawyer's letter"), "red"),
    "stage_agency": Status(_l("collection agency"), "red"),
    "stage_legal_action": Status(_l("legal action"), "red"),
    # somebody has to agree to it first
    "stage_final_demand_proposed": Status(_l("final demand proposed"), "amber"),
    "stage_lawyer_letter_proposed": Status(_l("lawyer's letter proposed"), "amber"),
    "stage_agency_proposed": Status(_l("collection agency proposed"), "amber"),
    "stage_legal_action_proposed": Status(_l("legal action proposed"), "amber"),
    # letters to debtors
    "letter_proposed": Status(_l("waits for release"), "amber"),
    "letter_released": Status(_l("released"), "blue"),
    "letter_queued": Status(_l("on its way"), "blue"),
    "letter_to_print": Status(_l("to print"), "amber"),
    "letter_sent": Status(_l("sent"), "blue"),
    "letter_held": Status(_l("kept in the outbox"), "grey"),
    "letter_delivered": Status(_l("delivered"), "green"),
    "letter_failed": Status(_l("not delivered"), "red"),
    "letter_excluded": Status(_l("taken out"), "grey", True),
    # promises, payment plans, payment extensions
    "promise_open": Status(_l("promised"), "blue"),
    "promise_in_part": Status(_l("kept in part"), "amber"),
    "promise_kept": Status(_l("kept"), "green"),
    "promise_broken": Status(_l("broken"), "red"),
    "payment_plan_in_approval": Status(_l("in approval"), "amber"),
    "payment_plan_sent_back": Status(_l("sent back"), "violet"),
    "payment_plan_refused": Status(_l("refused"), "red"),
    "payment_plan_withdrawn": Status(_l("withdrawn"), "grey", True),
    "payment_plan_running": Status(_l("in plan"), "blue"),
    "payment_plan_completed": Status(_l("paid"), "green"),
    "payment_plan_broken": Status(_l("broken"), "red"),
    "payment_extension_in_approval": Status(_l("in approval"), "amber"),
    "payment_extension_sent_back": Status(_l("sent back"), "violet"),
    "payment_extension_refused": Status(_l("refused"), "red"),
    "payment_extension_withdrawn": Status(_l("withdrawn"), "grey", True),
    "payment_extension_running": Status(_l("put off"), "blue"),
    "payment_extension_kept": Status(_l("kept"), "green"),
    "payment_extension_broken": Status(_l("broken"), "red"),
    # legal cases
    "legal_action_assessment": Status(_l("in assessment"), "blue"),
    "legal_action_approval": Status(_l("in approval"), "amber"),
    "legal_action_preparation": Status(_l("in preparation"), "blue"),
    "legal_action_filing": Status(_l("to be filed"), "amber"),
    "legal_action_hearing": Status(_l("in court"), "blue"),
    "legal_action_title": Status(_l("decided, not final"), "violet"),
    "legal_action_execution": Status(_l("to be enforced"), "amber"),
    "legal_action_enforcement": Status(_l("in enforcement"), "blue"),
    "legal_action_insolvency": Status(_l("in insolvency"), "red"),
    "legal_action_dropped": Status(_l("dropped"), "grey", True),
    "legal_action_refused": Status(_l("refused"), "red"),
    "legal_action_paid": Status(_l("paid"), "green"),
    "legal_action_withdrawn": Status(_l("withdrawn"), "grey", True),
    "legal_action_settled": Status(_l("settled"), "green"),
    "legal_action_lost": Status(_l("lost"), "red"),
    "legal_action_enforced": Status(_l("enforced"), "green"),
    "legal_action_uncollectable": Status(_l("uncollectable"), "red"),
    # contracts, their reviews and renewals
    "contract_need": Status(_l("need recorded"), "blue"),
    "contract_draft": Status(_l("draft"), "blue"),
    "contract_in_review": Status(_l("in review"), "amber"),
    "contract_active": Status(_l("in force"), "green"),
    "contract_expired": Status(_l("expired"), "grey", True),
    "contract_terminated": Status(_l("terminated"), "grey", True),
    "contract_refused": Status(_l("refused"), "red"),
    "contract_withdrawn": Status(_l("withdrawn"), "grey", True),
    "contract_review_drafting": Status(_l("draft"), "blue"),
    "contract_review_checking": Status(_l("clauses are checked"), "blue"),
    "contract_review_in_review": Status(_l("in review"), "amber"),
    "contract_review_answering": Status(_l("comments to answer"), "violet"),
    "contract_review_escalated": Status(_l("objections to decide"), "amber"),
    "contract_review_awaiting_credit": Status(_l("waiting for credit"), "amber"),
    "contract_review_signing": Status(_l("to be signed"), "amber"),
    "contract_review_countersigning": Status(_l("with the other side"), "blue"),
    "contract_review_filed": Status(_l("filed"), "green"),
    "contract_review_refused": Status(_l("refused"), "red"),
    "contract_review_withdrawn": Status(_l("withdrawn"), "grey", True),
    "contract_template_in_force": Status(_l("in force"), "green"),
    "contract_template_shipped": Status(_l("as shipped"), "blue"),
    "contract_template_draft": Status(_l("draft"), "grey"),
    "contract_template_withdrawn": Status(_l("withdrawn"), "grey", True),
    "clause_present": Status(_l("as policy asks"), "green"),
    "clause_deviating": Status(_l("deviates"), "amber"),
    "clause_missing": Status(_l("missing"), "red"),
    "clause_not_applicable": Status(_l("not needed"), "grey", True),
    "point_open": Status(_l("open"), "amber"),
    "point_taken_up": Status(_l("taken up"), "green"),
    "point_accepted": Status(_l("condition accepted"), "green"),
    "point_taken_back": Status(_l("taken back"), "grey", True),
    "point_overruled": Status(_l("overruled"), "violet"),
    "point_upheld": Status(_l("upheld"), "red"),
    "point_noted": Status(_l("noted"), "grey", True),
    "signature_sign": Status(_l("signed"), "green"),
    "signature_send_back": Status(_l("sent back"), "violet"),
    "signature_refuse": Status(_l("refused"), "red"),
    "milestone_planned": Status(_l("planned"), "blue"),
    "milestone_overdue": Status(_l("overdue"), "red"),
    "milestone_done": Status(_l("done"), "green"),
    "milestone_cancelled": Status(_l("cancelled"), "grey", True),
    "breach_open": Status(_l("open"), "amber"),
    "breach_cured": Status(_l("cured"), "green"),
    "breach_settled": Status(_l("settled"), "green"),
    "breach_claimed": Status(_l("claimed"), "violet"),
    "contract_renewal_deciding": Status(_l("to be decided"), "amber"),
    "contract_renewal_giving_notice": Status(_l("notice to be given"), "amber"),
    "contract_renewal_renewed": Status(_l("renewed"), "green"),
    "contract_renewal_let_expire": Status(_l("left to its terms"), "grey", True),
    "contract_renewal_notice_given": Status(_l("notice given"), "grey", True),
    "contract_renewal_dropped": Status(_l("dropped"), "grey", True),
    "order_pass": Status(_l("passes"), "green"),
    "order_warn": Status(_l("passes with a warning"), "amber"),
    "order_hold": Status(_l("on hold"), "red"),
    "order_released": Status(_l("released for delivery"), "green"),
    "order_cancelled": Status(_l("cancelled"), "grey", True),
    "order_closed": Status(_l("closed"), "grey"),
    "order_release_asked": Status(_l("to be assessed"), "blue"),
    "order_release_awaiting_security": Status(_l("waiting for security"), "violet"),
    "order_release_in_approval": Status(_l("in approval"), "amber"),
    "order_release_active": Status(_l("active"), "green"),
    "order_release_used": Status(_l("used"), "grey"),
    "order_release_expired": Status(_l("expired"), "grey"),
    "order_release_revoked": Status(_l("revoked"), "red"),
    "order_release_refused": Status(_l("refused"), "red"),
    "order_release_lifted": Status(_l("not needed any more"), "grey"),
    "order_release_withdrawn": Status(_l("withdrawn"), "grey", True),
    "customer_hold_proposed": Status(_l("proposed"), "blue"),
    "customer_hold_assessed": Status(_l("in approval"), "amber"),
    "customer_hold_approved": Status(_l("notice under way"), "amber"),
    "customer_hold_announced": Status(_l("announced"), "amber"),
    "customer_hold_active": Status(_l("on hold"), "red"),
    "customer_hold_releasing": Status(_l("release proposed"), "violet"),
    "customer_hold_released": Status(_l("released"), "green"),
    "customer_hold_refused": Status(_l("refused"), "grey", True),
    "customer_hold_withdrawn": Status(_l("withdrawn"), "grey", True),
    "customer_hold_dropped": Status(_l("paid in time"), "green"),
    "site_visit_planning": Status(_l("to be planned"), "blue"),
    "site_visit_planned": Status(_l("planned"), "amber"),
    "site_visit_signing": Status(_l("statement to be signed"), "violet"),
    "site_visit_agreeing": Status(_l("agreement sought"), "violet"),
    "site_visit_done": Status(_l("done"), "green"),
    "site_visit_nobody_met": Status(_l("nobody met"), "red"),
    "site_visit_cancelled": Status(_l("cancelled"), "grey", True),
    "site_visit_not_needed": Status(_l("not needed"), "grey", True),
    "agency_placement_choosing": Status(_l("agency to be chosen"), "blue"),
    "agency_placement_approving": Status(_l("in approval"), "amber"),
    "agency_placement_handing": Status(_l("documents to be handed over"), "amber"),
    "agency_placement_running": Status(_l("with the agency"), "amber"),
    "agency_placement_returning": Status(_l("coming back"), "violet"),
    "agency_placement_paid": Status(_l("paid"), "green"),
    "agency_placement_back": Status(_l("back"), "red"),
    "agency_placement_refused": Status(_l("refused"), "grey", True),
    "agency_placement_withdrawn": Status(_l("withdrawn"), "grey", True),
    "agency_placement_dropped": Status(_l("paid in time"), "green"),
    # disputes
    "dispute_investigating": Status(_l("under investigation"), "blue"),
    "dispute_in_decision": Status(_l("in approval"), "amber"),
    "dispute_credited": Status(_l("credited"), "green"),
    "dispute_partly": Status(_l("credited in part"), "green"),
    "dispute_rejected": Status(_l("rejected"), "red"),
    "dispute_paid": Status(_l("paid"), "green"),
    # customers and limits
    "active": Status(_l("active"), "green"),
    "on_hold": Status(_l("on hold"), "amber"),
    "in_default": Status(_l("in default"), "red"),
    "blacklisted": Status(_l("blacklisted"), "red"),
    "closed": Status(_l("closed"), "grey", True),
    "expired": Status(_l("expired"), "grey", True),
    "required": Status(_l("required"), "amber"),
    "confirmed": Status(_l("confirmed"), "green"),
    "released": Status(_l("released"), "grey", True),
    "cancelled": Status(_l("cancelled"), "grey", True),
    "retracted": Status(_l("taken back"), "grey", True),
    "lifted": Status(_l("lifted"), "grey", True),
    "not_yet": Status(_l("not yet in force"), "amber"),
    "over": Status(_l("over"), "grey", True),
    "replaced": Status(_l("replaced"), "grey", True),
    # people
    "may_sign_in": Status(_l("active"), "green"),
    "deactivated": Status(_l("deactivated"), "grey", True),
    "locked": Status(_l("locked"), "amber"),
    # work of the system
    "queued": Status(_l("queued"), "blue"),
    "held": Status(_l("held"), "amber"),
    "digest": Status(_l("left for the digest"), "grey", True),
    "sent": Status(_l("sent"), "green"),
    "failed": Status(_l("failed"), "red"),
    "running": Status(_l("running"), "blue"),
    "ended": Status(_l("ended"), "grey", True),
    "solved": Status(_l("solved"), "green"),
    "waiting": Status(_l("waiting"), "amber"),
    # tokens of other systems
    "token_valid": Status(_l("valid"), "green"),
    "token_ended": Status(_l("ended"), "grey", True),
    "token_revoked": Status(_l("revoked"), "red"),
    # imports
    "checked": Status(_l("checked only"), "grey", True),
    "imported": Status(_l("imported"), "green"),
    "partly": Status(_l("imported with gaps"), "amber"),
    "rejected": Status(_l("not imported"), "red"),
}

ROLE_WORDS = {
    "sales_rep": _l("Sales rep"),
    "sales_manager": _l("Sales manager"),
    "credit_analyst": _l("Credit analyst"),
    "credit_manager": _l("Credit manager"),
    "finance_director": _l("Finance director"),
    "cfo": _l("CFO"),
    "committee": _l("Credit committee"),
    "receivables": _l("Receivables"),
    "collector": _l("Collector"),
    "counsel": _l("Legal counsel"),
    "delivery": _l("Delivery"),
    "auditor": _l("Auditor"),
    "admin": _l("Administrator"),
}

SECURITY_STATE_WORDS = {
    "required": _l("asked for"),
    "confirmed": _l("confirmed"),
    "rejected": _l("not given"),
    "released": _l("released"),
}

RULE_WORDS = {"small_and_safe": _l("small and safe")}

WISH_WORDS = {
    "none": _l("not asked for"),
    "asked": _l("asked for"),
    "needed": _l("needed"),
}

CONTROL_WORDS = {
    "none": _l("none"),
    "monthly_watch": _l("looked at every month"),
    "weekly_watch": _l("looked at every week"),
    "order_by_order": _l("each order is looked at"),
    "no_credit": _l("no credit"),
}

APPLICATION_KIND_WORDS = {
    "limit": _l("credit application"),
    "review": _l("limit review"),
    "temporary": _l("temporary limit"),
}

IMPORT_KIND_WORDS = {
    "customers": _l("Customers"),
    "invoices": _l("Invoices"),
    "receipts": _l("Receipts"),
    "ubl": _l("UBL documents"),
    "bank_statement": _l("Bank statement"),
}

DECISION_WORDS = {
    "approve": _l("Approved"),
    "approve_with_changes": _l("Approved with changes"),
    "send_back": _l("Sent back for rework"),
    "refuse": _l("Refused"),
    "skipped": _l("Level skipped, nobody may decide"),
    "escalated": _l("Passed on, nobody decided in time"),
}

MATCH_REASON_WORDS = {
    "reference": _l("the number is named"),
    "order": _l("the order is named"),
    "amount_named": _l("the amount is that of what is named"),
    "amount_near": _l("the amount differs a little"),
    "amount_item": _l("one open item has this amount"),
    "amount_balance": _l("all that is open comes to this amount"),
    "account": _l("the account is known"),
    "name": _l("the name is alike"),
    "end_to_end": _l("the bank names the payment"),
    "amount": _l("only the amount fits"),
}
BANK_RULE_WORDS = {
    "fee": _l("fee of the bank"),
    "outgoing": _l("our own payment"),
    "own_transfer": _l("transfer of our own"),
    "interest": _l("interest of the bank"),
    "return": _l("a payment went back"),
    "suggested": _l("there are suggestions"),
    "unknown": _l("nothing fits"),
    "person": _l("by a person"),
    "end_to_end": _l("by its reference"),
}
MAIL_WORDS = {
    "contract_copy_missing": _l("Signed copy of a contract missing"),
    "contract_credit_wanted": _l("A contract waits for credit"),
    "contract_credit_late": _l("Credit decision for a contract awaited"),
    "contract_filed": _l("Contract in force"),
    "contract_opinion_wanted": _l("Opinion on a contract wanted"),
    "contract_no_reviewer": _l("Nobody may give an opinion on a contract"),
    "contract_points_open": _l("Reviewers ask for changes of a contract"),
    "contract_dates": _l("Dates of contracts"),
    "contract_renewal_due": _l("Renewal of a contract to be decided"),
    "contract_refused": _l("Contract refused"),
    "contract_withdrawn": _l("Contract withdrawn"),
    "legal_dates": _l("Legal dates"),
    "legal_deadline": _l("Deadline in a legal case"),
    "legal_write_off": _l("Write-off proposed"),
    "balance_confirmation": _l("Balance to confirm"),
    "balance_confirmation_reminder": _l("Reminder to confirm a balance"),
    "promise_broken": _l("Promise broken"),
    "plan_agreed": _l("Payment plan agreed"),
    "plan_refused": _l("Payment plan refused"),
    "plan_reminder": _l("Instalment due soon"),
    "plan_late": _l("Instalment late"),
    "plan_broken": _l("Payment plan broken"),
    "extension_granted": _l("Payment extension granted"),
    "extension_refused": _l("Payment extension refused"),
    "extension_broken": _l("Payment extension not kept"),
    "hold_notice": _l("Notice of a stop of deliveries"),
    "hold_announced": _l("Hold announced"),
    "hold_released": _l("Hold released"),
    "visit_reminder": _l("Reminder of a visit"),
    "visit_dropped": _l("Visit dropped"),
    "order_passes_now": _l("Order not on hold any more"),
    "order_held_now": _l("Order put on hold"),
    "release_granted": _l("Order released"),
    "release_refused": _l("Release of an order refused"),
    "release_ended": _l("Release of an order ended"),
    "release_withdrawn": _l("Request for a release withdrawn"),
    "release_no_approver": _l("Nobody may decide on a release"),
    "dispute_reminder": _l("Reminder of a dispute"),
    "dispute_escalated": _l("Dispute not answered in time"),
    "dispute_credited": _l("Dispute credited"),
    "dispute_rejected": _l("Dispute rejected"),
    "matching_reminder": _l("Reminder to match an entry"),
    "write_off_needed": _l("Write-off to decide"),
    "write_off_reminder": _l("Reminder of a write-off"),
    "write_off_decided": _l("Write-off decided"),
    "write_off_no_approver": _l("Nobody may decide a write-off"),
    "payment_question": _l("Question about a payment"),
    "case_cleared": _l("Collection case ended"),
    "final_demand_sent": _l("Final demand sent"),
    "dunning_letter": _l("Letter about debts"),
    "dunning_sms": _l("Short message about debts"),
    "dunning_sales_told": _l("First letter to a customer of yours"),
    "application_granted": _l("Application granted"),
    "application_refused": _l("Application refused"),
    "application_sent_back": _l("Application sent back"),
    "application_withdrawn": _l("Application withdrawn"),
    "decision_escalated": _l("Decision passed on"),
    "decision_late": _l("Decision late"),
    "decision_needed": _l("Decision needed"),
    "decision_reminder": _l("Reminder of a decision"),
    "mentioned": _l("Mentioned in a discussion"),
    "digest": _l("Digest of the day"),
    "no_approver": _l("Nobody may decide"),
    "password_invitation": _l("Invitation to set a password"),
    "password_reset": _l("Link to set a new password"),
    "decision_returned": _l("Decision back to whoever asked"),
    "opinion_wanted": _l("Opinion wanted"),
    "added_approver": _l("Added as an approver"),
    "added_approver_silent": _l("Added approver silent"),
    "vote_needed": _l("Vote needed"),
    "no_quorum": _l("No quorum in the committee"),
    "review_started": _l("Limit under review"),
    "review_applied": _l("Limit reviewed"),
    "review_refused": _l("Review refused"),
    "review_cancelled": _l("Review cancelled"),
    "review_limit_changed": _l("Review to be proposed again"),
    "limit_expired": _l("Limit expired"),
    "temporary_opened": _l("Temporary limit open"),
}

MEETING_WORDS = {
    "approved": _l("Approved by vote"),
    "refused": _l("Refused by vote"),
    "no_quorum": _l("No quorum"),
    "cancelled": _l("Cancelled"),
}

METHOD_WORDS = {
    "proposed": _l("Proposed limit"),
    "need": _l("What the customer needs"),
    "monthly_purchases": _l("Average monthly purchases"),
    "payment_behaviour": _l("Payment behaviour on the present limit"),
    "grade_cap": _l("Cap for this grade"),
    "concentration": _l("Share of our own sales"),
    "tangible_net_worth": _l("Share of tangible net worth"),
    "working_capital": _l("Share of working capital"),
    "insurer_limit": _l("Insured part"),
    "envelope_room": _l("Room in our credit envelope"),
}

INDICATOR_WORDS = {
    "weighted_days_late": _l("Days late, weighted by amount"),
    "share_late": _l("Share of invoices paid late"),
    "worst_days_late": _l("Latest payment"),
    "trend_days": _l("Trend of days late"),
    "share_disputed": _l("Share of disputed invoices"),
    "oldest_overdue_days": _l("Oldest overdue item"),
}

# High, medium, low and no credit, as the grade bands of the field group them.
RISKS = {
    "low": ("AAA", "AA", "A"),
    "medium": ("BBB", "BB", "B"),
    "high": ("CCC", "CC", "C"),
    "none": ("D",),
}
RISK_WORDS = {
    "low": _l("low risk"),
    "medium": _l("medium risk"),
    "high": _l("high risk"),
    "none": _l("no credit"),
}


def status_word(word: str) -> Status:
    """Return label and colour for a status; an unknown word is shown as it is."""
    return STATUSES.get(word) or Status(word.replace("_", " "))


def role_word(role: str) -> str:
    """Return a role in words."""
    return str(ROLE_WORDS.get(role) or role.replace("_", " ").capitalize())


def risk(grade: str) -> str:
    """Return the risk class of a grade: low, medium, high or none."""
    return next((name for name, grades in RISKS.items() if grade in grades), "none")


def risk_word(grade: str) -> str:
    """Return the risk class of a grade in words."""
    return str(RISK_WORDS[risk(grade)])


def payment_word(method: str | None) -> str:
    """Return a payment method in words; empty for none."""
    return str(PAYMENT_WORDS.get(method or "", method or ""))


def decision_word(decision: str) -> str:
    """Return what a level decided, in words."""
    return str(DECISION_WORDS.get(decision, decision))


def opinion_word(opinion: str) -> str:
    """Return a colleague's opinion in words."""
    return str(OPINION_WORDS.get(opinion, opinion))


def rework_word(step: str) -> str:
    """Return the step that an application was returned to, in words."""
    return str(REWORK_WORDS.get(step, step))


def meeting_word(result: str | None) -> str:
    """Return what a meeting of the committee came to, in words."""
    return str(MEETING_WORDS.get(result, result)) if result else _("voting")


def method_word(method: str) -> str:
    """Return how a limit was computed, in words."""
    return str(METHOD_WORDS.get(method) or method.replace("_", " ").capitalize())


def mail_word(template: str) -> str:
    """Return what a mail says, in words."""
    return str(MAIL_WORDS.get(template) or _(template.replace("_", " ").capitalize()))


def match_reason_word(reason: str) -> str:
    """Return why an entry of a bank statement may be a payment, in words."""
    return str(MATCH_REASON_WORDS.get(reason, reason))


def bank_rule_word(entry: Any) -> str:
    """Return by what an entry of a bank statement came to its status, in words."""
    if entry.status == "matched" and entry.rule != "person":
        return _("by itself")
    return str(BANK_RULE_WORDS.get(entry.rule, entry.rule))


def wish_word(security: str) -> str:
    """Return whether a grade needs security, in words."""
    return str(WISH_WORDS.get(security, security))


def control_word(controls: str) -> str:
    """Return how closely customers of a grade are watched, in words."""
    return str(CONTROL_WORDS.get(controls, controls))


def assessment_word(word: str) -> str:
    """Return what a finding means for the credit, in words."""
    return str(ASSESSMENT_WORDS.get(word, word))


def security_state_word(state: str) -> str:
    """Return what became of a security, in words."""
    return str(SECURITY_STATE_WORDS.get(state, state))


def rule_word(rule: str) -> str:
    """Return the name of a rule of automatic grants, in words."""
    return str(RULE_WORDS.get(rule) or rule.replace("_", " "))


def envelope_word(part: str) -> str:
    """Return whose part of the envelope it is, in words."""
    return said(part_name(part))


def channel_word(channel: str) -> str:
    """Return where an investigation asked, in words."""
    return str(CHANNEL_WORDS.get(channel, channel))


def application_kind_word(kind: str) -> str:
    """Return what an application asks for, in words."""
    return str(APPLICATION_KIND_WORDS.get(kind, kind))


def import_kind_word(kind: str) -> str:
    """Return what an imported file holds, in words."""
    return str(IMPORT_KIND_WORDS.get(kind, kind))


def indicator_word(name: str) -> str:
    """Return a figure of the payment record in words."""
    return str(INDICATOR_WORDS.get(name) or name.replace("_", " ").capitalize())


def proposal_note(proposal: Any) -> str:
    """Return how a limit proposal came about, or which figure it lacks."""
    if proposal.method == "proposed":
        chosen = method_word(str(proposal.inputs.get("method", "")))
        return _("The lowest of those that apply: %(method)s", method=chosen.lower())
    if proposal.reasons:
        return all_said(proposal.reasons)
    if proposal.applicable:
        return _(str(proposal.note))
    lacking = [
        str(INPUTS.get(name, name.replace("_", " ")))
        for name, value in proposal.inputs.items()
        if value is None
    ]
    return _("Not applicable, unknown: %(names)s", names=listed(lacking))
