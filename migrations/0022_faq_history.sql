-- What a FAQ said at each of its changes, written in the transaction of the change; the oldest of many go.

-- number: 1, 2, 3 … within the FAQ. kind: found (as it was before its first change that is told here), made, edited,
-- deleted, restored (out of the recycle bin), reverted (to an earlier version). way: page, api, app, desk_file, import, gap
-- or command_line; none of what was found. app: the app's name, or its id. author: whose change it is; none of a desk
-- file's. category: the path of the category, as it was then. changed: what differs from what the FAQ said before:
-- question, similar, answer, category, a JSON list.
CREATE TABLE faq_version (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  faq_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  way TEXT,
  app TEXT,
  author TEXT,
  author_name TEXT,
  category_id BIGINT,
  category TEXT,
  question TEXT NOT NULL,
  similar_questions TEXT NOT NULL,
  answer TEXT NOT NULL,
  answer_richtext TEXT NOT NULL,
  changed TEXT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, faq_id, number)
) /*without rowid*/;
