-- People found by what they are called; help desks that are closed.

-- What an account is found by: the beginnings of which a search is one. part: UTF-8, folded, so that both databases compare it
-- the same. inside: 1 if it begins inside of a word.
CREATE TABLE person_part (
  tenant TEXT NOT NULL,
  inside BIGINT NOT NULL,
  part BYTEA NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (tenant, inside, part, user_id)
) /*without rowid*/;
CREATE INDEX person_part_of ON person_part (tenant, user_id);

-- 1 once an account's parts are kept. Those from before get theirs in the background.
ALTER TABLE person ADD COLUMN has_parts BIGINT NOT NULL DEFAULT 0;
CREATE INDEX person_without_parts ON person (tenant, user_id) WHERE guest_only = 0 AND has_parts = 0;

-- Since when no guest is taken, Unix ms; nothing while the help desk is open.
ALTER TABLE helpdesk ADD COLUMN closed_at BIGINT;
