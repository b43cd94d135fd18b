"""Typed calls and typed reads of every resource the server has."""

import json
import time
import unittest

import deskwire
from bot import client, desk_option
from deskwire import AGENT, OWNER, PLAIN, PLAIN_DESK, USER, Case, Guest, server
from lark_oapi.api.helpdesk.v1 import *
from typed import mismatches

FAQS = PLAIN_DESK["faqs"]


class Calls(Case):
    @classmethod
    def setUpClass(cls):
        cls.api = client(server().url, PLAIN["app_id"], PLAIN["app_secret"]).helpdesk.v1
        cls.owner_token = server().user_token(OWNER, PLAIN)

    def ok(self, call, request, user=False):
        """The data of a call that succeeds, if its answer has any."""
        token = self.owner_token if user else None
        answer = call(request, desk_option(PLAIN_DESK["id"], PLAIN_DESK["token"], token))
        self.assertTrue(answer.success(), (answer.code, answer.msg, answer.error))
        self.assertEqual((answer.raw.status_code, answer.msg), (200, "success"))
        self.assertEqual(mismatches(answer, type(answer)), [])
        return getattr(answer, "data", None)


class Tickets(Calls):
    def human_ticket(self):
        """A guest with a ticket no bot answers in."""
        guest = Guest(PLAIN_DESK, "Gina 吉娜")
        return guest, guest.post("/human")["ticket_id"]

    def test_get(self):
        guest, ticket_id = self.human_ticket()
        request = GetTicketRequest.builder().ticket_id(ticket_id).build()
        ticket = self.ok(self.api.ticket.get, request).ticket
        self.assertEqual((ticket.ticket_id, ticket.helpdesk_id), (ticket_id, PLAIN_DESK["id"]))
        self.assertEqual((ticket.guest.id, ticket.guest.name), (guest.open_id, "Gina 吉娜"))
        self.assertEqual(ticket.ticket_type, 2)
        self.assertIn(ticket.status, (1, 2, 3))
        self.assertLess(abs(ticket.created_at / 1000 - time.time()), 60)

    def test_list_by_number_of_page_and_by_filter(self):
        ids = {self.human_ticket()[1] for _ in range(3)}
        seen, page = [], 0
        while True:
            page += 1
            request = ListTicketRequest.builder().type(2).status_list([1, 2, 3]).page(page).page_size(2).build()
            data = self.ok(self.api.ticket.list, request)
            self.assertLessEqual(len(data.tickets or []), 2)
            seen += [ticket.ticket_id for ticket in data.tickets or []]
            if page * 2 >= data.total:
                break
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual(ids, set(seen))
        closed = ListTicketRequest.builder().status_list([50, 51]).build()
        self.assertEqual(self.ok(self.api.ticket.list, closed).total, 0)

    def test_start_service_with_a_human_tells_the_ticket(self):
        body = StartServiceTicketRequestBody.builder().human_service(True).appointed_agents([AGENT]).open_id(USER)
        request = StartServiceTicketRequest.builder().request_body(body.customized_info("from a test").build()).build()
        started = self.ok(self.api.ticket.start_service, request)
        self.assertTrue(started.chat_id.startswith("oc_"), started.chat_id)
        ticket = self.ok(self.api.ticket.get, GetTicketRequest.builder().ticket_id(started.ticket_id).build()).ticket
        self.assertEqual((ticket.guest.id, ticket.ticket_type), (USER, 2))

    def test_start_service_with_the_bot_tells_only_the_chat(self):
        body = StartServiceTicketRequestBody.builder().human_service(False).open_id(OWNER).build()
        request = StartServiceTicketRequest.builder().request_body(body).build()
        started = self.ok(self.api.ticket.start_service, request)
        self.assertTrue(started.chat_id.startswith("oc_"), started.chat_id)
        self.assertIsNone(started.ticket_id)
        found = self.ok(self.api.ticket.list, ListTicketRequest.builder().guest_id(OWNER).build())
        self.assertEqual([ticket.ticket_type for ticket in found.tickets], [1])

    def send(self, ticket_id, msg_type, content):
        body = CreateTicketMessageRequestBody.builder().msg_type(msg_type).content(json.dumps(content)).build()
        request = CreateTicketMessageRequest.builder().ticket_id(ticket_id).request_body(body).build()
        message_id = self.ok(self.api.ticket_message.create, request).message_id
        self.assertTrue(message_id.startswith("om_"), message_id)

    def test_messages(self):
        guest, ticket_id = self.human_ticket()
        guest.ask("Is anybody there? 有人吗？")
        self.send(ticket_id, "text", {"text": "Yes, \"here\"."})
        line = [{"tag": "text", "text": "See "}, {"tag": "a", "text": "the manual", "href": "https://demo.test/manual"}]
        self.send(ticket_id, "post", {"post": {"zh_cn": {"title": "说明", "content": [line]}}})
        self.assertEqual(guest.wait("post")["from"], "bot")
        request = ListTicketMessageRequest.builder().ticket_id(ticket_id).page(1).page_size(200).build()
        listed = self.ok(self.api.ticket_message.list, request)
        self.assertEqual(listed.total, len(listed.messages))
        texts = [json.loads(message.content)["content"] for message in listed.messages]
        for said in ("Is anybody there? 有人吗？", "Yes, \"here\".", "the manual"):
            self.assertTrue(any(said in text for text in texts), (said, texts))
        self.assertLessEqual({"text", "post"}, {message.message_type for message in listed.messages})
        (question,) = (m for m in listed.messages if "Is anybody there?" in m.content)
        self.assertEqual(question.user_name, "Gina 吉娜")
        self.assertLess(abs(question.created_at / 1000 - time.time()), 60)
        second = ListTicketMessageRequest.builder().ticket_id(ticket_id).page(2).page_size(1).build()
        (message,) = self.ok(self.api.ticket_message.list, second).messages
        self.assertEqual(message.message_id, listed.messages[1].message_id)


