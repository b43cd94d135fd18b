-- Why the built-in engine put its best FAQ first, in short, as it was when it answered; null if it found none or did not
-- answer. Answers from before this are not explained.
ALTER TABLE question ADD COLUMN explanation TEXT;

-- From which scores on FAQs of this category are shown, where that is not inherited: {"direct_score", "list_score"}, each 0
-- to 1 and left out where inherited; null if both are. The index finds the help desks that have any.
ALTER TABLE category ADD COLUMN scores TEXT;
CREATE INDEX category_scores ON category (helpdesk_id) WHERE scores IS NOT NULL;

-- Words of guests that stand for words of FAQs, found in confirmed answers. percent: how sure, 1 to 100. off: 1 if somebody
-- switched the pair off; it then stays.
CREATE TABLE synonym (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  synonym_id BIGINT NOT NULL,
  word TEXT NOT NULL,
  means TEXT NOT NULL,
  guests BIGINT NOT NULL,
  percent BIGINT NOT NULL,
  off BIGINT NOT NULL,
  found_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, synonym_id)
) /*without rowid*/;
CREATE UNIQUE INDEX synonym_pair ON synonym (tenant, helpdesk_id, word, means);
