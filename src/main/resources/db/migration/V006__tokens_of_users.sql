-- What a user's turns cost on a day, in UTC: what must be known before a model is asked, and must not
-- become less when sessions are deleted. So it is kept by itself, names no session and is not made
-- again from events: a commit that ends turns adds to it in the same statement. Nothing but tokens
-- changes in a row and no index holds them, so that every update is a HOT update within the page.
CREATE TABLE user_tokens (
  user_id key_part,
  day     date,
  tokens  bigint NOT NULL CHECK (tokens >= 0),
  PRIMARY KEY (user_id, day)
) WITH (fillfactor = 70);
-- What is old, oldest first: what retention has to look at.
CREATE INDEX user_tokens_by_day ON user_tokens (day);
