-- Deliveries by what is asked for: whatever it is, it is some of these kinds, each by its ids.
CREATE INDEX delivery_kind ON delivery (tenant, app_id, event_type, state, delivery_id);
-- The deliveries of one event.
CREATE INDEX delivery_event ON delivery (event_id, delivery_id);

-- When an attempt was put on record, as an id, so that whoever follows sees what is new; and which state it brought its
-- delivery to. Attempts from before this are not followed.
ALTER TABLE attempt ADD COLUMN recorded BIGINT NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;
UPDATE attempt SET ended = 2
WHERE (tenant, delivery_id, attempt) IN (SELECT tenant, delivery_id, attempts FROM delivery WHERE state = 2);
CREATE INDEX attempt_recorded ON attempt (recorded);

-- Who had a delivery sent again. by_way: command line, developer controls, or administrator, who has an open_id and a name.
CREATE TABLE resend (
  tenant TEXT NOT NULL,
  delivery_id BIGINT NOT NULL,
  resend_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  by_way TEXT NOT NULL,
  open_id TEXT,
  name TEXT,
  PRIMARY KEY (tenant, delivery_id, resend_id)
) /*without rowid*/;
CREATE INDEX resend_id ON resend (resend_id);

-- aside: 1 if a claim found the delivery waiting for an earlier one of its ticket, with many others, and took it out of
-- what is due. When an earlier one has been attempted the next comes back.
ALTER TABLE delivery ADD COLUMN aside BIGINT NOT NULL DEFAULT 0;
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (tenant, app_id, next_at, delivery_id) WHERE state = 0 AND aside = 0;
CREATE INDEX delivery_aside ON delivery (tenant, app_id, ticket_id, delivery_id) WHERE state = 0 AND aside = 1;
