-- What a running turn costs is told as it grows, and taken back where a call has cost nothing after
-- all, which may be on the day after: a day's sum may go below zero, and is read as zero then.
ALTER TABLE user_tokens DROP CONSTRAINT user_tokens_tokens_check;
