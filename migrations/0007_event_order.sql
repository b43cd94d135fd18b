-- Deliveries that no attempt was made at since they were due or sent again: what later events of a ticket wait for.
CREATE INDEX delivery_fresh ON delivery (tenant, app_id, ticket_id, delivery_id) WHERE state = 0 AND attempts = resent_after;

-- Dead letters, to be counted and sent again.
CREATE INDEX delivery_dead ON delivery (tenant, app_id, delivery_id) WHERE state = 2;
