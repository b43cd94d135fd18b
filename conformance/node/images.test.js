// Pictures of FAQs and of tickets, downloaded through the SDK.
import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { after, before, describe } from "node:test";
import { withHelpDeskCredential, withUserAccessToken } from "@larksuiteoapi/node-sdk";
import { client } from "./bot.js";
import { Guest, Server, owner, plain, plainDesk, test } from "./deskwire.js";

let server;
let api;
let asOwner;

before(async () => {
  server = await Server.start();
  api = client(server.url, plain, plainDesk).helpdesk.v1;
  asOwner = { lark: { ...desk.lark, ...withUserAccessToken(await server.userToken(owner, plain)).lark } };
});
after(() => server?.stop());

const desk = withHelpDeskCredential();
const png = (name) => Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.from(name)]);

async function downloads(call, key, picture) {
  const answer = await call;
  assert.deepEqual(await buffer(answer.getReadableStream()), picture);
  assert.equal(answer.headers["content-type"], "image/png");
  assert.equal(answer.headers["content-disposition"], `attachment; filename="${key}.png"`);
}

/** A refused download: the SDK asked for a stream, so the error's body is one. */
async function refused(call, status, code) {
  const { response } = await call.then(
    () => assert.fail("the call went through"),
    (failure) => failure,
  );
  assert.deepEqual([response.status, JSON.parse(await buffer(response.data)).code], [status, code]);
}

/** A FAQ with a picture; answers its id and the picture's key. */
async function faqWith(picture) {
  const src = `data:image/png;base64,${picture.toString("base64")}`;
  const answer_richtext = JSON.stringify([{ type: "img", src }, { type: "text", content: "At the door." }]);
  const data = { faq: { question: "Where is the projector?", answer_richtext } };
  const { faq } = (await api.faq.create({ data }, asOwner)).data;
  return [faq.id, faq.answer_richtext[0].key];
}

/** A picture in the guest's chat; answers its key. */
async function upload(guest, picture) {
  const body = new FormData();
  body.append("image", new Blob([picture]), "a.png");
  const headers = { Authorization: `Bearer ${guest.token}` };
  return (await (await fetch(`${server.url}/guest/v1/images`, { method: "POST", headers, body })).json()).image_key;
}

/** The ticket's one message of this type; the bot writes in between. */
async function only(ticket_id, type) {
  const { data } = await api.ticketMessage.list({ path: { ticket_id }, params: { page_size: 200 } }, desk);
  const found = data.messages.filter(({ message_type }) => message_type === type);
  assert.equal(found.length, 1);
  return found[0];
}
const ticketImage = (params) => api.ticket.ticketImage({ params }, desk);

describe("pictures", () => {
  test("of a FAQ", async () => {
    const [id, image_key] = await faqWith(png("faq"));
    await downloads(api.faq.faqImage({ path: { id, image_key } }, desk), image_key, png("faq"));
    await refused(api.faq.faqImage({ path: { id, image_key: "img_none" } }, desk), 404, 154004);
    const other = { id: plainDesk.faqs[0].id, image_key };
    await refused(api.faq.faqImage({ path: other }, desk), 404, 154004);
  });

  test("of an image message", async () => {
    const guest = await Guest.arrive(server, plainDesk);
    const key = await upload(guest, png("guest"));
    const { ticket_id } = await guest.post("/messages", { image_key: key });
    const message = await only(ticket_id, "image");
    for (const msg_id of [message.id, message.message_id]) {
      await downloads(ticketImage({ ticket_id, msg_id }), key, png("guest"));
    }
    const other = await (await Guest.arrive(server, plainDesk)).ask("hello");
    await refused(ticketImage({ ticket_id: other, msg_id: message.id }), 404, 154004);
  });

  test("of a post", async () => {
    const guest = await Guest.arrive(server, plainDesk);
    const ticket_id = await guest.ask("hello");
    const own = await upload(guest, png("own"));
    const [, ofFaq] = await faqWith(png("shared"));
    const line = [own, ofFaq].map((image_key) => ({ tag: "img", image_key }));
    const content = JSON.stringify({ post: { zh_cn: { title: "图片", content: [[{ tag: "text", text: "See" }], line] } } });
    await api.ticketMessage.create({ path: { ticket_id }, data: { msg_type: "post", content } }, desk);
    const { id: msg_id } = await only(ticket_id, "post");
    await downloads(ticketImage({ ticket_id, msg_id, index: 0 }), own, png("own"));
    await downloads(ticketImage({ ticket_id, msg_id, index: 1 }), ofFaq, png("shared"));
    await refused(ticketImage({ ticket_id, msg_id }), 400, 154000);
    await refused(ticketImage({ ticket_id, msg_id, index: 2 }), 400, 154000);
  });
});
