-- What became of each question, beside the question, so that a help desk can be looked at as a whole.
-- found: what the built-in engine found, as [{"id", "score"}], best first; null if it did not answer.
-- mode: how the last answer was shown, direct, list or none; null while none was.
-- solved: the guest's last word, 0 or 1. chosen_faq: what the guest picked of the questions offered.
-- agent_faq: the FAQ an agent answered with. Outcomes from before this are not known.
ALTER TABLE question ADD COLUMN helpdesk_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE question ADD COLUMN found TEXT;
ALTER TABLE question ADD COLUMN mode TEXT;
ALTER TABLE question ADD COLUMN solved BIGINT;
ALTER TABLE question ADD COLUMN chosen_faq BIGINT;
ALTER TABLE question ADD COLUMN agent_faq BIGINT;
UPDATE question SET helpdesk_id = (
  SELECT t.helpdesk_id FROM ticket t WHERE t.tenant = question.tenant AND t.ticket_id = question.ticket_id
);
CREATE INDEX question_desk ON question (tenant, helpdesk_id, asked_at, event_id);
