-- What lists and pages are read by.

-- A user's sessions, newest activity first. The agent stands last, so that a list of one agent's
-- sessions is filtered inside this index and needs no second one.
CREATE INDEX sessions_by_activity
    ON sessions (user_id, last_activity_at DESC, sid DESC, agent_id)
 WHERE created_at IS NOT NULL AND deleted_at IS NULL;

-- A session's turns, oldest first.
CREATE INDEX turns_in_order ON turns (sid, first_frame);
