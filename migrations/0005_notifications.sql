-- Notifications: cards that a help desk pushes to many people.

-- status: see desk::notification::state. content is the card's JSON as given. work is what a server has to do next for
-- it (desk::notification::send), cursor where in that it is, due_at when; taking it moves due_at ahead as a lease.
CREATE TABLE notification (
  tenant TEXT NOT NULL,
  notification_id BIGINT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  status BIGINT NOT NULL,
  job_name TEXT NOT NULL,
  content TEXT NOT NULL,
  push_type BIGINT NOT NULL,
  scope_type BIGINT NOT NULL,
  new_staff_scope_type BIGINT,
  ext TEXT,
  reason TEXT,
  decided_by TEXT,
  decided_at BIGINT,
  decision TEXT,
  send_at BIGINT,
  work BIGINT NOT NULL,
  cursor TEXT NOT NULL,
  due_at BIGINT,
  target_count BIGINT NOT NULL,
  sent_count BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  updated_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, notification_id)
) /*without rowid*/;
CREATE UNIQUE INDEX notification_id ON notification (notification_id);
CREATE INDEX notification_due ON notification (due_at, notification_id) WHERE due_at IS NOT NULL;
CREATE INDEX notification_push_type ON notification (tenant, push_type, status);

-- The lists of a notification. kind: user (user id), department, chat, new_staff (department).
CREATE TABLE notification_member (
  tenant TEXT NOT NULL,
  notification_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  member_id TEXT NOT NULL,
  name TEXT,
  PRIMARY KEY (tenant, notification_id, kind, ordinal)
) /*without rowid*/;

-- The addressees. state: 0 waits for its message, 1 sent, 2 recalled, 3 left out (no longer sees the help desk).
CREATE TABLE notification_target (
  tenant TEXT NOT NULL,
  notification_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  state BIGINT NOT NULL,
  chat_id TEXT,
  position BIGINT,
  sent_at BIGINT,
  read_at BIGINT,
  PRIMARY KEY (tenant, notification_id, user_id)
) /*without rowid*/;
CREATE INDEX notification_target_waiting ON notification_target (tenant, notification_id, user_id) WHERE state = 0;
CREATE INDEX notification_target_unread ON notification_target (tenant, chat_id, position) WHERE read_at IS NULL AND state = 1;
CREATE INDEX notification_target_read ON notification_target (tenant, notification_id) WHERE read_at IS NOT NULL;

-- People of the tenant without the guests who came by themselves.
CREATE INDEX person_staff ON person (tenant, user_id) WHERE guest_only = 0;
CREATE INDEX person_union_id ON person (tenant, union_id);
