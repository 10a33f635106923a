-- Sessions, their events, and the outbox. No foreign keys among the tables of the commit path: a key
-- check per token would cost more than the token, and the one statement that writes them all is the
-- only writer. Text that is indexed is ASCII of at most 128 characters and compared bytewise.

CREATE DOMAIN ascii_id AS text COLLATE "C"
  CHECK (octet_length(VALUE) BETWEEN 1 AND 128 AND VALUE ~ '^[\x21-\x7e]+$');
CREATE DOMAIN key_part AS text COLLATE "C"
  CHECK (octet_length(VALUE) BETWEEN 1 AND 128 AND VALUE ~ '^[A-Za-z0-9_-]+$');

-- One row per key. A row without created_at is a reserved number: nobody sees it until the session's
-- first event is stored. The columns from title on are a copy of the session's state for lists.
CREATE TABLE sessions (
  sid                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id               key_part NOT NULL,
  agent_id              key_part NOT NULL,
  thread_id             key_part NOT NULL,
  incarnation           ascii_id,
  title                 text,
  status                text NOT NULL DEFAULT 'idle' CHECK (status IN ('idle', 'streaming')),
  queue_length          integer NOT NULL DEFAULT 0 CHECK (queue_length >= 0),
  model                 text,
  input_tokens          bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
  output_tokens         bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
  cache_read_tokens     bigint NOT NULL DEFAULT 0 CHECK (cache_read_tokens >= 0),
  cache_creation_tokens bigint NOT NULL DEFAULT 0 CHECK (cache_creation_tokens >= 0),
  created_at            timestamptz,
  last_activity_at      timestamptz,
  UNIQUE (user_id, agent_id, thread_id),
  CHECK ((created_at IS NULL) = (last_activity_at IS NULL)),
  CHECK ((created_at IS NULL) = (incarnation IS NULL)),
  CHECK (created_at IS NOT NULL OR (status = 'idle' AND queue_length = 0))
);
-- What a starting node has to look at: few rows, however many sessions there are.
CREATE INDEX sessions_unfinished ON sessions (sid) WHERE status = 'streaming' OR queue_length > 0;

-- What every commit compares and moves on: nothing else is here and nothing else is indexed, so that
-- every update is a HOT update within the page.
CREATE TABLE heads (
  sid         bigint PRIMARY KEY,
  owner_node  text,
  owner_epoch bigint NOT NULL DEFAULT 0 CHECK (owner_epoch >= 0),
  event_seq   bigint NOT NULL DEFAULT 0 CHECK (event_seq >= 0),
  frame_seq   bigint NOT NULL DEFAULT 0 CHECK (frame_seq >= 0),
  last_commit uuid
) WITH (fillfactor = 50);

-- What happened. Append-only. frame_seq is the frame head behind the event.
CREATE TABLE events (
  sid        bigint NOT NULL,
  seq        bigint NOT NULL CHECK (seq >= 1),
  type       ascii_id NOT NULL,
  version    smallint NOT NULL CHECK (version >= 1),
  frame_seq  bigint NOT NULL CHECK (frame_seq >= 0),
  payload    text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (sid, seq)
);

-- The outbox of what clients are told: the exact JSON they receive.
CREATE TABLE frames (
  sid     bigint NOT NULL,
  seq     bigint NOT NULL CHECK (seq >= 1),
  payload text NOT NULL,
  PRIMARY KEY (sid, seq)
);

-- The highest frame that any client acknowledged.
CREATE TABLE deliveries (
  sid           bigint PRIMARY KEY,
  delivered_seq bigint NOT NULL CHECK (delivered_seq >= 0)
) WITH (fillfactor = 50);

-- The outbox of discrete effects.
CREATE TABLE effects (
  id              ascii_id PRIMARY KEY,
  sid             bigint NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('call_webhook', 'schedule_timer')),
  dedupe_key      ascii_id NOT NULL,
  payload         text NOT NULL,
  status          text NOT NULL DEFAULT 'pending'
                  CHECK (status IN ('pending', 'executing', 'completed', 'failed')),
  attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  last_attempt_at timestamptz,
  next_attempt_at timestamptz DEFAULT now(),
  lease_until     timestamptz,
  last_error      text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL DEFAULT now() + interval '24 hours',
  UNIQUE (sid, dedupe_key),
  CHECK ((status = 'executing') = (lease_until IS NOT NULL)),
  CHECK (status <> 'pending' OR next_attempt_at IS NOT NULL)
);
CREATE INDEX effects_due ON effects (next_attempt_at) WHERE status = 'pending';

-- Read tables: each can be made again from the events.

-- first_frame is the frame that opens the answer, last_frame the one that tells that it stopped.
CREATE TABLE turns (
  sid          bigint NOT NULL,
  turn_id      ascii_id NOT NULL,
  message_id   ascii_id NOT NULL,
  answer_id    ascii_id NOT NULL,
  status       text NOT NULL CHECK (status IN ('streaming', 'completed', 'interrupted', 'error')),
  first_frame  bigint NOT NULL CHECK (first_frame >= 1),
  last_frame   bigint CHECK (last_frame > first_frame),
  started_at   timestamptz NOT NULL,
  completed_at timestamptz,
  reason       text,
  PRIMARY KEY (sid, turn_id),
  CHECK ((status = 'streaming') = (completed_at IS NULL)),
  CHECK ((status = 'streaming') = (last_frame IS NULL))
);

-- The order of history. The text is in the event.
CREATE TABLE messages (
  sid        bigint NOT NULL,
  ord        bigint NOT NULL CHECK (ord >= 1),
  message_id ascii_id NOT NULL,
  role       text NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
  event_seq  bigint NOT NULL CHECK (event_seq >= 1),
  discarded  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (sid, ord),
  UNIQUE (sid, message_id)
);

-- What sends that named themselves were answered.
CREATE TABLE sends (
  sid               bigint NOT NULL,
  client_message_id ascii_id NOT NULL,
  message_id        ascii_id NOT NULL,
  turn_id           ascii_id,
  sent_at           timestamptz NOT NULL,
  PRIMARY KEY (sid, client_message_id)
);

-- The state of a session after one of its events.
CREATE TABLE snapshots (
  sid       bigint PRIMARY KEY,
  event_seq bigint NOT NULL CHECK (event_seq >= 1),
  payload   text NOT NULL
);

-- Everything that must reach somebody, with how far it has come.
CREATE VIEW outbox AS
  SELECT f.sid,
         'send_message' AS kind,
         f.sid || '-' || f.seq AS id,
         f.seq,
         CASE WHEN f.seq <= coalesce(d.delivered_seq, 0) THEN 'completed' ELSE 'pending' END AS status,
         NULL::integer AS attempts,
         NULL::timestamptz AS last_attempt_at,
         NULL::timestamptz AS created_at,
         f.payload
    FROM frames f LEFT JOIN deliveries d ON d.sid = f.sid
  UNION ALL
  SELECT e.sid, e.kind, e.id, NULL, e.status, e.attempts, e.last_attempt_at, e.created_at, e.payload
    FROM effects e;
