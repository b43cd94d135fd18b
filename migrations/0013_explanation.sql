-- Why the built-in engine put its best FAQ first, in short, as it was when it answered; null if it found none or did not
-- answer. Answers from before this are not explained.
ALTER TABLE question ADD COLUMN explanation TEXT;

-- From which scores on FAQs of this category are shown, where that is not inherited: {"direct_score", "list_score"}, each 0
-- to 1 and left out where inherited; null if both are. The index finds the help desks that have any.
ALTER TABLE category ADD COLUMN scores TEXT;
CREATE INDEX category_scores ON category (helpdesk_id) WHERE scores IS NOT NULL;
