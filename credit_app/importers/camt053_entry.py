"""Reads one entry of a bank statement: by whom, for what, and under which of the bank's references."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_app.domain.sentences import N_
from credit_app.importers.camt053_values import (
    account_of,
    amount_of,
    day_of,
    element_of,
    elements_of,
    text_of,
    told,
)
from credit_app.importers.errors import BadValue
from credit_app.importers.xml_reading import Element

LONGEST_REFERENCE, LONGEST_REMITTANCE, LONGEST_NAME = 80, 1000, 200
# Many banks only number the entries of a statement; such a number comes again in the next one.
_RUNNING_NUMBER = re.compile(r"0*[0-9]{1,6}\Z")


@dataclass(slots=True)
class Entry:
    """One booked amount (below zero: it left the account), with everything the bank said of it."""

    line: int
    reference: str
    booked_on: date
    value_on: date
    amount: Decimal
    currency: str
    payer: str
    payer_account: str
    remittance: str
    end_to_end_id: str
    is_return: bool
    return_reason: str
    bank_code: str

    @property
    def said(self) -> str:
        """All of it as one text: the same content gives the same text."""
        values = (getattr(self, name) for name in self.__slots__ if name != "line")
        return "\x1f".join(map(str, values)) + "\x1e"


@dataclass(slots=True)
class Detail:
    """One transaction inside an entry; `amount` as far as it is given in so many words, the side also."""

    amount: Decimal | None
    currency: str
    reference: str
    parties: dict[str, tuple[str, str]]  # Dbtr, Cdtr -> name, account
    remittance: str
    end_to_end_id: str
    is_return: bool
    return_reason: str
    bank_code: str


def read_detail(part: Element) -> Detail:
    """The transaction of a <TxDtls>; what cannot be read as an amount is none."""
    amount, currency = _detail_amount(part)
    returned = element_of(part, "RtrInf")
    return Detail(
        amount,
        currency,
        told(part, "Refs/AcctSvcrRef"),
        {side: _party(part, side) for side in ("Dbtr", "Cdtr")},
        _remittance(part),
        told(part, "Refs/EndToEndId")[:60],
        returned is not None,
        _reason(returned) if returned is not None else "",
        _code(part),
    )


def read_entries(part: Element, details: list[Detail]) -> list[Entry]:
    """The entries of a <Ntry> with these transactions: one for each when their amounts are given and come to the
    entry's, else one for all. None when it is not booked, or of nothing. Raises BadValue."""
    if text_of(part, "Sts/Cd", "Sts") != "BOOK":
        return []
    amount, currency = amount_of(part, "Amt", "CdtDbtInd")
    if amount == 0:
        return []
    booked = day_of(part, "BookgDt/Dt", "BookgDt/DtTm") or day_of(part, "ValDt/Dt", "ValDt/DtTm")
    if booked is None:
        raise BadValue(N_("has no date on which it was booked"))
    value = day_of(part, "ValDt/Dt", "ValDt/DtTm") or booked
    shares = _shares(amount, currency, details)
    split: list[tuple[Decimal, Detail | None]] = [(amount, _merged(details))]
    if shares is not None:
        split = list(zip(shares, details, strict=True))
    found = [_entry(part, share, currency, booked, value, detail) for share, detail in split]
    _name(part, found, [detail for _share, detail in split])
    return found


def named(part: Element) -> str:
    """By what a person finds the entry in the file."""
    return told(part, "AcctSvcrRef", "NtryRef") or text_of(part, "Amt")


# --- inside -----------------------------------------------------------------------------------------------------------


def _detail_amount(part: Element) -> tuple[Decimal | None, str]:
    for path, side in (("Amt", "CdtDbtInd"), ("AmtDtls/TxAmt/Amt", "")):
        found = element_of(part, path)
        if found is not None:
            try:
                if side and text_of(part, side):
                    return amount_of(part, path, side)
                return abs(Decimal((found.text or "").strip())), (found.get("Ccy") or "").strip()
            except (BadValue, ArithmeticError):
                return None, ""
    return None, ""


def _shares(amount: Decimal, currency: str, details: list[Detail]) -> list[Decimal] | None:
    """The signed amounts of the transactions, when they come to the entry's exactly; else None."""
    if len(details) < 2 or any(one.amount is None or one.currency != currency for one in details):
        return None
    plain = [one.amount or Decimal(0) for one in details]
    for shares in (plain, [abs(share).copy_sign(amount) for share in plain]):
        if sum(shares) == amount and all(shares):
            return shares
    return None


