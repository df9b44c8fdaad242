"""Rules of the database that a CHECK cannot say: append-only tables, and a ledger that fits on every day."""

from typing import Any, cast

from sqlalchemy import DDL, Connection, Table, event

from credit_app.models import collection_guards, ledger_guards
from credit_app.models.agencies import AgencyRecovery, AgencyReport
from credit_app.models.approval import DecisionReceipt
from credit_app.models.base import Model
from credit_app.models.cash import BalanceConfirmation, LimitationInterruption
from credit_app.models.collection import CollectionContact, CollectionMove
from credit_app.models.contract import (
    ContractClause,
    ContractDocument,
    ContractEvent,
    ContractTemplate,
    ContractVersion,
)
from credit_app.models.contract_review import ContractOpinion, ContractSignature
from credit_app.models.discussion import AccessLog, Comment
from credit_app.models.disputes import ImportedDisputeEnd
from credit_app.models.dunning import DunningItem, DunningLetter, DunningProof, DunningTemplate
from credit_app.models.holds import HoldStep
from credit_app.models.investigation import InformationItem
from credit_app.models.late_interest import InterestAgreement, InterestClaim
from credit_app.models.ledger import (
    Adjustment,
    Allocation,
    ItemMark,
    Receipt,
    ReceiptReversal,
    ReceivableItem,
)
from credit_app.models.legacy import LegacyCampaignItem
from credit_app.models.legal import LegalCost, LegalDocument, LegalEvent, LegalNotice
from credit_app.models.orders import OrderCheck, OrderMessage
from credit_app.models.performance import ContractWarning
from credit_app.models.policy import Policy
from credit_app.models.provision import ProvisionLine, ProvisionMovement, ProvisionRun, SpecificReserve
from credit_app.models.visits import VisitMove, VisitPaper
from credit_app.models.write_off import Recovery, WriteOffDecision

APPEND_ONLY = (
    ReceivableItem,
    Receipt,
    Allocation,
    Adjustment,
    ReceiptReversal,
    ItemMark,
    LimitationInterruption,
    Policy,
    InformationItem,
    Comment,
    AccessLog,
    DecisionReceipt,
    CollectionMove,
    CollectionContact,
    DunningTemplate,
    DunningProof,
    InterestClaim,
    InterestAgreement,
    WriteOffDecision,
    Recovery,
    ProvisionRun,
    ProvisionLine,
    ProvisionMovement,
    SpecificReserve,
    LegalCost,
    LegalDocument,
    LegalEvent,
    LegalNotice,
    HoldStep,
    VisitMove,
    VisitPaper,
    AgencyReport,
    AgencyRecovery,
    ImportedDisputeEnd,
    LegacyCampaignItem,
    ContractTemplate,
    ContractDocument,
    ContractEvent,
    ContractOpinion,
    ContractSignature,
    ContractWarning,
    OrderMessage,
    OrderCheck,
)

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added, never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

APPEND_ONLY_TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

# What a customer was asked to confirm stands; only what became of it is written down later.
STATEMENT_STANDS = """
CREATE TRIGGER statement_stands BEFORE UPDATE OF statement, customer_id, as_of ON balance_confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

# What a letter says stands from the moment it goes out; what becomes of it is written down later.
LETTER_STANDS = """
CREATE TRIGGER letter_stands BEFORE UPDATE OF number, customer_id, level, channel, letter_on, pay_by, address, subject,
    body, totals, sender, accounts ON dunning_letter
    FOR EACH ROW WHEN (OLD.status NOT IN ('proposed', 'released')) EXECUTE FUNCTION refuse_change()
"""
# Nor may what it names be changed or taken away.
LETTER_ITEMS_STAND = (
    """
CREATE OR REPLACE FUNCTION keep_letter_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM dunning_letter l WHERE l.id = OLD.letter_id
            AND l.status NOT IN ('proposed', 'released')) THEN
        RAISE EXCEPTION 'what letter % names stands', OLD.letter_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
    """
CREATE TRIGGER letter_items_stand BEFORE UPDATE OR DELETE ON dunning_item
    FOR EACH ROW EXECUTE FUNCTION keep_letter_items()
""",
)

