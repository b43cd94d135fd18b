-- Agents with their hours, skills, and what skill rules ask of people.

-- An IANA name: agents' schedules are read in this time zone.
ALTER TABLE helpdesk ADD COLUMN timezone TEXT NOT NULL DEFAULT 'UTC';

ALTER TABLE person ADD COLUMN level BIGINT;
ALTER TABLE person ADD COLUMN avatar_url TEXT;

-- schedule: a list of {start_time, end_time, weekday}; an empty one is always on duty. Who is removed keeps the row, so
-- that the list of removed agents can show them; their role and skills are gone.
ALTER TABLE agent ADD COLUMN schedule TEXT NOT NULL DEFAULT '[]';
ALTER TABLE agent ADD COLUMN capacity BIGINT NOT NULL DEFAULT 10;
ALTER TABLE agent ADD COLUMN removed_at BIGINT;

-- rules: a list of {id, selected_operator, operand}. Every help desk has one default skill without rules, whose id is
-- the help desk's.
CREATE TABLE skill (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  skill_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  rules TEXT NOT NULL,
  is_default BIGINT NOT NULL,
  managed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, skill_id)
) /*without rowid*/;
CREATE UNIQUE INDEX skill_name ON skill (tenant, helpdesk_id, name);
INSERT INTO skill (tenant, helpdesk_id, skill_id, name, rules, is_default, managed, created_at, updated_at)
  SELECT tenant, helpdesk_id, helpdesk_id, 'Default skill', '[]', 1, 0, created_at, created_at FROM helpdesk;

-- Who has which skill. An agent without a row here has the default skill.
CREATE TABLE agent_skill (
  tenant TEXT NOT NULL,
  helpdesk_id BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  skill_id BIGINT NOT NULL,
  PRIMARY KEY (tenant, helpdesk_id, user_id, skill_id)
) /*without rowid*/;
