-- Deleting a session frees its key at once; its rows go in the background. So a key names one session
-- that is not deleted, and any number of deleted ones whose rows are not all gone yet.
ALTER TABLE sessions ADD COLUMN deleted_at timestamptz;
ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_agent_id_thread_id_key;
CREATE UNIQUE INDEX sessions_key ON sessions (user_id, agent_id, thread_id) WHERE deleted_at IS NULL;
ALTER TABLE sessions ADD CHECK (deleted_at IS NULL OR (status = 'idle' AND queue_length = 0));
-- What is left to remove, oldest first.
CREATE INDEX sessions_deleted ON sessions (deleted_at) WHERE deleted_at IS NOT NULL;

-- The agent's own state, a hint: no event holds it, and a session made again from its events has none.
ALTER TABLE snapshots ADD COLUMN checkpoint text;

-- Turns whose frames are still there, oldest first: what retention has to look at.
ALTER TABLE turns ADD COLUMN frames_kept boolean NOT NULL DEFAULT true;
CREATE INDEX turns_frames_kept ON turns (completed_at)
  WHERE frames_kept AND completed_at IS NOT NULL;
