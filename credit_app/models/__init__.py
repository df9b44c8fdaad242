"""The credit tables and the queries that belong to them."""

from credit_app.models import guards as guards
from credit_app.models.application import (
    APPLICATION_STATUSES,
    DECISIONS,
    GRADES,
    PAYMENT_METHODS,
    ApprovalDecision,
    Attachment,
    CreditApplication,
    InternalRecord,
    LimitProposal,
    Rating,
)
from credit_app.models.base import Model
from credit_app.models.currency import Currency, ExchangeRate
from credit_app.models.customer import (
    CUSTOMER_STATUSES,
    Contact,
    Customer,
    customer_by_registration,
    group_members,
)
from credit_app.models.imports import IMPORT_KINDS, IMPORT_MODES, ImportBatch, ImportProblem
from credit_app.models.ledger import Allocation, Receipt, ReceivableItem
from credit_app.models.ledger_queries import (
    OpenItem,
    PaidItem,
    UnallocatedReceipt,
    open_items,
    payment_record,
    unallocated_receipts,
)
from credit_app.models.limit import CreditLimit, active_limit, active_limits, open_limit
from credit_app.models.numbers import (
    NumberCounter,
    customer_numbers,
    next_application_number,
    next_customer_number,
)
from credit_app.models.organisation import (
    ROLES,
    Branch,
    Company,
    Department,
    Holiday,
    PasswordLink,
    Person,
    PersonRole,
    Substitution,
)
from credit_app.models.passwords import hash_password, password_matches
from credit_app.models.policy import MissingPolicy, Policy, policy_value, policy_values

__all__ = [
    "APPLICATION_STATUSES",
    "CUSTOMER_STATUSES",
    "DECISIONS",
    "GRADES",
    "IMPORT_KINDS",
    "IMPORT_MODES",
    "PAYMENT_METHODS",
    "ROLES",
    "Allocation",
    "ApprovalDecision",
    "Attachment",
    "Branch",
    "Company",
    "Contact",
    "CreditApplication",
    "CreditLimit",
    "Currency",
    "Customer",
    "Department",
    "ExchangeRate",
    "Holiday",
    "ImportBatch",
    "ImportProblem",
    "InternalRecord",
    "LimitProposal",
    "MissingPolicy",
    "Model",
    "NumberCounter",
    "OpenItem",
    "PaidItem",
    "PasswordLink",
    "Person",
    "PersonRole",
    "Policy",
    "Rating",
    "Receipt",
    "ReceivableItem",
    "Substitution",
    "UnallocatedReceipt",
    "active_limit",
    "active_limits",
    "customer_by_registration",
    "customer_numbers",
    "group_members",
    "hash_password",
    "next_application_number",
    "next_customer_number",
    "open_items",
    "open_limit",
    "password_matches",
    "payment_record",
    "policy_value",
    "policy_values",
    "unallocated_receipts",
]
