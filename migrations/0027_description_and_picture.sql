-- What a help desk is for, and its picture, beside its name.
ALTER TABLE helpdesk ADD COLUMN description TEXT NOT NULL DEFAULT '';

-- The key that its picture is read by; nothing without one. It is made from the picture, so browsers may keep what they have read.
ALTER TABLE helpdesk ADD COLUMN avatar_key TEXT;
CREATE TABLE helpdesk_avatar (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  image_key TEXT NOT NULL,
  mime TEXT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id)
);
