-- Accounts as administrators look through and change them.

-- By name; and who has an e-mail address already, whatever its case. Guests who came by themselves are in neither.
CREATE INDEX person_account ON person (tenant, name, user_id) WHERE guest_only = 0;
CREATE INDEX person_account_email ON person (tenant, lower(email)) WHERE guest_only = 0;
-- Who else administers a tenant.
CREATE INDEX person_role ON person (tenant, role) WHERE role IS NOT NULL;

-- What a session was opened with, in the browser's own words.
ALTER TABLE admin_session ADD COLUMN user_agent TEXT;
