"""The figures and clauses of contract review that a new company starts with."""

from collections.abc import Mapping
from typing import Any

from credit_app.domain.policy_figure import CHECK, Figure

_BOTH = ["sales", "purchase"]


def _clause(
    code: str,
    area: str,
    title: tuple[str, str],
    text: tuple[str, str],
    words: list[str],
    *,
    sides: list[str] | None = None,
    required: bool = True,
) -> dict[str, Any]:
    return {
        "code": code,
        "title": title[0],
        "title_zh": title[1],
        "text": text[0],
        "text_zh": text[1],
        "sides": sides or _BOTH,
        "area": area,
        "words": words,
        "required": required,
    }


_CLAUSES = [
    _clause(
        "specification",
        "delivery",
        ("Goods and specification", "标的与规格"),
        (
            "Goods or service, quantity, quality and the standard they are measured by are named.",
            "写明标的、数量、质量及检验标准。",
        ),
        ["specification", "quality", "规格", "质量"],
    ),
    _clause(
        "delivery",
        "delivery",
        ("Delivery and acceptance", "交货与验收"),
        (
            "Place, day and term of delivery are named; goods count as accepted after ten days without complaint.",
            "写明交货地点、期限和方式；十日内未提出异议视为验收合格。",
        ),
        ["delivery", "acceptance", "交货", "验收"],
    ),
    _clause(
        "payment",
        "credit",
        ("Price and payment", "价款与付款"),
        (
            "Payment within the credit terms granted; no set-off except with undisputed claims.",
            "在授予的账期内付款；除无争议债权外不得抵销。",
        ),
        ["payment", "付款", "支付"],
    ),
    _clause(
        "retention_of_title",
        "credit",
        ("Retention of title", "所有权保留"),
        (
            "Goods remain ours until they are paid in full; resold goods are assigned to us in advance.",
            "货款付清前所有权归我方；转售货款预先转让给我方。",
        ),
        ["retention of title", "title to the goods", "所有权保留", "所有权"],
        sides=["sales"],
    ),
    _clause(
        "late_payment",
        "finance",
        ("Late payment", "逾期付款"),
        (
            "Interest on late payment at the rate of the law or higher; costs of collection are the debtor's.",
            "逾期付款按不低于法定利率计息；催收费用由债务人承担。",
        ),
        ["interest on late", "late payment", "逾期"],
        sides=["sales"],
    ),
    _clause(
        "warranty",
        "legal",
        ("Warranty", "质量保证"),
        (
            "At most twenty-four months from delivery; repair or replacement first.",
            "自交货起不超过二十四个月；先修理或更换。",
        ),
        ["warranty", "质保", "质量保证"],
    ),
    _clause(
        "liability",
        "legal",
        ("Breach and liability", "违约责任"),
        (
            "Our liability is limited to the value of the contract, except for intent and injury to persons.",
            "我方责任以合同金额为限，故意及人身损害除外。",
        ),
        ["liability", "违约", "赔偿责任"],
    ),
    _clause(
        "confidentiality",
        "legal",
        ("Confidentiality", "保密"),
        (
            "Both sides keep what they learn confidential for three years after the end.",
            "双方在合同终止后三年内负有保密义务。",
        ),
        ["confidential", "保密"],
        required=False,
    ),
    _clause(
        "force_majeure",
        "legal",
        ("Force majeure", "不可抗力"),
        (
            "Events beyond control suspend duties while they last, payment excepted.",
            "不可抗力期间中止履行，付款义务除外。",
        ),
        ["force majeure", "不可抗力"],
        required=False,
    ),
    _clause(
        "termination",
        "legal",
        ("Term and termination", "期限与终止"),
        (
            "Term, renewal and the days of notice are named; late payment of thirty days is ground for termination.",
            "写明期限、续约及通知期；逾期付款三十日可解除合同。",
        ),
        ["termination", "terminate", "终止", "解除"],
    ),
    _clause(
        "law_and_forum",
        "legal",
        ("Governing law and forum", "适用法律与管辖"),
        (
            "Our law, and the courts of our seat or the arbitration that policy names.",
            "适用我方所在地法律，由我方所在地法院或约定仲裁机构管辖。",
        ),
        ["governing law", "jurisdiction", "arbitration", "管辖", "仲裁"],
    ),
]

CONTRACT_POLICY: Mapping[str, Figure] = {
    "contract.clauses": Figure(
        _CLAUSES,
        CHECK
        + "clauses that a contract is checked for, with the company's standard text and the words that find one.",
    ),
    "contract.areas": Figure(
        {
            "goods": ["delivery"],
            "specification": ["delivery"],
            "quantity": ["delivery", "credit"],
            "unit": ["delivery"],
            "quality": ["delivery", "legal"],
            "delivery_terms": ["delivery", "finance"],
            "delivery_place": ["delivery"],
            "delivery_on": ["delivery"],
            "amount": ["credit", "finance"],
            "currency": ["credit", "finance"],
            "payment_days": ["credit", "finance"],
            "payment_method": ["credit", "finance"],
            "payment_terms": ["credit", "finance"],
            "retention_share": ["credit", "finance"],
            "retention_days": ["credit", "finance"],
            "retention_from": ["credit", "finance"],
            "warranty_months": ["legal", "delivery"],
            "breach_liability": ["legal"],
            "liability_cap": ["legal"],
            "security": ["credit", "legal"],
            "governing_law": ["legal"],
            "forum": ["legal"],
            "starts_on": ["delivery", "credit"],
            "ends_on": ["delivery", "credit"],
            "renewal": ["legal"],
            "renewal_notice_days": ["legal"],
            "special": ["legal", "credit", "finance", "delivery"],
        },
        CHECK + "which areas look at a change of each term of a contract.",
    ),
    "contract.objection_level": Figure(
        {"credit_manager": "250000", "finance_director": "1000000"},
        CHECK
        + "value of a contract, in base currency, up to which each level decides on objections that drafter and "
        "reviewers cannot settle; the CFO decides above.",
    ),
    "contract.review_days": Figure(3, CHECK + "business days for an opinion on a contract."),
    "contract.answer_days": Figure(3, CHECK + "business days for the drafter to answer what reviewers ask."),
    "contract.sign_days": Figure(2, CHECK + "business days for each signature."),
    "contract.chase_days": Figure(
        5, CHECK + "business days after which the credit decision a contract waits for is chased."
    ),
    "contract.countersign_days": Figure(
        14, CHECK + "business days within which the other side's signed copy is expected."
    ),
    "contract.warning_days": Figure(
        [90, 30, 7], CHECK + "calendar days before a date of a contract on which its owner is warned."
    ),
    "contract.renewal_days": Figure(
        90,
        CHECK
        + "calendar days before the end, or before the last day of notice, on which renewal is decided.",
    ),
    "contract.renewal_remind_days": Figure(
        14, CHECK + "calendar days before a decision on renewal is due on which the owner is reminded."
    ),
    "contract.largest_amount": Figure(
        "1000000000", CHECK + "highest value of a contract that can be entered, in base currency."
    ),
}
