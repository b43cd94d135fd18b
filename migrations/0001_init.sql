-- PostgreSQL spelling in the portable subset (BIGINT, TEXT, BYTEA, NULL); the `db` crate rewrites it for SQLite.
-- Times are Unix milliseconds, flags 0/1, scores millionths, lists and documents JSON text.
-- `without rowid` marks tables that are mostly read by their key, which SQLite then keeps in one tree instead of two.
-- Every table's key starts with the tenant, so that a tenant can be a partition or a shard.

-- One number for each running server, so that two servers never make the same id.
CREATE TABLE node_lease (
  node BIGINT PRIMARY KEY,
  holder TEXT NOT NULL,
  lease_until BIGINT NOT NULL
);

-- A single row. Its version grows with every change of tenants, users' roles, apps, help desks and
-- subscriptions; servers reload their directory when it does.
CREATE TABLE directory (
  one BIGINT PRIMARY KEY,
  version BIGINT NOT NULL
);
INSERT INTO directory (one, version) VALUES (1, 1);

CREATE TABLE tenant (
  tenant TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE person (
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  open_id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT,
  password_hash TEXT,
  city TEXT,
  country TEXT,
  language TEXT,
  departments TEXT NOT NULL,
  guest_only BIGINT NOT NULL,
  managed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, user_id)
);
CREATE UNIQUE INDEX person_open_id ON person (tenant, open_id);

CREATE TABLE app (
  tenant TEXT NOT NULL,
  app_id TEXT NOT NULL,
  app_type TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  secret_version BIGINT NOT NULL,
  scopes TEXT NOT NULL,
  delivery TEXT NOT NULL,
  url TEXT,
  url_verified TEXT,
  verification_token BYTEA,
  encrypt_key BYTEA,
  event_types TEXT NOT NULL,
  managed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, app_id)
);
CREATE UNIQUE INDEX app_app_id ON app (app_id);

CREATE TABLE helpdesk (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  welcome TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  widget_secret BYTEA NOT NULL,
  owner TEXT NOT NULL,
  visibility TEXT NOT NULL,
  answering TEXT NOT NULL,
  faq_version BIGINT NOT NULL,
  managed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id)
);
CREATE UNIQUE INDEX helpdesk_id ON helpdesk (helpdesk_id);

CREATE TABLE agent (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  role TEXT NOT NULL,
  status BIGINT NOT NULL,
  managed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, user_id)
) /*without rowid*/;

CREATE TABLE subscription (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  app_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  managed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, app_id, event_type)
) /*without rowid*/;

CREATE TABLE category (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  category_id BIGINT NOT NULL,
  parent_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  language TEXT,
  managed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, category_id)
) /*without rowid*/;
CREATE UNIQUE INDEX category_name ON category (tenant, helpdesk_id, parent_id, name);

-- status: 1 online, 0 deleted and restorable, 2 gone for good (reference: faq_status).
CREATE TABLE faq (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  faq_id BIGINT NOT NULL,
  status BIGINT NOT NULL,
  category_id BIGINT,
  question TEXT NOT NULL,
  similar_questions TEXT NOT NULL,
  answer TEXT NOT NULL,
  answer_richtext TEXT NOT NULL,
  managed BIGINT NOT NULL,
  created_by TEXT,
  updated_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (tenant, helpdesk_id, faq_id)
) /*without rowid*/;
-- No index by status: nearly all FAQs are online, and on a fresh PostgreSQL without statistics it would be preferred to
-- the key.
CREATE INDEX faq_category ON faq (tenant, helpdesk_id, category_id, faq_id) WHERE category_id IS NOT NULL;

-- What changed in a help desk's FAQs, so that every server's index can catch up by version.
CREATE TABLE faq_change (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  faq_id BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, version)
);

-- One service group chat for each guest of a help desk; it outlives tickets.
CREATE TABLE chat (
  tenant TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  guest TEXT NOT NULL,
  open_ticket_id BIGINT,
  position BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, chat_id)
) /*without rowid*/;
CREATE UNIQUE INDEX chat_guest ON chat (tenant, helpdesk_id, guest);

