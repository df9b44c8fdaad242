"""The words of the customer file as people read them: sizes, kinds, channels, areas of access."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import LazyString

from credit_app.forms.customer_information import DOCUMENT_WORDS, INFORMATION_WORDS
from credit_app.forms.customer_records import LEGAL_WORDS, OWNER_WORDS, REPORT_WORDS
from credit_app.forms.customer_references import ASSESSMENT_WORDS, REFERENCE_WORDS
from credit_app.i18n import _l

SIZES = {
    "micro": _l("micro enterprise"),
    "small": _l("small enterprise"),
    "medium": _l("medium enterprise"),
    "large": _l("large enterprise"),
}
ENTERPRISE_KINDS = {
    "private": _l("private company"),
    "listed": _l("listed company"),
    "state_owned": _l("state-owned company"),
    "public_body": _l("public body"),
    "partnership": _l("partnership"),
    "sole_trader": _l("sole trader"),
}
ACCESS = {
    "view": _l("looked at it"),
    "export": _l("exported it"),
    "print": _l("printed it"),
    "change": _l("changed it"),
}
AREAS = {
    "overview": _l("Overview"),
    "master": _l("Master data and group"),
    "information": _l("Information"),
    "investigations": _l("Investigations and reports"),
    "statements": _l("Statements"),
    "ratings": _l("Ratings"),
    "limits": _l("Limits and securities"),
    "items": _l("Open items"),
    "contracts": _l("Contracts"),
    "account": _l("Account"),
    "applications": _l("Applications and decisions"),
    "documents": _l("Documents"),
    "access": _l("Access"),
    "everything": _l("Everything held"),
}
FIELDS = {
    "move_retried": _l("Move of the case, tried again"),
    "name": _l("Name"),
    "registration_number": _l("Registration number"),
    "country": _l("Country"),
    "region": _l("Region"),
    "industry": _l("Industry"),
    "city": _l("City"),
    "address": _l("Address"),
    "size": _l("Size"),
    "enterprise_kind": _l("Kind of enterprise"),
    "founded_on": _l("Founded on"),
    "employees": _l("Employees"),
    "tax_number": _l("Tax number"),
    "website": _l("Web site"),
    "branch": _l("Branch"),
    "department": _l("Department"),
    "sales_rep": _l("Sales rep"),
    "credit_analyst": _l("Credit analyst"),
    "parent": _l("Parent company"),
    "contact": _l("Contact"),
    "reference": _l("Reference"),
    "information": _l("Information"),
    "legal_record": _l("Legal record"),
    "report": _l("Report"),
    "owner": _l("Owner"),
    "document": _l("Document"),
    "security": _l("Security"),
}
CHANNELS = {
    "registration": _l("Commercial register"),
    "industry_association": _l("Industry association"),
    "credit_platform": _l("Credit information platform"),
    "market": _l("Market and competitors"),
    "references": _l("Bank and trade references"),
    "site_visit": _l("Site visit"),
    "customer_statement": _l("The customer's own statement"),
}
FILTERS: Mapping[str, Mapping[str, LazyString]] = {
    "size_word": SIZES,
    "enterprise_word": ENTERPRISE_KINDS,
    "access_word": ACCESS,
    "file_area_word": AREAS,
    "field_word": FIELDS,
    "reference_word": REFERENCE_WORDS,
    "information_word": INFORMATION_WORDS,
    "document_word": DOCUMENT_WORDS,
    "finding_word": CHANNELS,
    "legal_word": LEGAL_WORDS,
    "owner_word": OWNER_WORDS,
    "report_word": REPORT_WORDS,
    "file_assessment_word": ASSESSMENT_WORDS,
}


def init_app(app: Flask) -> None:
    """Register a filter for each kind of word; an unknown code is shown as it is, an empty one as nothing."""
    for name, words in FILTERS.items():
        app.add_template_filter(lambda code, known=words: str(known.get(code, code or "")), name)
