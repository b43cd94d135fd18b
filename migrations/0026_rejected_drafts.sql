-- A draft that has a decision was rejected: giving an approval up takes the decision away. Of drafts that were changed since
-- theirs nobody can tell which it was.
UPDATE notification SET decided_by = NULL, decided_at = NULL, decision = NULL
WHERE status = 0 AND decided_at IS NOT NULL AND decided_at <> updated_at;
