-- Full-text search over what guests and agents wrote, and saved views of tickets.

-- Which tickets hold a term. term: the first 8 bytes of the SHA-256 of the term. The last message or note with it: position
-- in the chat, and the note's id, 0 for a message.
CREATE TABLE search_term (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  term BIGINT NOT NULL,
  ticket_id BIGINT NOT NULL,
  position BIGINT NOT NULL,
  note_id BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, term, ticket_id)
) /*without rowid*/;

-- A single row: up to which message and note everything is in search_term, and the server that is at it.
CREATE TABLE search_state (
  one BIGINT PRIMARY KEY,
  message_id BIGINT NOT NULL,
  note_id BIGINT NOT NULL,
  holder TEXT NOT NULL,
  held_until BIGINT NOT NULL
);
INSERT INTO search_state (one, message_id, note_id, holder, held_until) VALUES (1, 0, 0, '', 0);

-- Messages and notes by age, over all chats. Ids grow with time, so a new one goes to the end.
CREATE INDEX message_age ON message (ticket_message_id);
CREATE INDEX note_age ON note (note_id);

-- filter: {helpdesk_id, statuses, owner, tag} as JSON.
CREATE TABLE saved_view (
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  view_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  filter TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, user_id, view_id)
) /*without rowid*/;
