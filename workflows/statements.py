"""The parts of the one statement that writes all changes of an action; `store` puts them together."""

UPDATE = """WITH changed AS (UPDATE instance SET state = %(state)s, codec = %(codec)s, version = version + 1,
  outcome = %(outcome)s, history_seq = %(history_seq)s, history_hash = %(history_hash)s, updated_at = %(now)s,
  ended_at = CASE WHEN %(ended)s THEN %(now)s::timestamptz END
  WHERE id = %(instance)s AND version = %(version)s RETURNING id)"""
INSERT = """WITH changed AS (INSERT INTO instance (id, definition_id, process, subject_id, version, codec, state,
  outcome, history_seq, history_hash, started_by, started_at, updated_at, ended_at) OVERRIDING SYSTEM VALUE
  VALUES (%(instance)s, %(definition)s, %(process)s, %(subject)s, 1, %(codec)s, %(state)s, %(outcome)s,
  %(history_seq)s, %(history_hash)s, %(started_by)s, %(now)s, %(now)s, CASE WHEN %(ended)s THEN %(now)s END)
  RETURNING id)"""
# Rows travel as one JSON text for each table: cheaper to write and to read than an array for each column.
HISTORY = """, written AS (INSERT INTO history (instance_id, seq, at, kind, process, node, task_id, actor_id,
  on_behalf_of, source, definition_id, payload, payload_sha256, hash)
  SELECT %(instance)s, seq, %(now)s, kind, process, node, task_id, actor_id, on_behalf_of, %(source)s,
  %(definition)s, payload, sha, hash FROM changed, json_to_recordset(%(history)s::json)
  AS h(seq int, kind text, process text, node text, task_id bigint, actor_id bigint, on_behalf_of bigint,
  payload text, sha bytea, hash bytea))"""
HISTORY_KEYS = (
    "seq", "kind", "process", "node", "task_id", "actor_id", "on_behalf_of", "payload", "sha", "hash",
)  # fmt: skip
CLOSE = """, closed AS (DELETE FROM open_task WHERE instance_id = %(instance)s
  AND task_no = ANY(%(closed)s::int[]))"""
OPEN = """, opened AS (INSERT INTO open_task (instance_id, task_no, process, node, role, scope, subject_id,
  opened_at, due_at, excluded, claimed_by, claimed_at)
  SELECT changed.id, no, process, node, role, scope, %(subject)s, %(now)s, due, excluded, claimed,
  CASE WHEN claimed IS NOT NULL THEN %(now)s::timestamptz END FROM changed, json_to_recordset(%(opened)s::json)
  AS o(no int, process text, node text, role text, scope bigint, due timestamptz, excluded bigint[], claimed bigint)
  RETURNING id, task_no)"""
OPEN_KEYS = ("no", "process", "node", "role", "scope", "due", "excluded", "claimed")
TIMERS_GONE = """, stopped AS (DELETE FROM timer WHERE instance_id = %(instance)s AND (task_no, kind) IN
  (SELECT no, kind FROM json_to_recordset(%(stopped)s::json) AS t(no int, kind text)) RETURNING id),
  settled AS (UPDATE incident SET resolved_at = %(now)s, resolved_by = %(person)s WHERE resolved_at IS NULL
  AND kind IN ('timer', 'service') AND reference_id IN (SELECT id FROM stopped))"""
# A repeating timer keeps its row: a DELETE and an INSERT of the same key in one statement have no order.
TIMERS = """, set_timers AS (INSERT INTO timer (instance_id, task_no, kind, process, node, due_at, attempts,
  last_error)
  SELECT changed.id, no, kind, process, node, due, (error IS NOT NULL)::int, error
  FROM changed, json_to_recordset(%(timers)s::json)
  AS t(no int, kind text, process text, node text, due timestamptz, error text)
  ON CONFLICT (instance_id, task_no, kind) DO UPDATE SET due_at = EXCLUDED.due_at, attempts = EXCLUDED.attempts,
  held = false, last_error = EXCLUDED.last_error)"""
TIMER_KEYS = ("no", "kind", "process", "node", "due", "error")
MESSAGES_GONE = """, unheard AS (DELETE FROM subscription WHERE instance_id = %(instance)s AND (task_no, message) IN
  (SELECT no, message FROM json_to_recordset(%(unheard)s::json) AS m(no int, message text)))"""
MESSAGES = """, subscribed AS (INSERT INTO subscription (instance_id, task_no, message, process, node)
  SELECT changed.id, no, message, process, node FROM changed, json_to_recordset(%(messages)s::json)
  AS m(no int, message text, process text, node text))"""
OUTBOX = """, posted AS (INSERT INTO outbox (key, instance_id, channel, recipient, template, params, due_at,
  created_at)
  SELECT key, changed.id, channel, recipient, template, params, %(leaves)s, %(now)s
  FROM changed, json_to_recordset(%(outbox)s::json)
  AS x(key text, channel text, recipient text, template text, params text))"""
# One row an instance: the next human step takes the place of the one before.
KEEP = """, kept AS (INSERT INTO take_back (instance_id, actor_id, on_behalf_of, task_id, process, node, codec, state,
  history_seq, version, until, created_at)
  SELECT changed.id, %(person)s, %(behalf)s, %(kept_task)s, %(kept_process)s, %(kept_node)s, %(codec)s,
  %(kept_state)s, %(kept_seq)s, %(version)s + 1, %(leaves)s, %(now)s FROM changed
  ON CONFLICT (instance_id) DO UPDATE SET actor_id = EXCLUDED.actor_id, on_behalf_of = EXCLUDED.on_behalf_of,
  task_id = EXCLUDED.task_id, process = EXCLUDED.process, node = EXCLUDED.node, codec = EXCLUDED.codec,
  state = EXCLUDED.state, history_seq = EXCLUDED.history_seq, version = EXCLUDED.version, until = EXCLUDED.until,
  created_at = EXCLUDED.created_at)"""
