"""The SDK's own long-connection client: it receives, answers, and comes back after the server was restarted under it."""

import threading
import time
import unittest

import lark_oapi as lark
from bot import Bot, client
from deskwire import CONNECTED, PLAIN_DESK, Case, Guest, Server
from typed import mismatches

STUMBLE = "stumble over this"
CJK = "打印机 坏了 / printer \"broken\" <b>& 🖨"


class Clumsy(Bot):
    """Fails at its first sight of one question."""

    stumbled = 0

    def on_message(self, data):
        if data.event.text == STUMBLE and not self.stumbled:
            self.stumbled += 1
            raise RuntimeError("on purpose")
        super().on_message(data)


class LongConnection(Case):
    @classmethod
    def setUpClass(cls):
        # The SDK's client runs on one loop for the whole process and cannot be stopped, so there is one for all tests.
        cls.server = Server(keeps_data=True)
        cls.addClassCleanup(cls.server.stop)
        faq = PLAIN_DESK["faqs"][0]["id"]
        knowledge = dict.fromkeys((PLAIN_DESK["faqs"][0]["question"], CJK, STUMBLE), [(faq, 0.9)])
        app_id, secret = CONNECTED["app_id"], CONNECTED["app_secret"]
        cls.bot = Clumsy(client(cls.server.url, app_id, secret), PLAIN_DESK["id"], PLAIN_DESK["token"], knowledge)
        subscribed = cls.bot.subscribe()
        assert subscribed.success(), (subscribed.code, subscribed.msg)
        handler = cls.bot.dispatcher("", "")
        quiet = lark.LogLevel.CRITICAL
        ws = lark.ws.Client(app_id, secret, event_handler=handler, domain=cls.server.url, log_level=quiet)
        threading.Thread(target=ws.start, daemon=True).start()

    def connections(self):
        return self.server.call("GET", "/dev/v1/connections")[1]["connections"]

    def delivered(self):
        """Waits until the app has everything; answers its deliveries."""
        for _ in range(200):
            found = self.server.call("GET", "/dev/v1/deliveries?limit=200")[1]["deliveries"]
            if all(delivery["state"] == "delivered" for delivery in found):
                return found
            time.sleep(0.05)
        raise AssertionError(found)

    def ask(self, text):
        guest = Guest(PLAIN_DESK, at=self.server)
        guest.ask(text)
        return guest.wait("answer")

    def test_a_question_comes_and_its_answer_is_shown(self):
        for text in (PLAIN_DESK["faqs"][0]["question"], CJK):
            shown = self.ask(text)
            self.assertEqual((shown["mode"], shown["answered_by"]), ("direct", "app"))
            self.assertIn(text, [message.event.text for message in self.bot.messages])
        for delivery in self.delivered():
            self.assertTrue(delivery["outcome"].startswith("200 in "), delivery)
        for event in (*self.bot.messages, *self.bot.tickets, *self.bot.updates):
            self.assertEqual(event.header.token, CONNECTED["events"]["verification_token"])
            self.assertEqual(mismatches(event.event, type(event.event)), [], event.header.event_type)

    def test_the_connection_is_on_the_list(self):
        self.ask(CJK)
        self.delivered()
        (connection,) = self.connections()
        self.assertEqual(connection["app_id"], CONNECTED["app_id"])
        self.assertIn("python", connection["user_agent"].lower())
        self.assertEqual((connection["in_flight"], connection.get("last_failure")), (0, None))

    def test_an_event_that_was_not_taken_comes_again(self):
        guest = Guest(PLAIN_DESK, at=self.server)
        guest.ask(STUMBLE)
        for _ in range(200):
            found = self.server.call("GET", "/dev/v1/deliveries?limit=200")[1]["deliveries"]
            failed = [delivery for delivery in found if delivery.get("outcome", "").startswith("500 in ")]
            if failed:
                break
            time.sleep(0.05)
        self.server.call("POST", "/dev/v1/clock", {"advance_ms": 15_000})
        self.assertEqual(guest.wait("answer")["answered_by"], "app")
        again = next(message for message in self.bot.messages if message.event.text == STUMBLE)
        self.assertEqual([again.header.event_id], [delivery["header_event_id"] for delivery in failed])
        self.delivered()

    def test_the_client_comes_back_after_a_restart(self):
        self.ask(CJK)
        for _ in range(2):
            # A restart sets the clock back that another test moved, and what is still owed would wait for it.
            self.delivered()
            self.server.restart()
            # Asked before the client is back: the event waits for it.
            self.assertEqual(self.ask(CJK)["answered_by"], "app")
        self.assertEqual(len(self.connections()), 1)
        self.delivered()


if __name__ == "__main__":
    unittest.main()
