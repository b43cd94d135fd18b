-- What owners and administrators set on their pages.

-- accent: the colour of chat and widget, #rrggbb. away: what guests read while no agent is on duty; may be empty.
ALTER TABLE helpdesk ADD COLUMN accent TEXT;
ALTER TABLE helpdesk ADD COLUMN away TEXT NOT NULL DEFAULT '';

-- People of the tenant by e-mail address, also those who never sign in; guests who came by themselves are not looked up.
CREATE INDEX person_email ON person (tenant, lower(email)) WHERE guest_only = 0;
CREATE INDEX notification_desk ON notification (tenant, helpdesk_id, notification_id);
