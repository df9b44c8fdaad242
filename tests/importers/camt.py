"""Writes bank statements as banks do, in both accepted versions, for tests and for the measure of speed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

OWN = "DE02120300000000202051"


@dataclass(frozen=True)
class Line:
    """One entry; `amount` < 0 leaves the account. `details` are (amount, reference, remittance) of a batch."""

    amount: str
    reference: str = ""
    remittance: str = ""
    payer: str = ""
    payer_account: str = ""
    end_to_end_id: str = ""
    entry_number: str = ""
    currency: str = "EUR"
    booked: bool = True
    reversal: bool = False
    return_reason: str = ""
    code: str = "PMNT/RCDT/ESCT"
    on: date | None = None
    details: tuple[tuple[str, str, str], ...] = ()
    structured: str = ""


def side(amount: str | Decimal) -> str:
    return "DBIT" if str(amount).startswith("-") else "CRDT"


def plain(amount: str | Decimal) -> str:
    return str(amount).lstrip("-")


def statement(
    lines: Iterable[Line], opening: str = "1000.00", closing: str | None = None, number: str = "ST-1",
    account: str = OWN, day: date = date(2026, 3, 9), currency: str = "EUR", version: str = "02",
    codes: tuple[str, str] = ("OPBD", "CLBD"),
) -> str:  # fmt: skip
    """One <Stmt>; without `closing` the one that adds up."""
    rows = list(lines)
    total = Decimal(opening) + sum((Decimal(line.amount) for line in rows if line.booked), Decimal(0))
    return (
        f"<Stmt><Id>{number}</Id><CreDtTm>{day}T20:00:00</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        + balance(codes[0], opening, day, currency)
        + balance(codes[1], closing or f"{total}", day, currency)
        + "".join(entry(line, day, version) for line in rows)
        + "</Stmt>"
    )


def balance(code: str, amount: str, day: date, currency: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{plain(amount)}</Amt>'
        f"<CdtDbtInd>{side(amount)}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(line: Line, day: date, version: str) -> str:
    day = line.on or day
    status = "BOOK" if line.booked else "PDNG"
    status = status if version == "02" else f"<Cd>{status}</Cd>"
    date_form = f"<Dt>{day}</Dt>" if version == "02" else f"<DtTm>{day}T10:11:12+01:00</DtTm>"
    reversal = "<RvslInd>true</RvslInd>" if line.reversal else ""
    domain, family, sub = line.code.split("/")
    code = f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>"
    number = f"<NtryRef>{line.entry_number}</NtryRef>" if line.entry_number else ""
    own = f"<AcctSvcrRef>{line.reference}</AcctSvcrRef>" if line.reference else ""
    parts = line.details or (("", "", line.remittance),)
    details = "".join(detail(line, *part, version=version) for part in parts)
    return (
        f'<Ntry>{number}<Amt Ccy="{line.currency}">{plain(line.amount)}</Amt><CdtDbtInd>{side(line.amount)}</CdtDbtInd>'
        f"{reversal}<Sts>{status}</Sts><BookgDt>{date_form}</BookgDt><ValDt><Dt>{day}</Dt></ValDt>{own}{code}"
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def detail(line: Line, amount: str, reference: str, remittance: str, version: str) -> str:
    amounts = f'<Amt Ccy="{line.currency}">{plain(amount)}</Amt>' if amount else ""
    if version == "02" and amount:
        amounts = f"<AmtDtls><TxAmt>{amounts}</TxAmt></AmtDtls>"
    elif amount:
        amounts += f"<CdtDbtInd>{side(amount)}</CdtDbtInd>"
    references = (f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "") + (
        f"<EndToEndId>{line.end_to_end_id or 'NOTPROVIDED'}</EndToEndId>"
    )
    name = f"<Nm>{escape(line.payer)}</Nm>" if line.payer else ""
    name = f"<Pty>{name}</Pty>" if version == "08" else name
    account = f"<DbtrAcct><Id><IBAN>{line.payer_account}</IBAN></Id></DbtrAcct>" if line.payer_account else ""
    agent = "BIC" if version == "02" else "BICFI"
    structured = (
        f"<Strd><CdtrRefInf><Ref>{line.structured}</Ref></CdtrRefInf></Strd>" if line.structured else ""
    )
    returned = f"<RtrInf><Rsn><Cd>{line.return_reason}</Cd></Rsn></RtrInf>" if line.return_reason else ""
    return (
        f"<TxDtls><Refs>{references}</Refs>{amounts}<RltdPties><Dbtr>{name}</Dbtr>{account}</RltdPties>"
        f"<RltdAgts><DbtrAgt><FinInstnId><{agent}>COBADEFFXXX</{agent}></FinInstnId></DbtrAgt></RltdAgts>"
        f"<RmtInf><Ustrd>{escape(remittance)}</Ustrd>{structured}</RmtInf>{returned}</TxDtls>"
    )


def document(*statements: str, version: str = "02") -> bytes:
    """The whole file."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M1</MsgId>"
        f"<CreDtTm>2026-03-09T20:00:00</CreDtTm></GrpHdr>{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()