# A version of a contract stands from the moment it is put under review, with the checklist that was made of it.
VERSION_STANDS = (
    """
CREATE OR REPLACE FUNCTION keep_contract_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - 'words' <> to_jsonb(OLD) - 'words') THEN
        RAISE EXCEPTION 'version % of contract % stands', OLD.no, OLD.contract_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
    """
CREATE TRIGGER version_stands BEFORE UPDATE OR DELETE ON contract_version
    FOR EACH ROW EXECUTE FUNCTION keep_contract_version()
""",
)
CLAUSES_STAND = (
    """
CREATE OR REPLACE FUNCTION keep_contract_clauses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM contract_version v WHERE v.id = OLD.version_id AND v.frozen_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the checklist of version % stands', OLD.version_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
    """
CREATE TRIGGER clauses_stand BEFORE UPDATE OR DELETE ON contract_clause
    FOR EACH ROW EXECUTE FUNCTION keep_contract_clauses()
""",
)
# The register finds a contract by the names that its other side has and had; the program adds the rest of its words
# (credit_app.domain.search_words, which tells words apart as words_of_name does).
FOUND_BY_NAME = (
    """
CREATE OR REPLACE FUNCTION words_of_name(given text) RETURNS tsvector LANGUAGE sql STABLE AS $$
    WITH plain AS (SELECT lower(normalize(given, NFKC)) AS name)
    SELECT array_to_tsvector(ARRAY(
        SELECT word FROM plain, regexp_split_to_table(plain.name, '[^[:alnum:]]+') word
        WHERE word <> '' AND ascii(word) < 12288
        UNION
        SELECT substr(plain.name, place, 2) FROM plain, generate_series(1, length(plain.name)) place
        WHERE ascii(substr(plain.name, place, 1)) >= 12288
    ))
$$
""",
    """
CREATE OR REPLACE FUNCTION find_contracts_by_new_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'customer' THEN
        UPDATE contract SET words = coalesce(words, '') || words_of_name(NEW.name) WHERE customer_id = NEW.id;
    ELSE
        UPDATE contract SET words = coalesce(words, '') || words_of_name(NEW.name) WHERE party_id = NEW.id;
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER contracts_found_by_name AFTER UPDATE OF name ON customer
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION find_contracts_by_new_name()
""",
    """
CREATE TRIGGER contracts_found_by_name AFTER UPDATE OF name ON party
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION find_contracts_by_new_name()
""",
)

LEDGER = (
    *ledger_guards.VIEWS,
    *ledger_guards.FUNCTIONS,
    *ledger_guards.TRIGGERS.values(),
    *collection_guards.FUNCTIONS,
    *collection_guards.TRIGGERS,
)


def guard_statements() -> list[str]:
    """All statements, in order, for a database whose tables exist (the migration runs the same)."""
    triggers = [APPEND_ONLY_TRIGGER.format(table=model.__tablename__) for model in APPEND_ONLY]
    return [
        REFUSE_CHANGE, *triggers, STATEMENT_STANDS, LETTER_STANDS, *LETTER_ITEMS_STAND, *VERSION_STANDS, *CLAUSES_STAND,
        *FOUND_BY_NAME, *LEDGER,
    ]  # fmt: skip


def _ddl(statement: str) -> DDL:
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]


def _table(model: type[Model]) -> Table:
    return cast(Table, model.__table__)


def _guard_across_tables(_metadata: Any, connection: Connection, *, tables: Any = (), **_rest: Any) -> None:
    """When all tables were made; the platform's tests and benchmarks make only its own."""
    if any(table.name == ReceivableItem.__tablename__ for table in tables):
        for statement in (*LEDGER, *FOUND_BY_NAME):
            connection.execute(_ddl(statement))


def _install() -> None:
    """`metadata.create_all` then makes the guards too, as the migration does."""
    for model in APPEND_ONLY:
        table = _table(model)
        event.listen(table, "after_create", _ddl(REFUSE_CHANGE))
        event.listen(table, "after_create", _ddl(APPEND_ONLY_TRIGGER.format(table=table.name)))
    confirmations = _table(BalanceConfirmation)
    event.listen(confirmations, "after_create", _ddl(REFUSE_CHANGE))
    event.listen(confirmations, "after_create", _ddl(STATEMENT_STANDS))
    letters = _table(DunningLetter)
    event.listen(letters, "after_create", _ddl(REFUSE_CHANGE))
    event.listen(letters, "after_create", _ddl(LETTER_STANDS))
    for statement in LETTER_ITEMS_STAND:
        event.listen(_table(DunningItem), "after_create", _ddl(statement))
    for statement in VERSION_STANDS:
        event.listen(_table(ContractVersion), "after_create", _ddl(statement))
    for statement in CLAUSES_STAND:
        event.listen(_table(ContractClause), "after_create", _ddl(statement))
    event.listen(Model.metadata, "after_create", _guard_across_tables)


_install()
