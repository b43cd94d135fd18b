-- What people say about the built-in engine's answers, newest first, so that its scores can be fitted to them.
-- label_id: grows, and is given anew whenever somebody says something about an answer of the built-in engine; null while
-- nobody has. Answers from before this have no log-odds and are no use.
ALTER TABLE question ADD COLUMN label_id BIGINT;
CREATE INDEX question_label ON question (tenant, helpdesk_id, label_id) WHERE label_id IS NOT NULL;

-- How log-odds become scores on a help desk; a help desk without a row has the model's own scores. version: grows with
-- each change, so that of two servers that fit at once one wins. slope, shift: in millionths. verdict: why it is so, as
-- the domain words it; null after a reset. labels: questions the fit looked at. seen: label_id of the newest of them.
-- forgotten: labels up to this one do not count any more.
CREATE TABLE calibration (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  slope BIGINT NOT NULL,
  shift BIGINT NOT NULL,
  verdict TEXT,
  labels BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  forgotten BIGINT NOT NULL,
  fitted_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id)
) /*without rowid*/;
