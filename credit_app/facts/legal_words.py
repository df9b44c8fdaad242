"""The words of legal action as people read them, also in papers and mails."""

from collections.abc import Mapping

from flask_babel import LazyString

from credit_app.i18n import _l

Words = Mapping[str, LazyString]

DATE_WORDS: Words = {
    "limitation": _l("limitation date"),
    "filing": _l("filing of the claim"),
    "hearing": _l("hearing"),
    "preservation": _l("lapse of the preservation"),
    "objection": _l("end of the objection period"),
    "appeal": _l("end of the appeal period"),
    "payment": _l("payment of the settlement"),
    "enforcement": _l("end of the enforcement period"),
    "insolvency": _l("examination of claims"),
    "guarantee": _l("end of the guarantee period"),
}
GROUND_WORDS: Words = {
    "balance_confirmed": _l("balance confirmed"),
    "demand_delivered": _l("demand delivered"),
    "part_payment": _l("part payment"),
    "promise": _l("promise to pay"),
    "payment_plan": _l("payment plan"),
    "security": _l("security given"),
    "filing": _l("claim filed"),
}
# What an event rests on where no paper was filed: the table before the colon of `limitation_interruption.evidence`.
REST_WORDS: Words = {
    "legal_case": _l("Legal case"),
    "promise_to_pay": _l("Promise"),
    "payment_plan": _l("Payment plan"),
    "payment_extension": _l("Payment extension"),
    "dunning_proof": _l("Proof of delivery"),
}
WHY_NOT_WORDS: Words = {
    "not_by_law": _l("changes nothing by the law of this country"),
    "too_late": _l("too late: limitation had passed"),
}
EVIDENCE_WORDS: Words = {
    "contract": _l("contract"),
    "invoices": _l("invoices"),
    "delivery": _l("proof of delivery"),
    "acknowledgement": _l("acknowledgement of the debt"),
    "demands": _l("demands with proof of receipt"),
    "correspondence": _l("correspondence"),
}
MISSING_WORDS: Words = {
    "contract": _l("No contract is filed."),
    "delivery": _l("No proof of delivery is filed."),
    "demands": _l("No demand with proof of receipt is filed."),
    "interest": _l("A rate of late interest is missing in the policy; no interest is computed."),
    "limitation": _l("Limitation of a claimed item has passed."),
    "interruption": _l("An event that restarts limitation has no document."),
    "size": _l("Some documents are left out, for the pack would be too large."),
}
PROSPECT_WORDS: Words = {"good": _l("good"), "even": _l("even"), "poor": _l("poor")}
SOLVENCY_WORDS: Words = {
    "able": _l("can pay"),
    "doubtful": _l("doubtful"),
    "insolvent": _l("insolvent"),
    "unknown": _l("not known"),
}
WAY_WORDS: Words = {
    "payment_order": _l("payment order"),
    "arbitration": _l("arbitration"),
    "suit": _l("suit"),
}
TITLE_WORDS: Words = {
    "payment_order": _l("payment order"),
    "judgment": _l("judgment"),
    "award": _l("arbitral award"),
    "settlement": _l("settlement"),
}
COUNSEL_WORDS: Words = {"in_house": _l("in-house counsel"), "law_firm": _l("law firm")}
COST_WORDS: Words = {
    "court_fee": _l("court fee"),
    "lawyer_fee": _l("lawyer's fee"),
    "preservation": _l("preservation"),
    "enforcement": _l("enforcement"),
    "other": _l("other"),
}
EVENT_WORDS: Words = {
    "started": _l("Legal action begun"),
    "assessed": _l("Assessed"),
    "approved": _l("Approved"),
    "sent_back": _l("Sent back"),
    "refused": _l("Refused"),
    "evidence": _l("Evidence gathered"),
    "counsel": _l("Counsel chosen"),
    "preservation": _l("Preservation decided"),
    "filed": _l("Claim filed"),
    "hearing": _l("Hearing"),
    "judgment": _l("Judgment"),
    "settlement": _l("Settlement"),
    "final": _l("Title final"),
    "contested": _l("Contested"),
    "enforcement": _l("Enforcement applied for"),
    "enforcement_step": _l("Step of enforcement"),
    "insolvency": _l("Claim filed in insolvency"),
    "dividend": _l("Insolvency ended"),
    "payment": _l("Payment on claimed items"),
    "went_on": _l("Suit goes on"),
    "ended": _l("Case ended"),
}


def word(words: Words, code: str | None) -> str:
    """A code in words; what has none as it is."""
    return str(words.get(code or "", code or ""))
