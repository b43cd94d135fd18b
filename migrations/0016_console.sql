-- The agents' console: what it sorts and follows tickets by, and what agents write that guests never see.

-- Since when the guest of a ticket at the human stage waits for a human's word; the number below, which is later than all
-- times, while nobody waits. It is no NULL because lists are sorted by it, and databases sort NULLs differently.
ALTER TABLE ticket ADD COLUMN waits_from BIGINT NOT NULL DEFAULT 9000000000000000000;
UPDATE ticket SET waits_from = COALESCE(queued_at, agent_entry_at, created_at) WHERE stage = 2 AND status IN (1, 2, 3);
CREATE INDEX ticket_inbox_owner ON ticket (tenant, helpdesk_id, owner, waits_from, ticket_id) WHERE owner IS NOT NULL AND stage = 2 AND status < 50;
-- Of its own, because an index that begins with the owner is in no order that PostgreSQL knows where the owner is NULL.
CREATE INDEX ticket_inbox_nobodys ON ticket (tenant, helpdesk_id, waits_from, ticket_id) WHERE owner IS NULL AND stage = 2 AND status < 50;
CREATE INDEX ticket_inbox_status ON ticket (tenant, helpdesk_id, status, waits_from, ticket_id) WHERE stage = 2 AND status < 50;
CREATE INDEX ticket_closed ON ticket (tenant, helpdesk_id, closed_at, ticket_id) WHERE status >= 50;
CREATE INDEX ticket_agent_shared ON ticket_agent (tenant, user_id, ticket_id) WHERE collaborates = 1;

-- When a ticket at the human stage last changed, as an id, so that consoles see what is new.
CREATE TABLE ticket_news (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  PRIMARY KEY (tenant, ticket_id)
) /*without rowid*/;
CREATE INDEX ticket_news_changed ON ticket_news (tenant, helpdesk_id, changed, ticket_id);

-- Private notes. They are no messages, so that nothing that shows messages can show them. position: the chat's last message
-- when the note was written.
CREATE TABLE note (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  note_id BIGINT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  position BIGINT NOT NULL,
  author TEXT NOT NULL,
  text TEXT NOT NULL,
  client_id TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, ticket_id, note_id)
) /*without rowid*/;
CREATE UNIQUE INDEX note_client ON note (tenant, ticket_id, author, client_id) WHERE client_id IS NOT NULL;

-- What agents have written and not sent. private: meant for a note.
CREATE TABLE draft (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  text TEXT NOT NULL,
  private BIGINT NOT NULL,
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, ticket_id, user_id)
) /*without rowid*/;

-- Texts that agents send again and again. user_id: whose own it is; empty for all agents of the help desk.
CREATE TABLE canned_reply (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  canned_reply_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  language TEXT,
  created_by TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, canned_reply_id)
) /*without rowid*/;
CREATE UNIQUE INDEX canned_reply_name ON canned_reply (tenant, helpdesk_id, user_id, name);
