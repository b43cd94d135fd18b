// An answering bot as a customer writes it with `@larksuiteoapi/node-sdk`; only the base URL is not the platform's.
import assert from "node:assert/strict";
import { Client, EventDispatcher, LoggerLevel, withHelpDeskCredential, withUserAccessToken } from "@larksuiteoapi/node-sdk";

const GUEST = 2; // sender_type
const EVENTS = [
  { type: "helpdesk.ticket", subtype: "ticket.created_v1" },
  { type: "helpdesk.ticket", subtype: "ticket.updated_v1" },
  { type: "helpdesk.ticket_message", subtype: "ticket_message.created_v1" },
];
const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };

/** The help desk's and a user's credentials for one call. `withAll` would drop both. */
export const asUser = (token) => ({ lark: { ...withHelpDeskCredential().lark, ...withUserAccessToken(token).lark } });

/** The data of a call that succeeds. */
export async function ok(call, payload, options = withHelpDeskCredential()) {
  const { code, msg, data } = await call(payload, options);
  assert.deepEqual([code, msg], [0, "success"]);
  return data;
}

/** A client that finds a tenant token by itself and knows its help desk. */
export function client(url, app, desk) {
  return new Client({
    appId: app.app_id,
    appSecret: app.app_secret,
    domain: url,
    helpDeskId: desk.id,
    helpDeskToken: desk.token,
    logger: quiet,
  });
}

/** Answers what it knows: `knowledge` maps a question to FAQ ids and scores. */
export class Bot {
  messages = [];
  tickets = [];
  updates = [];

  constructor(knowledge) {
    this.knowledge = knowledge;
  }

  dispatcher(verificationToken, encryptKey) {
    return new EventDispatcher({ verificationToken, encryptKey, loggerLevel: LoggerLevel.warn }).register({
      "helpdesk.ticket_message.created_v1": (message) => this.onMessage(message),
      "helpdesk.ticket.created_v1": (ticket) => void this.tickets.push(ticket),
      "helpdesk.ticket.updated_v1": (update) => void this.updates.push(update),
    });
  }

  async connect(api) {
    this.api = api;
    return api.helpdesk.v1.event.subscribe({ data: { events: EVENTS } }, withHelpDeskCredential());
  }

  async disconnect() {
    return this.api.helpdesk.v1.event.unsubscribe({ data: { events: EVENTS } }, withHelpDeskCredential());
  }

  async onMessage(message) {
    this.messages.push(message);
    // The bot's own answers are events too.
    if (message.sender_type !== GUEST) return;
    await this.answer(message.ticket.ticket_id, message.event_id, this.knowledge[message.text] ?? []);
  }

  async answer(ticket_id, event_id, faqs) {
    const payload = { path: { ticket_id }, data: { event_id, faqs } };
    return this.api.helpdesk.v1.ticket.answerUserQuery(payload, withHelpDeskCredential());
  }
}
