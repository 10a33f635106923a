-- What executing discrete effects needs: an order per session, runs that an operator can repeat, and
-- an index for each question that is asked again and again. Nothing has written an effect before.

ALTER TABLE effects
  -- Its place in its session's order: the event head of the commit that wrote it, then its place among
  -- the effects of that commit.
  ADD COLUMN event_seq       bigint NOT NULL CHECK (event_seq >= 1),
  ADD COLUMN ord             integer NOT NULL CHECK (ord >= 1),
  -- attempts counts all that there ever were and fences them; a re-run gets an allowance of its own,
  -- which counts from here.
  ADD COLUMN attempts_before integer NOT NULL DEFAULT 0,
  -- Completed, or given up.
  ADD COLUMN finished_at     timestamptz,
  ALTER COLUMN expires_at DROP DEFAULT,
  ADD CHECK (attempts_before BETWEEN 0 AND attempts),
  ADD CHECK ((attempts = 0) = (last_attempt_at IS NULL)),
  ADD CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
  ADD CHECK ((status IN ('completed', 'failed')) = (finished_at IS NOT NULL)),
  ADD CHECK (status <> 'failed' OR last_error IS NOT NULL),
  ADD CHECK (octet_length(last_error) <= 256);

DROP INDEX effects_due;
-- The unfinished webhooks of each session in their order: empty while there is nothing to do.
CREATE INDEX effects_line ON effects (sid, event_seq, ord)
  WHERE kind = 'call_webhook' AND status IN ('pending', 'executing');
CREATE INDEX effects_expiring ON effects (expires_at) WHERE status IN ('pending', 'executing');
CREATE INDEX effects_completed ON effects (finished_at) WHERE status = 'completed';
-- What operators list: few rows, however many were completed.
CREATE INDEX effects_listed ON effects (status, id) WHERE status <> 'completed';

CREATE OR REPLACE VIEW outbox AS
  SELECT f.sid,
         'send_message' AS kind,
         f.sid || '-' || f.seq AS id,
         f.seq,
         CASE WHEN f.seq <= coalesce(d.delivered_seq, 0) THEN 'completed' ELSE 'pending' END AS status,
         NULL::integer AS attempts,
         NULL::timestamptz AS last_attempt_at,
         NULL::timestamptz AS created_at,
         f.payload,
         NULL::timestamptz AS next_attempt_at,
         NULL::text AS last_error,
         NULL::timestamptz AS expires_at
    FROM frames f LEFT JOIN deliveries d ON d.sid = f.sid
  UNION ALL
  SELECT e.sid, e.kind, e.id, NULL, e.status, e.attempts, e.last_attempt_at, e.created_at, e.payload,
         e.next_attempt_at, e.last_error, e.expires_at
    FROM effects e;
