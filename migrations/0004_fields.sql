-- Customized fields of tickets and of users (family: ticket or user).
-- choices, on a drop-down, is its tree of options as JSON.
CREATE TABLE field (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  field_id BIGINT NOT NULL,
  family TEXT NOT NULL,
  key_name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  place BIGINT NOT NULL,
  field_type TEXT NOT NULL,
  description TEXT NOT NULL,
  visible BIGINT NOT NULL,
  editable BIGINT NOT NULL,
  required BIGINT NOT NULL,
  multiple BIGINT NOT NULL,
  choices TEXT NOT NULL,
  managed BIGINT NOT NULL,
  created_by TEXT,
  updated_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, field_id)
) /*without rowid*/;
CREATE UNIQUE INDEX field_key_name ON field (tenant, helpdesk_id, family, key_name);

-- A ticket's value of a field. value is the text as it was set; tags, on a drop-down, names what was picked as a JSON
-- list, so that an option that is renamed later is shown under its new name. Values outlive their field unseen.
CREATE TABLE field_value (
  tenant TEXT NOT NULL,
  ticket_id BIGINT NOT NULL,
  field_id BIGINT NOT NULL,
  value TEXT NOT NULL,
  tags TEXT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, ticket_id, field_id)
) /*without rowid*/;

-- Pictures of rich answers. They stay until their FAQ is gone for good, because messages that showed them stay.
CREATE TABLE faq_image (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  faq_id BIGINT NOT NULL,
  image_key TEXT NOT NULL,
  mime TEXT NOT NULL,
  digest TEXT NOT NULL,
  bytes BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, faq_id, image_key)
);
CREATE INDEX faq_image_key ON faq_image (tenant, helpdesk_id, image_key);

-- The recycle bins of all help desks, by the time of deletion.
CREATE INDEX faq_bin ON faq (deleted_at) WHERE status = 0;
