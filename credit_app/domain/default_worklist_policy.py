"""The figures of the collector's worklist that a new company starts with: points, and what to say at each stage."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

_SCRIPT_EN = {
    "friendly_notice": "Ask whether the invoice has arrived and is in order. Offer a copy. Ask for the day of payment.",
    "call": (
        "Name the invoices, their due dates and the sum. Ask what stands in the way. Agree on a day and "
        "an amount, and repeat both at the end. Write down whom you spoke with."
    ),
    "letter_1": (
        "Refer to our first letter and its date. Ask who decides about payments and speak with that "
        "person. Agree on a day; if it is disputed, take the dispute down at once."
    ),
    "letter_2": (
        "Say that interest is running and that orders are on hold until the account is settled. Offer "
        "instalments where the debtor cannot pay at once."
    ),
    "visit": (
        "Announce a visit and agree on the day. Ask that the balance is confirmed in writing and that "
        "whoever may sign is there."
    ),
    "final_demand": (
        "Name the last day of the final demand and what follows after it. Promise nothing that policy "
        "does not allow; note every word about how and when it is paid."
    ),
    "lawyer_letter": (
        "Counsel has written. Do not negotiate: take down what is offered and pass it on to counsel the "
        "same day."
    ),
    "agency": "The account is with an agency. Refer the debtor to it and tell the agency of the call.",
    "legal_action": (
        "A suit is prepared or pending. Say nothing about the matter; take down offers and pass them on "
        "to counsel."
    ),
    "paused": (
        "What is overdue is disputed or promised. Speak about that only: what is missing to settle it, "
        "and by when."
    ),
}
_SCRIPT_ZH = {
    "friendly_notice": "询问发票是否收到、内容是否无误；可补寄副本；请对方告知付款日期。",
    "call": "逐张说明发票、到期日和总额；询问未付原因；约定付款日期和金额，结束前复述一遍；记下通话对象。",
    "letter_1": "提及第一封催款函及其日期；询问由谁决定付款并与其沟通；约定日期；如有争议，当场登记。",
    "letter_2": "说明逾期利息正在计算，结清前订单暂停；对方一时无力全付的，可提议分期付款。",
    "visit": "告知将上门拜访并约定日期；请对方书面确认余额，并请有权签字的人到场。",
    "final_demand": "说明最后催告的截止日及其后的措施；不作政策以外的承诺；逐句记下对方关于付款方式和时间的表态。",
    "lawyer_letter": "律师函已发出。不要谈判：记下对方的提议，当天转交法务。",
    "agency": "账户已委托第三方催收机构。请对方与该机构联系，并将通话告知该机构。",
    "legal_action": "正在准备或进行诉讼。不谈案情；记下对方的提议并转交法务。",
    "paused": "逾期款项有争议或已承诺付款。只谈此事：还缺什么才能解决，何时解决。",
}

WORKLIST_POLICY: Mapping[str, Figure] = {
    "worklist.amount_points": Figure(
        [["1000", "2"], ["5000", "6"], ["20000", "12"], ["100000", "20"], [None, "30"]],
        CHECK + "points by what is overdue in base currency, up to each amount.",
    ),
    "worklist.age_points": Figure(
        [["7", "2"], ["30", "8"], ["60", "14"], ["90", "18"], [None, "20"]],
        CHECK + "points by the days that the oldest debt is past due.",
    ),
    "worklist.limitation_points": Figure(
        [["30", "30"], ["90", "20"], ["180", "10"], [None, "0"]],
        RULES + "warnings come 180, 90 and 30 days before the limitation date; points by the days left.",
    ),
    "worklist.risk_points": Figure(
        {"low": 0, "medium": 4, "high": 12, "none": 15}, CHECK + "points by the risk class of the grade."
    ),
    "worklist.broken_promise_points": Figure(8, CHECK + "points for each broken promise."),
    "worklist.broken_promises_most": Figure(24, CHECK + "most points for broken promises."),
    "worklist.broken_promise_days": Figure(365, CHECK + "days for which a broken promise counts."),
    "worklist.key_customer_points": Figure(10, CHECK + "points of a key customer."),
    "worklist.follow_up_points": Figure(25, CHECK + "points once the day has come on which to look again."),
    "worklist.no_contact_points": Figure(
        10, CHECK + "points where nobody tried to reach the debtor for long."
    ),
    "worklist.no_contact_days": Figure(7, CHECK + "days without a contact from which they are given."),
    "worklist.longest_pause_days": Figure(90, CHECK + "longest pause of a case by hand, in days."),
    "worklist.script_en": Figure(_SCRIPT_EN, CHECK + "what a collector says at each stage, in English."),
    "worklist.script_zh": Figure(_SCRIPT_ZH, CHECK + "what a collector says at each stage, in Chinese."),
}
