// What is known of events on their way to apps.

export const STATES = ["pending", "delivered", "dead"] as const;
export type State = (typeof STATES)[number];

export const EVENT_TYPES = ["helpdesk.ticket.created_v1", "helpdesk.ticket.updated_v1", "helpdesk.ticket_message.created_v1", "helpdesk.notification.approve_v1"] as const;

export const TONES = { pending: "warn", delivered: "good", dead: "bad" } as const;
