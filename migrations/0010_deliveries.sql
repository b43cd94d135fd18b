-- Deliveries by what is asked for: whatever it is, it is some of these kinds, each by its ids.
CREATE INDEX delivery_kind ON delivery (tenant, app_id, event_type, state, delivery_id);
-- The deliveries of one event.
CREATE INDEX delivery_event ON delivery (event_id, delivery_id);
