"""A guest asks, the bot is told by webhook, answers through the SDK, and the guest sees the FAQ."""

import json
import time
import unittest
import uuid

import deskwire
from bot import Bot, client, desk_option
from deskwire import Case, Guest, server
from lark_oapi.api.helpdesk.v1 import CreateTicketMessageRequest, CreateTicketMessageRequestBody
from lark_oapi.core.token import TokenManager
from typed import mismatches

BOT, GUEST = 1, 2  # sender_type


def eventually(find, within_s=10):
    """What `find` answers as soon as it is not empty."""
    deadline = time.monotonic() + within_s
    while not (found := find()):
        if time.monotonic() > deadline:
            raise AssertionError("the event did not come")
        time.sleep(0.02)
    return found


class Answering:
    """The flow of one app and its help desk."""

    app: dict
    desk: dict

    @classmethod
    def setUpClass(cls):
        cls.faqs = cls.desk["faqs"]
        first, second, third = (faq["id"] for faq in cls.faqs)
        knowledge = {
            cls.faqs[0]["question"]: [(first, 0.9)],
            "laptop or VPN / 会议室还是访客": [(third, 0.4), (second, 0.5)],
        }
        api = client(server().url, cls.app["app_id"], cls.app["app_secret"])
        cls.bot = Bot(api, cls.desk["id"], cls.desk["token"], knowledge)
        cls.receiver = server().receivers[cls.app["app_id"]]
        events = cls.app["events"]
        cls.receiver.dispatcher = cls.bot.dispatcher(events["verification_token"], events.get("encrypt_key", ""))
        subscribed = cls.bot.subscribe()
        assert subscribed.success(), (subscribed.code, subscribed.msg)

    @classmethod
    def tearDownClass(cls):
        unsubscribed = cls.bot.unsubscribe()
        assert unsubscribed.success(), (unsubscribed.code, unsubscribed.msg)

    def ask(self, text):
        guest = Guest(self.desk)
        ticket_id = guest.ask(text)
        return guest, ticket_id, guest.wait("answer")

    def messages_of(self, ticket_id, sender_type):
        """The message events of a ticket, as the SDK's model has them."""
        mine = [m for m in self.bot.messages if m.event.ticket.ticket_id == ticket_id]
        return [m for m in mine if m.event.sender_type == sender_type]

    def tearDown(self):
        refused = [seen for seen in self.receiver.seen if seen[1] != 200]
        self.assertEqual(refused, [], "the SDK's dispatcher took every delivery")
        for event in (*self.bot.messages, *self.bot.tickets, *self.bot.updates):
            self.assertEqual(mismatches(event.event, type(event.event)), [], event.header.event_type)

    def test_the_token_manager_gets_and_keeps_a_tenant_token(self):
        token = TokenManager.get_self_tenant_token(self.bot.api._config)
        self.assertTrue(token.startswith("t-"), token)
        self.assertEqual(TokenManager.get_self_tenant_token(self.bot.api._config), token)
        self.assertTrue(TokenManager.get_self_app_token(self.bot.api._config))

    def test_a_score_of_0_9_shows_the_answer(self):
        _, _, shown = self.ask(self.faqs[0]["question"])
        self.assertEqual((shown["mode"], shown["answered_by"]), ("direct", "app"))
        best = shown["faqs"][0]
        self.assertEqual((best["id"], best["question"]), (self.faqs[0]["id"], self.faqs[0]["question"]))
        self.assertEqual((best["answer"], best["score"]), (self.faqs[0]["answer"], 0.9))

    def test_scores_of_0_5_and_0_4_show_a_list_best_first(self):
        _, _, shown = self.ask("laptop or VPN / 会议室还是访客")
        self.assertEqual((shown["mode"], shown["answered_by"]), ("list", "app"))
        expected = [(self.faqs[1]["id"], 0.5), (self.faqs[2]["id"], 0.4)]
        self.assertEqual([(faq["id"], faq["score"]) for faq in shown["faqs"]], expected)
        self.assertTrue(all("answer" not in faq for faq in shown["faqs"]))

    def test_no_faqs_show_that_nothing_was_found(self):
        _, _, shown = self.ask("What is the meaning of life?")
        self.assertEqual((shown["mode"], shown["answered_by"], shown["faqs"]), ("none", "app", []))

    def test_the_url_was_checked_and_bodies_are_encrypted_only_with_a_key(self):
        self.ask("hello")
        self.assertTrue(any(b"challenge" in content for _, _, content in self.receiver.seen))
        encrypted = {"encrypt" in json.loads(body) for body, _, _ in self.receiver.seen}
        self.assertEqual(encrypted, {"encrypt_key" in self.app["events"]})

    def test_the_guests_message_event_is_typed(self):
        guest, ticket_id, shown = self.ask("Größe <b>&amp;</b> \"quoted\" \\ 忘记密码 🙂")
        (message,) = self.messages_of(ticket_id, GUEST)
        header, event = message.header, message.event
        self.assertEqual(header.event_type, "helpdesk.ticket_message.created_v1")
        self.assertEqual((header.app_id, header.token), (self.app["app_id"], self.app["events"]["verification_token"]))
        self.assertRegex(header.event_id, "^[0-9a-f]{32}$")
        self.assertLess(abs(int(header.create_time) / 1000 - time.time()), 60)
        self.assertTrue(header.tenant_key)
        self.assertEqual(str(uuid.UUID(event.event_id)), event.event_id)
        self.assertEqual(shown["event_id"], event.event_id)
        self.assertEqual(event.text, "Größe <b>&amp;</b> \"quoted\" \\ 忘记密码 🙂")
        self.assertEqual((event.msg_type, event.content.content), ("text", event.text))
        self.assertEqual((event.sender_id.open_id, event.chat_id), (guest.open_id, guest.chat_id))
        self.assertTrue(event.message_id.startswith("om_"), event.message_id)
        self.assertEqual((event.ticket.ticket_id, event.ticket.status), (ticket_id, 1))

    def test_odd_and_long_texts_arrive_as_they_are(self):
        # Single and joined emoji, quotes, slashes, markup, a line separator, and the most characters a guest may send.
        odd = "打印机 🖨 👩\u200d👩\u200d👧 / </b> & \"'\\ \u2028 " + "忘🙂" * 2_480
        guest, ticket_id, _ = self.ask(odd)
        (message,) = self.messages_of(ticket_id, GUEST)
        self.assertEqual((message.event.text, message.event.content.content), (odd.strip(), odd.strip()))
        guest.post("/human", {})
        # The longest text of an app: its event holds it twice, more than 100 kB each time.
        long = "長い🖨</" * 6_000
        body = CreateTicketMessageRequestBody.builder().msg_type("text").content(json.dumps({"text": long})).build()
        request = CreateTicketMessageRequest.builder().ticket_id(ticket_id).request_body(body).build()
        option = desk_option(self.desk["id"], self.desk["token"])
        sent = self.bot.api.helpdesk.v1.ticket_message.create(request, option)
        self.assertTrue(sent.success(), (sent.code, sent.msg))
        of_app = lambda: [m for m in self.messages_of(ticket_id, BOT) if m.event.text == long]
        eventually(of_app)
        self.assertGreater(max(len(body) for body, _, _ in self.receiver.seen), 100_000)

    def test_the_bots_own_answer_is_an_event_without_a_sender(self):
        _, ticket_id, _ = self.ask(self.faqs[0]["question"])
        (message,) = eventually(lambda: self.messages_of(ticket_id, BOT))
        self.assertIsNone(message.event.sender_id)
        self.assertIn(self.faqs[0]["answer"], message.event.text)

    def test_ticket_events_are_typed(self):
        guest = Guest(self.desk)
        ticket_id = guest.ask("hello")
        guest.wait("answer")
        (created,) = eventually(lambda: [t for t in self.bot.tickets if t.event.ticket_id == ticket_id])
        event = created.event
        self.assertEqual((event.helpdesk_id, event.chat_id), (self.desk["id"], guest.chat_id))
        self.assertEqual((event.stage, event.status, event.guest.id.open_id), (1, 1, guest.open_id))
        self.assertIsInstance(event.created_at, int)
        guest.post("/human")
        (updated,) = eventually(lambda: [u for u in self.bot.updates if u.event.object.ticket_id == ticket_id])
        self.assertEqual((updated.event.old_object.stage, updated.event.object.stage), (1, 2))

    def test_the_same_answer_again_is_fine_and_another_is_refused(self):
        guest, ticket_id, shown = self.ask(self.faqs[0]["question"])
        again = self.bot.answer(ticket_id, shown["event_id"], [(self.faqs[0]["id"], 0.9)])
        self.assertEqual((again.code, again.msg), (0, "success"))
        other = self.bot.answer(ticket_id, shown["event_id"], [(self.faqs[1]["id"], 0.9)])
        self.assertEqual((other.raw.status_code, other.code), (400, 154000))
        _, feed = server().call("GET", "/guest/v1/messages?limit=200", bearer=guest.token)
        self.assertEqual(len([m for m in feed["messages"] if m["kind"] == "answer"]), 1)


class PlainWebhook(Answering, Case):
    app, desk = deskwire.PLAIN, deskwire.PLAIN_DESK


class EncryptedWebhook(Answering, Case):
    app, desk = deskwire.ENCRYPTED, deskwire.ENCRYPTED_DESK


if __name__ == "__main__":
    unittest.main()
