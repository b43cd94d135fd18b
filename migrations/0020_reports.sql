-- Tickets by when they were opened, so that a report reads those of its days alone.
CREATE INDEX ticket_opened ON ticket (tenant, helpdesk_id, created_at, ticket_id);