CREATE TABLE ticket (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  chat_id TEXT NOT NULL,
  guest TEXT NOT NULL,
  guest_name TEXT NOT NULL,
  stage BIGINT NOT NULL,
  status BIGINT NOT NULL,
  channel BIGINT NOT NULL,
  solve BIGINT,
  score BIGINT,
  score_reason TEXT,
  customized_info TEXT,
  owner TEXT,
  closed_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT,
  closed_at BIGINT,
  queued_at BIGINT,
  agent_entry_at BIGINT,
  agent_first_response_at BIGINT,
  agent_last_response_at BIGINT,
  PRIMARY KEY (tenant, ticket_id)
) /*without rowid*/;
CREATE INDEX ticket_desk ON ticket (tenant, helpdesk_id, ticket_id);
CREATE INDEX ticket_guest ON ticket (tenant, helpdesk_id, guest, ticket_id);
CREATE INDEX ticket_updated ON ticket (tenant, helpdesk_id, updated_at, ticket_id) WHERE updated_at IS NOT NULL;
CREATE INDEX ticket_waiting ON ticket (tenant, helpdesk_id, queued_at, ticket_id) WHERE status = 3;
CREATE INDEX ticket_status ON ticket (tenant, helpdesk_id, status, ticket_id);
CREATE INDEX ticket_entered ON ticket (tenant, helpdesk_id, ticket_id) WHERE agent_entry_at IS NOT NULL AND queued_at IS NOT NULL;
CREATE INDEX ticket_owner ON ticket (tenant, helpdesk_id, owner, ticket_id) WHERE owner IS NOT NULL;

-- sender: 1 bot, 2 guest, 3 agent, 4 system notice. position counts within the chat.
-- content is the open API's message content; answer, on a bot's answer, what was shown and why.
CREATE TABLE message (
  tenant TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  ticket_id BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  ticket_message_id BIGINT NOT NULL,
  sender BIGINT NOT NULL,
  sender_user TEXT,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  content TEXT NOT NULL,
  answer TEXT,
  feedback BIGINT,
  event_id TEXT NOT NULL,
  client_id TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, chat_id, position)
);
CREATE UNIQUE INDEX message_client ON message (tenant, chat_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX message_ticket ON message (tenant, ticket_id, position);

-- A guest's message that a bot may answer. event_id is the body's id of its message event.
-- state: 0 waits for an answer, 1 answered, 2 no longer to be answered (a human was asked for, or the ticket ended).
-- app_answer is the app's whole accepted call, kept whether or not it was shown.
CREATE TABLE question (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  text TEXT NOT NULL,
  state BIGINT NOT NULL,
  due_at BIGINT,
  asked_at BIGINT NOT NULL,
  app_id TEXT,
  app_answer TEXT,
  app_answered_at BIGINT,
  app_shown BIGINT NOT NULL,
  builtin_answered_at BIGINT,
  builtin_reason TEXT,
  PRIMARY KEY (tenant, ticket_id, event_id)
) /*without rowid*/;
CREATE INDEX question_due ON question (due_at) WHERE due_at IS NOT NULL;

-- Steps of a ticket's timeline that no other row tells.
CREATE TABLE step (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  step_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (tenant, ticket_id, step_id)
) /*without rowid*/;

-- The outbox: one row for each event and addressee. state: 0 pending, 1 delivered, 2 dead (given up).
-- A claim sets lease_until; a row whose lease has run out is anybody's again.
CREATE TABLE delivery (
  tenant TEXT NOT NULL,
  app_id TEXT NOT NULL,
  delivery_id BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  ticket_id BIGINT NOT NULL,
  body TEXT NOT NULL,
  state BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  resent_after BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  lease_holder TEXT,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  PRIMARY KEY (tenant, app_id, delivery_id)
);
CREATE INDEX delivery_due ON delivery (tenant, app_id, next_at, delivery_id) WHERE state = 0;
CREATE UNIQUE INDEX delivery_id ON delivery (delivery_id);
CREATE INDEX delivery_ticket ON delivery (tenant, ticket_id, delivery_id);

CREATE TABLE attempt (
  tenant TEXT NOT NULL,
  delivery_id BIGINT NOT NULL,
  attempt BIGINT NOT NULL,
  at BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  http_status BIGINT,
  outcome TEXT NOT NULL,
  PRIMARY KEY (tenant, delivery_id, attempt)
) /*without rowid*/;

CREATE TABLE image (
  tenant TEXT NOT NULL,
  image_key TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  mime TEXT NOT NULL,
  bytes BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, image_key)
);
