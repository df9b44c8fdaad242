"""What happens to an account moves its collection case: triggers leave a signal, whoever wrote the entry.

Only accounts with an open case are signalled; that another one has become overdue is found by the daily run.
"""

_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, {cause} FROM added a{join}
        JOIN collection_case c ON c.customer_id = {customer} AND c.status = 'open';
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE OR REPLACE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""
_ITEM = " JOIN receivable_item i ON i.id = a.item_id"
# Table -> (cause in SQL, how its rows lead to the customer, the customer).
_SIGNALS = {
    "receipt": ("'payment'", "", "a.customer_id"),
    "allocation": ("CASE WHEN a.amount < 0 THEN 'reopened' ELSE 'payment' END", _ITEM, "i.customer_id"),
    "adjustment": ("'correction'", _ITEM, "i.customer_id"),
    "receipt_reversal": ("'reopened'", " JOIN receipt r ON r.id = a.receipt_id", "r.customer_id"),
    "item_mark": (
        "CASE a.kind WHEN 'disputed' THEN 'dispute' ELSE 'promise' END"
        " || CASE WHEN a.ends_id IS NULL THEN '' ELSE '_over' END",
        _ITEM,
        "i.customer_id",
    ),
    "receivable_item": ("'correction'", "", "a.customer_id AND a.kind = 'credit_note'"),
    "rating": ("'rating'", "", "a.customer_id"),
    "legal_record": ("'insolvency'", "", "a.customer_id AND a.kind = 'insolvency'"),
    # Moves no case, but the limitation date is a reason of its place on the worklist.
    "limitation_interruption": ("'ladder'", _ITEM, "i.customer_id"),
}

FUNCTIONS = tuple(
    _FUNCTION.format(name=f"signal_collection_of_{table}", cause=cause, join=join, customer=customer)
    for table, (cause, join, customer) in _SIGNALS.items()
)
TRIGGERS = tuple(_TRIGGER.format(name=f"signal_collection_of_{table}", table=table) for table in _SIGNALS)
