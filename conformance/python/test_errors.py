"""Errors as the SDK shows them."""

import unittest
from unittest import mock

from bot import Bot, client, desk_option
from deskwire import OWNER, PLAIN, PLAIN_DESK, READER, USER, Case, Guest, server
from lark_oapi.api.helpdesk.v1 import *
from lark_oapi.core.cache import LocalCache
from lark_oapi.core.exception import ObtainAccessTokenException
from lark_oapi.core.token import TokenManager

UNKNOWN = "7000000000000000000"
EVENT_ID = "11111111-1111-4111-8111-111111111111"
DESK = (PLAIN_DESK["id"], PLAIN_DESK["token"])


class Errors(Case):
    def api(self, app=PLAIN):
        return client(server().url, app["app_id"], app["app_secret"])

    def refused(self, answer, status, code):
        """Checks the envelope of a refusal; answers its `error`, a plain dict in this SDK."""
        self.assertFalse(answer.success())
        self.assertEqual((answer.raw.status_code, answer.code), (status, code), answer.msg)
        self.assertTrue(answer.msg)
        self.assertTrue(answer.error["log_id"])
        return answer.error

    def get_ticket(self, ticket_id, option=None, app=PLAIN):
        request = GetTicketRequest.builder().ticket_id(ticket_id).build()
        return self.api(app).helpdesk.v1.ticket.get(request, option or desk_option(*DESK))

    def test_the_log_id_of_an_answer(self):
        # The SDK knows the header only as `X-Tt-Logid`, in this very spelling.
        answer = self.get_ticket(UNKNOWN)
        self.assertEqual(answer.get_log_id(), answer.error["log_id"])

    def test_a_wrong_secret_and_an_unknown_app(self):
        request = GetTicketRequest.builder().ticket_id(UNKNOWN).build()
        unknown = {"app_id": "cli_a00000000000000f", "app_secret": "wrong"}
        for app, code in (({**PLAIN, "app_secret": "wrong"}, 10014), (unknown, 10003)):
            # Without what other tests left in the SDK's cache.
            with mock.patch.object(TokenManager, "cache", LocalCache()):
                with self.assertRaises(ObtainAccessTokenException) as raised:
                    self.api(app).helpdesk.v1.ticket.get(request, desk_option(*DESK))
            self.assertEqual(raised.exception.code, code)

    def test_an_unknown_and_a_malformed_ticket(self):
        self.refused(self.get_ticket(UNKNOWN), 404, 154004)
        self.refused(self.get_ticket("abc"), 400, 154000)
        answer = Bot(self.api(), *DESK, {}).answer(UNKNOWN, EVENT_ID, [])
        self.refused(answer, 404, 154004)

    def test_a_missing_scope(self):
        answer = Bot(self.api(READER), *DESK, {}).answer(UNKNOWN, EVENT_ID, [])
        error = self.refused(answer, 400, 99991672)
        self.assertIn("helpdesk:all", answer.msg)
        violation = {"type": "action_scope_required", "subject": "helpdesk:all"}
        self.assertEqual(error["permission_violations"], [violation])
        self.assertIn(READER["app_id"], error["helps"][0]["url"])

    def test_a_wrong_or_missing_help_desk_credential(self):
        self.refused(self.get_ticket(UNKNOWN, desk_option(DESK[0], "ht-wrong")), 401, 154001)
        request = GetTicketRequest.builder().ticket_id(UNKNOWN).build()
        self.refused(self.api().helpdesk.v1.ticket.get(request), 401, 154001)

    def test_a_forged_user_token_and_a_user_without_a_role(self):
        body = CreateFaqRequestBody.builder().faq(FaqCreateInfo.builder().question("Q?").answer("A.").build()).build()
        request = CreateFaqRequest.builder().request_body(body).build()
        create = self.api().helpdesk.v1.faq.create
        self.refused(create(request, desk_option(*DESK, "u-forged")), 400, 99991668)
        self.refused(create(request, desk_option(*DESK, server().user_token(USER, PLAIN))), 403, 154003)

    def test_a_field_that_is_missing_is_named(self):
        request = CreateFaqRequest.builder().request_body(CreateFaqRequestBody.builder().build()).build()
        answer = self.api().helpdesk.v1.faq.create(request, desk_option(*DESK, server().user_token(OWNER, PLAIN)))
        error = self.refused(answer, 400, 154000)
        self.assertEqual(error["field_violations"][0]["field"], "faq")

    def test_answers_that_are_refused(self):
        guest = Guest(PLAIN_DESK)
        ticket_id = guest.post("/human")["ticket_id"]
        bot = Bot(self.api(), *DESK, {})
        self.refused(bot.answer(ticket_id, EVENT_ID, []), 400, 154000)
        guest = Guest(PLAIN_DESK)
        ticket_id = guest.ask("anything")
        self.refused(bot.answer(ticket_id, EVENT_ID, []), 400, 154000)

    def test_a_message_in_a_closed_ticket(self):
        guest = Guest(PLAIN_DESK)
        ticket_id = guest.post("/human")["ticket_id"]
        guest.post("/close")
        body = CreateTicketMessageRequestBody.builder().msg_type("text").content('{"text": "late"}').build()
        request = CreateTicketMessageRequest.builder().ticket_id(ticket_id).request_body(body).build()
        self.refused(self.api().helpdesk.v1.ticket_message.create(request, desk_option(*DESK)), 401, 154401)


if __name__ == "__main__":
    unittest.main()
