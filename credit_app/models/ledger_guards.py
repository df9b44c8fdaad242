"""What the database itself keeps of the ledger: balances beside the entries, and entries that fit on every day.

`item_entry` and `receipt_entry` list all that ever changed what is open; a balance is their sum, kept by triggers in
the transaction that adds an entry, under a lock on the balance's row, so that two allocations at once see each other.
"""

ITEM_ENTRY = """
CREATE OR REPLACE VIEW item_entry AS
    SELECT i.id AS item_id, i.document_date AS on_date, i.amount, i.kind AS entry, i.id AS entry_id
        FROM receivable_item i
    UNION ALL SELECT item_id, adjusted_on, amount, 'adjustment', id FROM adjustment
    UNION ALL SELECT item_id, allocated_on, -amount, 'allocation', id FROM allocation
    UNION ALL SELECT credit_item_id, allocated_on, -amount, 'allocation', id FROM allocation
        WHERE credit_item_id IS NOT NULL
"""

RECEIPT_ENTRY = """
CREATE OR REPLACE VIEW receipt_entry AS
    SELECT r.id AS receipt_id, r.received_on AS on_date, r.amount, 'receipt' AS entry, r.id AS entry_id FROM receipt r
    UNION ALL SELECT receipt_id, allocated_on, -amount, 'allocation', id FROM allocation WHERE receipt_id IS NOT NULL
    UNION ALL SELECT v.receipt_id, v.reversed_on, -r.amount, 'reversal', v.id
        FROM receipt_reversal v JOIN receipt r ON r.id = v.receipt_id
"""

# Written in the order of two of the three indexes, so that many rows touch few pages of them at a time.
OPEN_ITEM = """
CREATE OR REPLACE FUNCTION open_item_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO item_balance (item_id, customer_id, kind, currency, document_date, due_date, open_amount, last_on)
        SELECT id, customer_id, kind, currency, document_date, due_date, amount, document_date FROM added
        ORDER BY customer_id, due_date;
    RETURN NULL;
END $$
"""

OPEN_RECEIPT = """
CREATE OR REPLACE FUNCTION open_receipt_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO receipt_balance (receipt_id, customer_id, currency, received_on, unallocated, last_on)
        SELECT id, customer_id, currency, received_on, amount, received_on FROM added;
    RETURN NULL;
END $$
"""

# Only what was opened again can be overdrawn on a day although it is not in the end.
CHECK_DAYS = """
CREATE OR REPLACE FUNCTION check_ledger_days(items bigint[], receipts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT e.item_id INTO wrong FROM (
        SELECT item_id, sum(sum(amount)) OVER (PARTITION BY item_id ORDER BY on_date) AS still_open
        FROM item_entry WHERE item_id IN (SELECT item_id FROM item_balance WHERE item_id = ANY(items) AND reopened)
        GROUP BY item_id, on_date
    ) e WHERE still_open < 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'on an earlier day an entry exceeds what was open of item %', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT e.receipt_id INTO wrong FROM (
        SELECT receipt_id, sum(sum(amount)) OVER (PARTITION BY receipt_id ORDER BY on_date) AS still_free
        FROM receipt_entry
        WHERE receipt_id IN (SELECT receipt_id FROM receipt_balance WHERE receipt_id = ANY(receipts) AND reopened)
        GROUP BY receipt_id, on_date
    ) e WHERE still_free < 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'on an earlier day an entry exceeds what was left of receipt %', wrong
            USING ERRCODE = 'check_violation';
    END IF;
END $$
"""

