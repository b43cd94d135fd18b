-- The sign-in of administrators.

-- admin: sees everything of the tenant. Nothing for everybody else.
ALTER TABLE person ADD COLUMN role TEXT;

-- Of a session's token only the hash is kept. password_mark is made from the hash of the password, so that another
-- password voids the session. seen_at is written at most every few minutes (desk::admin::session).
CREATE TABLE admin_session (
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  session_id BIGINT NOT NULL,
  token_hash TEXT NOT NULL,
  password_mark TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, user_id, session_id)
) /*without rowid*/;
CREATE UNIQUE INDEX admin_session_token ON admin_session (token_hash);
CREATE INDEX admin_session_seen ON admin_session (seen_at);
