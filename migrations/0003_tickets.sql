-- Tickets at the human stage: who works on them, how long they were on hold, what people note on them.

-- on_hold_ms is the time in status 4 that is over, held_at when the present one began. appointed is a JSON list of the
-- user ids that start_service named. idle_from is set while a bot has the ticket: the guest's last message is not older.
ALTER TABLE ticket ADD COLUMN on_hold_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN held_at BIGINT;
ALTER TABLE ticket ADD COLUMN appointed TEXT;
ALTER TABLE ticket ADD COLUMN idle_from BIGINT;
ALTER TABLE ticket ADD COLUMN comment_id BIGINT;
ALTER TABLE ticket ADD COLUMN comment_text TEXT;
ALTER TABLE ticket ADD COLUMN comment_by TEXT;
ALTER TABLE ticket ADD COLUMN comment_at BIGINT;
UPDATE ticket SET idle_from = created_at WHERE stage = 1 AND status < 50;
CREATE INDEX ticket_idle ON ticket (tenant, helpdesk_id, idle_from, ticket_id) WHERE idle_from IS NOT NULL;
-- The open tickets of each agent; closed ones are not in it, so it stays as small as the work at hand.
CREATE INDEX ticket_load ON ticket (tenant, helpdesk_id, owner, status, ticket_id) WHERE owner IS NOT NULL AND status < 50;

-- worked: had the ticket or wrote in it. collaborates: was added beside the agent in charge. Flags.
CREATE TABLE ticket_agent (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  worked BIGINT NOT NULL,
  collaborates BIGINT NOT NULL,
  joined_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, ticket_id, user_id)
) /*without rowid*/;
INSERT INTO ticket_agent (tenant, ticket_id, user_id, worked, collaborates, joined_at)
  SELECT tenant, ticket_id, owner, 1, 0, COALESCE(agent_entry_at, created_at) FROM ticket WHERE owner IS NOT NULL;

-- given: an id made when the agent last got a ticket; the smallest is next in turn.
CREATE TABLE agent_turn (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  given BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, user_id)
) /*without rowid*/;

CREATE TABLE tag (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  tag_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, tag_id)
) /*without rowid*/;
CREATE UNIQUE INDEX tag_name ON tag (tenant, helpdesk_id, name);

CREATE TABLE ticket_tag (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  tag_id BIGINT NOT NULL,
  PRIMARY KEY (tenant, ticket_id, tag_id)
) /*without rowid*/;
CREATE INDEX ticket_tag_tag ON ticket_tag (tenant, tag_id, ticket_id);
