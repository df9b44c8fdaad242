"""Examples of the XML files that need no mapping: a bank statement and an electronic invoice, taken as they are."""

from datetime import date, timedelta

from credit_app.importers.ubl_reading import SCHEMA, VERSION

_STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
  <BkToCstmrStmt>
    <GrpHdr><MsgId>EXAMPLE-1</MsgId><CreDtTm>{day}T20:00:00</CreDtTm></GrpHdr>
    <Stmt>
      <Id>EXAMPLE-{day}</Id>
      <CreDtTm>{day}T20:00:00</CreDtTm>
      <Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>
      <Bal>
        <Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>
        <Amt Ccy="EUR">10000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt>
      </Bal>
      <Bal>
        <Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>
        <Amt Ccy="EUR">11200.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt>
      </Bal>
      <Ntry>
        <Amt Ccy="EUR">1200.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
        <BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>
        <AcctSvcrRef>EXAMPLE-{day}-1</AcctSvcrRef>
        <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
        <NtryDtls><TxDtls>
          <RltdPties>
            <Dbtr><Pty><Nm>Nordwind GmbH</Nm></Pty></Dbtr>
            <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>
          </RltdPties>
          <RmtInf><Ustrd>Invoice INV-5001</Ustrd></RmtInf>
        </TxDtls></NtryDtls>
      </Ntry>
    </Stmt>
  </BkToCstmrStmt>
</Document>
"""

_INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{schema}Invoice-2"
    xmlns:cac="{schema}CommonAggregateComponents-2" xmlns:cbc="{schema}CommonBasicComponents-2">
  <cbc:UBLVersionID>{version}</cbc:UBLVersionID>
  <cbc:ID>INV-5101</cbc:ID>
  <cbc:IssueDate>{day}</cbc:IssueDate>
  <cbc:DueDate>{due}</cbc:DueDate>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:OrderReference><cbc:ID>PO 77-3</cbc:ID></cac:OrderReference>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyIdentification><cbc:ID>K-1001</cbc:ID></cac:PartyIdentification>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">480.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>
"""

KINDS = ("bank_statement", "ubl")


def xml_example(kind: str, today: date) -> str:
    """The document for one of KINDS, dated back from today; its customer is that of the example of customers."""
    day = today - timedelta(days=3)
    if kind == "bank_statement":
        return _STATEMENT.format(day=day)
    return _INVOICE.format(schema=SCHEMA, version=VERSION, day=day, due=day + timedelta(days=30))