def _merged(details: list[Detail]) -> Detail | None:
    """What the transactions of one amount have in common, and all that they say."""
    if len(details) <= 1:
        return details[0] if details else None
    same = {side: {one.parties[side] for one in details} for side in ("Dbtr", "Cdtr")}
    return Detail(
        None,
        "",
        "",
        {side: next(iter(found)) if len(found) == 1 else ("", "") for side, found in same.items()},
        " ".join(one.remittance for one in details if one.remittance)[:LONGEST_REMITTANCE],
        "",
        any(one.is_return for one in details),
        next((one.return_reason for one in details if one.return_reason), ""),
        details[0].bank_code,
    )


def _entry(
    part: Element, amount: Decimal, currency: str, booked: date, value: date, detail: Detail | None
) -> Entry:
    is_return = text_of(part, "RvslInd") in ("true", "1") or (detail is not None and detail.is_return)
    # The customer stands on the debtor's side also when its payment goes back.
    side = "Dbtr" if amount > 0 or is_return else "Cdtr"
    payer, account = detail.parties[side] if detail is not None else ("", "")
    return Entry(
        part.sourceline or 0,
        "",
        booked,
        value,
        amount,
        currency,
        payer,
        account,
        ((detail.remittance if detail is not None else "") or text_of(part, "AddtlNtryInf"))[
            :LONGEST_REMITTANCE
        ],
        detail.end_to_end_id if detail is not None else "",
        is_return,
        detail.return_reason if detail is not None else "",
        _code(part) or (detail.bank_code if detail is not None else ""),
    )


def _name(part: Element, entries: list[Entry], details: list[Detail | None]) -> None:
    """Gives each entry the bank's own reference, or what is left of it: one that is the same in every statement."""
    number = text_of(part, "NtryRef")
    base = told(part, "AcctSvcrRef") or (
        "" if _RUNNING_NUMBER.match(number) or number.upper() == "NOTPROVIDED" else number
    )
    own = [detail.reference if detail is not None else "" for detail in details]
    times = Counter(own)
    if len(entries) == 1:
        base = base or own[0]
    base = base if len(base) <= LONGEST_REFERENCE else _digest(base)
    for place, (entry, reference) in enumerate(zip(entries, own, strict=True), 1):
        if len(entries) == 1:
            entry.reference = base or _digest(entry.said)
        elif (
            reference and reference != base and times[reference] == 1 and len(reference) <= LONGEST_REFERENCE
        ):
            entry.reference = reference
        else:
            entry.reference = f"{base}/{place}" if base else _digest(entry.said)


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:40]


def _party(part: Element, side: str) -> tuple[str, str]:
    """(name, account); without a name the ultimate party's, else the bank that it comes from."""
    parties, agents = "RltdPties", f"RltdAgts/{side}Agt/FinInstnId"
    name = text_of(
        part, f"{parties}/{side}/Pty/Nm", f"{parties}/{side}/Nm", f"{parties}/Ultmt{side}/Pty/Nm",
        f"{parties}/Ultmt{side}/Nm", f"{agents}/BICFI", f"{agents}/BIC",
    )  # fmt: skip
    return name[:LONGEST_NAME], account_of(part, f"{parties}/{side}Acct/Id")


def _remittance(part: Element) -> str:
    free = [one.text or "" for one in elements_of(part, "RmtInf/Ustrd")]
    for structured in elements_of(part, "RmtInf/Strd"):
        free += [one.text or "" for one in elements_of(structured, "CdtrRefInf/Ref")]
        free += [one.text or "" for one in elements_of(structured, "RfrdDocInf/Nb")]
        free += [one.text or "" for one in elements_of(structured, "AddtlRmtInf")]
    words = " ".join(" ".join(free).split())
    return (words or text_of(part, "AddtlTxInf"))[:LONGEST_REMITTANCE]


def _reason(returned: Element) -> str:
    code = text_of(returned, "Rsn/Cd", "Rsn/Prtry")
    words = " ".join((one.text or "") for one in elements_of(returned, "AddtlInf"))
    return " ".join(f"{code} {words}".split())[:200]


def _code(part: Element) -> str:
    """The bank's transaction code: domain/family/sub-family, or its own."""
    names = ("BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd")
    found = "/".join(text for text in (text_of(part, name) for name in names) if text)
    return (found or text_of(part, "BkTxCd/Prtry/Cd"))[:60]
