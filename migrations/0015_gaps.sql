-- What people decided about gaps in a help desk's FAQs, and about FAQs that ask nearly the same.
-- kind: similar (similar questions were added to faq_id), draft (faq_id was made), rejected (nothing is to be done), apart
-- (faq_id and other_faq stay two FAQs). question: the text that stood for the group. texts: the group's different texts, a
-- JSON list; of apart, those that made the two alike. guests: how many had asked in vain. proposed: what was proposed:
-- similar and the FAQ's id, draft, or none. added: the similar questions that were added, a JSON list.
CREATE TABLE gap_decision (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  decision_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  question TEXT NOT NULL,
  texts TEXT NOT NULL,
  guests BIGINT NOT NULL,
  proposed TEXT NOT NULL,
  faq_id BIGINT,
  other_faq BIGINT,
  added TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (tenant, helpdesk_id, decision_id)
);
