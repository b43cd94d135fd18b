-- Who did what. A row is written in the transaction of what it tells, and forgotten after some time.

-- actor: person, app, command_line or unknown (who tried to sign in and is nobody here). actor_id and actor_name are as
-- they were then. before_text and after_text are short and never hold a secret.
CREATE TABLE audit (
  tenant TEXT NOT NULL,
  audit_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  actor_id TEXT,
  actor_name TEXT,
  action TEXT NOT NULL,
  helpdesk_id BIGINT,
  object TEXT,
  before_text TEXT,
  after_text TEXT,
  address TEXT,
  PRIMARY KEY (tenant, audit_id)
) /*without rowid*/;
CREATE INDEX audit_desk ON audit (tenant, helpdesk_id, audit_id) WHERE helpdesk_id IS NOT NULL;
