"""The words of orders: rules and causes of checks, and what tables, columns and codes are called in a history."""

from collections.abc import Mapping
from typing import Any

from credit_app.i18n import _l

Words = Mapping[str, Any]

CAUSE_WORDS: Words = {
    "message": _l("message of the order system"),
    "screen": _l("asked for by hand"),
    "recheck": _l("looked at again"),
    "release": _l("release"),
}
RULE_WORDS: Words = {
    "closed": _l("File closed"),
    "blacklisted": _l("Blacklist"),
    "in_default": _l("In default"),
    "customer_hold": _l("Hold of the customer"),
    "no_limit": _l("No limit"),
    "limit_expired": _l("Limit ended"),
    "limit_ends": _l("Limit about to end"),
    "over_group_limit": _l("Over the group's limit"),
    "over_limit": _l("Over the limit"),
    "within_tolerance": _l("Over the limit, tolerated"),
    "oldest_overdue": _l("Oldest item overdue"),
    "overdue_amount": _l("Amount overdue"),
    "overdue_ratio": _l("Share overdue"),
    "collection_stage": _l("Stage of collection"),
    "term_too_long": _l("Term too long"),
    "payment_method": _l("Payment method"),
    "file_incomplete": _l("File incomplete"),
    "file_stale": _l("File out of date"),
    "warning_line": _l("Risk warning line"),
    "overdue_watch": _l("Overdue, not on hold yet"),
    "review_overdue": _l("Review of the limit overdue"),
    "disputed": _l("Share disputed"),
    "broken_promise": _l("Broken promise to pay"),
    "security_ends": _l("Security about to end"),
    "unusual_order": _l("Far above the usual"),
    "copied": _l("Copy of an order on hold"),
    "split": _l("Order split up"),
}
RELEASE_KIND_WORDS: Words = {
    "once": _l("this order once"),
    "until": _l("the customer until a day"),
    "up_to": _l("the customer up to an amount"),
}
RELEASE_STATUS_WORDS: Words = {
    "asked": _l("to be assessed"),
    "awaiting_security": _l("waiting for security"),
    "in_approval": _l("in approval"),
    "active": _l("active"),
    "used": _l("used"),
    "expired": _l("expired"),
    "revoked": _l("revoked"),
    "refused": _l("refused"),
    "lifted": _l("not needed any more"),
    "withdrawn": _l("withdrawn"),
}
# What revoked a release: a rule, or the grade.
REVOKED_WORDS: Words = {**RULE_WORDS, "grade": _l("Grade without credit")}
ORDER_STATUS_WORDS: Words = {"open": _l("open"), "cancelled": _l("cancelled"), "closed": _l("closed")}
CHECK_OUTCOME_WORDS: Words = {
    "pass": _l("passes"),
    "warn": _l("passes with a warning"),
    "hold": _l("on hold"),
}
ORDER_TABLES = {
    "sales_order": _l("Order"),
    "order_message": _l("Message about an order"),
    "order_check": _l("Order check"),
    "order_release": _l("Release of an order"),
}
ORDER_COLUMNS = {
    "checked_on": _l("Day of the check"),
    "deliver_on": _l("Delivery"),
    "delivered_amount": _l("Delivered of it"),
    "invoiced_amount": _l("Invoiced"),
    "looked_at": _l("Looked at again"),
    "payment_days": _l("Days to pay"),
    "release_id": _l("Release"),
    "rules": _l("Rules"),
    "revoked_by": _l("Revoked by"),
    "security_asked": _l("Security asked for"),
    "security_id": _l("Security"),
    "up_to_amount": _l("Up to the amount"),
}
ORDER_CODES: Mapping[str, Words] = {
    "sales_order.status": ORDER_STATUS_WORDS,
    "sales_order.outcome": CHECK_OUTCOME_WORDS,
    "order_check.outcome": CHECK_OUTCOME_WORDS,
    "order_check.cause": CAUSE_WORDS,
    "order_release.kind": RELEASE_KIND_WORDS,
    "order_release.status": RELEASE_STATUS_WORDS,
    "order_release.rules": RULE_WORDS,
    "order_release.revoked_by": REVOKED_WORDS,
    "rules": RULE_WORDS,
}
