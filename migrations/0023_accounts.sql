-- Accounts as administrators look through and change them.

-- By name. Guests who came by themselves have no account.
CREATE INDEX person_account ON person (tenant, name, user_id) WHERE guest_only = 0;
-- Who else administers a tenant.
CREATE INDEX person_role ON person (tenant, role) WHERE role IS NOT NULL;

-- What a session was opened with, in the browser's own words.
ALTER TABLE admin_session ADD COLUMN user_agent TEXT;
