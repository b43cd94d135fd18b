-- Sentence vectors of FAQs' questions and similar questions. A text stands here by the first 8 bytes of its SHA-256; a
-- vector is one signed byte a number, scaled to its largest, because only its direction counts.
CREATE TABLE faq_vector (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  model TEXT NOT NULL,
  faq_id BIGINT NOT NULL,
  text_hash BIGINT NOT NULL,
  batch BIGINT NOT NULL,
  vector BYTEA NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, model, faq_id, text_hash)
) /*without rowid*/;
-- Servers read what was stored since they last looked.
CREATE INDEX faq_vector_batch ON faq_vector (tenant, helpdesk_id, model, batch);

-- How far the vectors of a help desk are. batch: number of the last one stored. pass_after: the first pass over all FAQs
-- has done those up to this id; NULL once it is through, and then changes up to version are done. total, done: FAQs of
-- the pass, for its progress. holder: the server that is at it, until held_until.
CREATE TABLE faq_vector_state (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  model TEXT NOT NULL,
  batch BIGINT NOT NULL,
  pass_after BIGINT,
  version BIGINT NOT NULL,
  total BIGINT NOT NULL,
  done BIGINT NOT NULL,
  holder TEXT NOT NULL,
  held_until BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, model)
) /*without rowid*/;
