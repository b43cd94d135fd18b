-- Questions with the answer they have to get, tried on every change of FAQs and scores.
-- text_hash: the first 8 bytes of the text's SHA-256; a help desk keeps a text once. faq_id: the FAQ that has to be
-- shown; null if nothing may be. event_id: the guest's question that the case was made from. managed: 1 if a desk file
-- made it. created_by, updated_by: user ids; null for a desk file.
CREATE TABLE kept_case (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  text_hash BIGINT NOT NULL,
  text TEXT NOT NULL,
  faq_id BIGINT,
  note TEXT NOT NULL,
  event_id TEXT,
  managed BIGINT NOT NULL,
  created_by TEXT,
  updated_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, case_id)
) /*without rowid*/;
CREATE UNIQUE INDEX kept_case_text ON kept_case (tenant, helpdesk_id, text_hash);