# One statement for all rows of an INSERT; locks are taken in the order of ids.
CHECK_ALLOCATION = """
CREATE OR REPLACE FUNCTION check_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
    items bigint[] := ARRAY(SELECT item_id FROM added UNION SELECT credit_item_id FROM added
        WHERE credit_item_id IS NOT NULL);
    receipts bigint[] := ARRAY(SELECT DISTINCT receipt_id FROM added WHERE receipt_id IS NOT NULL);
BEGIN
    PERFORM 1 FROM item_balance WHERE item_id = ANY(items) ORDER BY item_id FOR NO KEY UPDATE;
    PERFORM 1 FROM receipt_balance WHERE receipt_id = ANY(receipts) ORDER BY receipt_id FOR NO KEY UPDATE;
    SELECT a.item_id INTO wrong FROM added a
        JOIN item_balance i ON i.item_id = a.item_id
        LEFT JOIN receipt_balance r ON r.receipt_id = a.receipt_id
        LEFT JOIN item_balance c ON c.item_id = a.credit_item_id
        LEFT JOIN allocation o ON o.id = a.reverses_id
        WHERE i.kind = 'credit_note' AND a.reverses_id IS NULL OR c.kind <> 'credit_note'
            OR coalesce(r.customer_id, c.customer_id) <> i.customer_id
            OR coalesce(r.currency, c.currency) <> i.currency
            OR a.allocated_on < greatest(i.document_date, r.received_on, c.document_date)
            OR a.reverses_id IS NOT NULL AND (
                o.amount <> -a.amount OR o.item_id <> a.item_id OR a.allocated_on < o.allocated_on
                OR o.receipt_id IS DISTINCT FROM a.receipt_id OR o.credit_item_id IS DISTINCT FROM a.credit_item_id
            )
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an allocation to item % is of another customer or currency, before its documents, or undoes'
            ' none', wrong USING ERRCODE = 'check_violation';
    END IF;
    UPDATE item_balance b SET open_amount = b.open_amount - s.amount, last_on = greatest(b.last_on, s.last_on),
            reopened = b.reopened OR s.reopened
        FROM (
            SELECT item_id, sum(amount) AS amount, max(allocated_on) AS last_on, bool_or(amount < 0) AS reopened
            FROM (
                SELECT item_id, amount, allocated_on FROM added
                UNION ALL SELECT credit_item_id, amount, allocated_on FROM added WHERE credit_item_id IS NOT NULL
            ) side GROUP BY item_id
        ) s WHERE b.item_id = s.item_id;
    UPDATE receipt_balance b SET unallocated = b.unallocated - s.amount, last_on = greatest(b.last_on, s.last_on),
            reopened = b.reopened OR s.reopened
        FROM (
            SELECT receipt_id, sum(amount) AS amount, max(allocated_on) AS last_on, bool_or(amount < 0) AS reopened
            FROM added WHERE receipt_id IS NOT NULL GROUP BY receipt_id
        ) s WHERE b.receipt_id = s.receipt_id;
    PERFORM check_ledger_days(items, receipts);
    RETURN NULL;
END $$
"""

CHECK_ADJUSTMENT = """
CREATE OR REPLACE FUNCTION check_adjustment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
    items bigint[] := ARRAY(SELECT DISTINCT item_id FROM added);
BEGIN
    PERFORM 1 FROM item_balance WHERE item_id = ANY(items) ORDER BY item_id FOR NO KEY UPDATE;
    SELECT a.item_id INTO wrong FROM added a JOIN item_balance i ON i.item_id = a.item_id
        WHERE a.adjusted_on < i.document_date LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an adjustment is dated before its item %', wrong USING ERRCODE = 'check_violation';
    END IF;
    UPDATE item_balance b SET open_amount = b.open_amount + s.amount, last_on = greatest(b.last_on, s.last_on),
            reopened = true
        FROM (SELECT item_id, sum(amount) AS amount, max(adjusted_on) AS last_on FROM added GROUP BY item_id) s
        WHERE b.item_id = s.item_id;
    PERFORM check_ledger_days(items, ARRAY[]::bigint[]);
    RETURN NULL;
END $$
"""

CHECK_REVERSAL = """
CREATE OR REPLACE FUNCTION check_receipt_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
    receipts bigint[] := ARRAY(SELECT DISTINCT receipt_id FROM added);
BEGIN
    PERFORM 1 FROM receipt_balance WHERE receipt_id = ANY(receipts) ORDER BY receipt_id FOR NO KEY UPDATE;
    SELECT a.receipt_id INTO wrong FROM added a JOIN receipt_balance b ON b.receipt_id = a.receipt_id
        JOIN receipt r ON r.id = a.receipt_id WHERE b.unallocated <> r.amount OR a.reversed_on < b.last_on LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'receipt % still pays something, or did after the day of its reversal', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE receipt_balance b SET unallocated = 0, last_on = a.reversed_on, reopened = true
        FROM added a WHERE b.receipt_id = a.receipt_id;
    RETURN NULL;
END $$
"""


def _trigger(name: str, table: str, function: str) -> str:
    return f"""
CREATE OR REPLACE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {function}()
"""


FUNCTIONS = (OPEN_ITEM, OPEN_RECEIPT, CHECK_DAYS, CHECK_ALLOCATION, CHECK_ADJUSTMENT, CHECK_REVERSAL)
VIEWS = (ITEM_ENTRY, RECEIPT_ENTRY)
TRIGGERS = {
    "receivable_item": _trigger("item_balance_opens", "receivable_item", "open_item_balance"),
    "receipt": _trigger("receipt_balance_opens", "receipt", "open_receipt_balance"),
    "allocation": _trigger("allocation_fits", "allocation", "check_allocation"),
    "adjustment": _trigger("adjustment_fits", "adjustment", "check_adjustment"),
    "receipt_reversal": _trigger("reversal_fits", "receipt_reversal", "check_receipt_reversal"),
}