class Faqs(Calls):
    def test_list_by_page_token(self):
        seen, page_token = {}, None
        while True:
            request = ListFaqRequest.builder().status("1").page_size(2)
            if page_token:
                request.page_token(page_token)
            data = self.ok(self.api.faq.list, request.build())
            self.assertEqual(data.page_size, len(data.items))
            seen.update({faq.faq_id: faq for faq in data.items})
            if not data.has_more:
                break
            page_token = data.page_token
        self.assertIsNone(data.page_token)
        self.assertEqual(data.total, len(seen))
        self.assertLessEqual({faq["id"] for faq in FAQS}, set(seen))

    def test_get(self):
        request = GetFaqRequest.builder().id(FAQS[0]["id"]).build()
        faq = self.ok(self.api.faq.get, request).faq
        self.assertEqual((faq.faq_id, faq.id, faq.helpdesk_id), (FAQS[0]["id"], FAQS[0]["id"], PLAIN_DESK["id"]))
        self.assertEqual((faq.question, faq.answer), (FAQS[0]["question"], FAQS[0]["answer"]))
        self.assertEqual(faq.tags, FAQS[0]["similar"])
        self.assertEqual([category.name for category in faq.categories], ["Passwords"])
        self.assertLess(abs(faq.create_time - time.time()), 60)
        self.assertTrue(all(item.type == "text" for item in faq.answer_richtext))

    def test_search(self):
        for query, expected in [("忘记密码怎么办", 0), ("怎么申请新电脑", 1), ("VPN & more", 2)]:
            found = self.ok(self.api.faq.search, SearchFaqRequest.builder().query(query).build())
            self.assertEqual(found.items[0].id, FAQS[expected]["id"], query)
            self.assertIsInstance(found.has_more, bool)

    def test_search_in_base64(self):
        request = SearchFaqRequest.builder().query("5b+Y6K6w5a+G56CB5oCO5LmI5Yqe").base64("true").build()
        self.assertEqual(self.ok(self.api.faq.search, request).items[0].id, FAQS[0]["id"])

    def test_create_patch_delete(self):
        rich = json.dumps([{"type": "text", "content": "Room 101"}])
        info = FaqCreateInfo.builder().question("Where is the lost property?").answer("Room 101").answer_richtext(rich)
        body = CreateFaqRequestBody.builder().faq(info.tags(["失物招领"]).build()).build()
        faq = self.ok(self.api.faq.create, CreateFaqRequest.builder().request_body(body).build(), user=True).faq
        self.assertEqual((faq.question, faq.tags), ("Where is the lost property?", ["失物招领"]))
        self.assertEqual((faq.answer_richtext[0].type, faq.answer_richtext[0].content), ("text", "Room 101"))
        self.assertEqual(faq.create_user.id, OWNER)

        rich = [Richtext.builder().type("text").content("Room 102").build()]
        info = FaqUpdateInfo.builder().question("Where is lost property now?").answer("Room 102").answer_richtext(rich)
        body = PatchFaqRequestBody.builder().faq(info.build()).build()
        self.ok(self.api.faq.patch, PatchFaqRequest.builder().id(faq.id).request_body(body).build(), user=True)
        patched = self.ok(self.api.faq.get, GetFaqRequest.builder().id(faq.id).build()).faq
        self.assertEqual((patched.question, patched.answer), ("Where is lost property now?", "Room 102"))
        self.assertEqual(patched.answer_richtext[0].content, "Room 102")

        self.ok(self.api.faq.delete, DeleteFaqRequest.builder().id(faq.id).build(), user=True)
        online = self.ok(self.api.faq.list, ListFaqRequest.builder().status("1").build())
        self.assertNotIn(faq.id, [item.id for item in online.items])


class Categories(Calls):
    def create(self, name, parent_id):
        body = Category.builder().name(name).parent_id(parent_id).language("zh_cn").build()
        request = CreateCategoryRequest.builder().request_body(body).build()
        return self.ok(self.api.category.create, request, user=True).category

    def test_create_get_patch_list_delete(self):
        top = self.create("办公室", "0")
        below = self.create("会议室", top.category_id)
        self.assertEqual((top.id, top.parent_id, below.parent_id), (top.category_id, "0", top.category_id))

        body = Category.builder().name("会议室和电话亭").build()
        request = PatchCategoryRequest.builder().id(below.id).request_body(body).build()
        self.ok(self.api.category.patch, request, user=True)
        got = self.ok(self.api.category.get, GetCategoryRequest.builder().id(below.id).build())
        self.assertEqual((got.category_id, got.name, got.language), (below.id, "会议室和电话亭", "zh_cn"))
        self.assertEqual(got.helpdesk_id, PLAIN_DESK["id"])

        listed = self.ok(self.api.category.list, ListCategoryRequest.builder().build())
        self.assertLessEqual({"Accounts", "Hardware", "办公室"}, {category.name for category in listed.categories})

        for category in (below, top):
            self.ok(self.api.category.delete, DeleteCategoryRequest.builder().id(category.id).build(), user=True)
        listed = self.ok(self.api.category.list, ListCategoryRequest.builder().build())
        self.assertNotIn(top.id, [category.id for category in listed.categories])


if __name__ == "__main__":
    unittest.main()
