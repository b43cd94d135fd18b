"""Notifications from draft to recall, and messages of the bot outside of tickets, by typed calls and typed reads."""

import json
import time
import unittest

import deskwire
import lark_oapi as lark
from bot import client, desk_option
from deskwire import OWNER, PLAIN, PLAIN_DESK, USER, Case, Guest, server
from lark_oapi.api.helpdesk.v1 import *
from typed import mismatches

EVENT = Event.builder().type("helpdesk.notification").subtype("notification.approve_v1").build()
CARD = {
    "header": {"title": {"tag": "plain_text", "content": "搬家 Office move"}},
    "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "We move on **Friday**."}}],
}


def eventually(find, within_s=10):
    """What `find` answers as soon as it is not empty."""
    deadline = time.monotonic() + within_s
    while not (found := find()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
    return found


def messages_of(open_id):
    """What a known user sees in their chat with the help desk."""
    path = f"/guest/v1/desks/{PLAIN_DESK['id']}/sessions"
    session = server().call("POST", path, {"open_id": open_id})[1]
    return server().call("GET", "/guest/v1/messages?limit=200", bearer=session["session_token"])[1]["messages"]


class Pushes(Case):
    @classmethod
    def setUpClass(cls):
        cls.api = client(server().url, PLAIN["app_id"], PLAIN["app_secret"]).helpdesk.v1
        cls.owner_token = server().user_token(OWNER, PLAIN)
        cls.decided = []
        builder = lark.EventDispatcherHandler.builder("", PLAIN["events"]["verification_token"])
        builder.register_p2_helpdesk_notification_approve_v1(cls.decided.append)
        cls.receiver = server().receivers[PLAIN["app_id"]]
        cls.receiver.dispatcher = builder.build()

    def ok(self, call, request, user=True):
        """The data of a call that succeeds."""
        token = self.owner_token if user else None
        answer = call(request, desk_option(PLAIN_DESK["id"], PLAIN_DESK["token"], token))
        self.assertTrue(answer.success(), (answer.code, answer.msg, answer.error))
        self.assertEqual(mismatches(answer, type(answer)), [])
        return getattr(answer, "data", None)

    def get(self, notification_id):
        request = GetNotificationRequest.builder().notification_id(notification_id).user_id_type("open_id").build()
        return self.ok(self.api.notification.get, request)

    def until(self, notification_id, status):
        def there():
            notification = self.get(notification_id).notification
            return notification if notification.status == status else None

        return eventually(there)

    def draft(self, job_name, **more):
        content = json.dumps(CARD, ensure_ascii=False)
        builder = Notification.builder().job_name(job_name).push_content(content).push_type(0).push_scope_type(2)
        builder.user_list([NotificationUser.builder().user_id(USER).build()])
        for name, value in more.items():
            getattr(builder, name)(value)
        return builder.build()

    def create(self, body):
        request = CreateNotificationRequest.builder().user_id_type("open_id").request_body(body).build()
        created = self.ok(self.api.notification.create, request)
        self.assertEqual(created.status, 0)
        return created.notification_id

    def submit(self, notification_id):
        body = SubmitApproveNotificationRequestBody.builder().reason("news").build()
        request = SubmitApproveNotificationRequest.builder().notification_id(notification_id).request_body(body).build()
        self.assertIs(self.ok(self.api.notification.submit_approve, request).has_access, True)

    def execute(self, notification_id, send_at_ms):
        body = ExecuteSendNotificationRequestBody.builder().send_at(str(send_at_ms)).build()
        request = ExecuteSendNotificationRequest.builder().notification_id(notification_id).request_body(body).build()
        self.ok(self.api.notification.execute_send, request)

    def cancel(self, notification_id, is_recall):
        body = CancelSendNotificationRequestBody.builder().is_recall(is_recall).build()
        request = CancelSendNotificationRequest.builder().notification_id(notification_id).request_body(body).build()
        self.ok(self.api.notification.cancel_send, request)

    def test_from_draft_to_recall(self):
        events = SubscribeEventRequestBody.builder().events([EVENT]).build()
        request = SubscribeEventRequest.builder().request_body(events).build()
        self.ok(self.api.event.subscribe, request, user=False)
        guest = Guest(PLAIN_DESK)
        chat = NotificationChat.builder().chat_id(guest.chat_id).name("Gina").build()
        department = NotificationDepartment.builder().department_id("od_none").name("Nobody").build()
        lists = {"chat_list": [chat], "department_list": [department], "ext": "{}"}
        notification_id = self.create(self.draft("Move", **lists))

        patch = PatchNotificationRequest.builder().notification_id(notification_id).user_id_type("open_id")
        self.ok(self.api.notification.patch, patch.request_body(self.draft("Office move", **lists)).build())
        data = self.get(notification_id)
        self.assertTrue(data.approval_app_link.startswith(server().url + "/approval/"), data.approval_app_link)
        draft = data.notification
        self.assertEqual((draft.id, draft.job_name, draft.status), (notification_id, "Office move", 0))
        self.assertEqual((draft.create_user.user_id, draft.create_user.name), (OWNER, "Ada"))
        self.assertEqual([(user.user_id, user.name) for user in draft.user_list], [(USER, "Eve")])
        self.assertEqual([(d.department_id, d.name) for d in draft.department_list], [("od_none", "Nobody")])
        self.assertEqual([(c.chat_id, c.name) for c in draft.chat_list], [(guest.chat_id, "Gina")])
        self.assertEqual(json.loads(draft.push_content), CARD)
        self.assertLess(abs(int(draft.created_at) / 1000 - time.time()), 60)

        preview = PreviewNotificationRequest.builder().notification_id(notification_id).build()
        self.ok(self.api.notification.preview, preview)
        self.assertEqual(messages_of(OWNER)[-1]["card"], CARD)

        self.submit(notification_id)
        withdraw = CancelApproveNotificationRequest.builder().notification_id(notification_id).build()
        self.ok(self.api.notification.cancel_approve, withdraw)
        self.submit(notification_id)
        self.assertEqual(self.get(notification_id).notification.status, 2)
        self.execute(notification_id, int(time.time() * 1000) + 3_600_000)
        self.assertEqual(self.get(notification_id).notification.status, 3)
        self.cancel(notification_id, False)
        self.execute(notification_id, int(time.time() * 1000))
        sent = self.until(notification_id, 5)
        self.assertEqual((sent.target_user_count, sent.sent_user_count, sent.read_user_count), (2, 2, 0))
        self.assertEqual(guest.wait("card")["card"], CARD)
        self.assertEqual(self.get(notification_id).notification.read_user_count, 1)
        self.cancel(notification_id, True)
        self.assertEqual(guest.wait("notice")["notice"], "recall")
        self.assertEqual(self.get(notification_id).notification.status, 7)

        decided = eventually(lambda: self.decided if len(self.decided) >= 3 else None)
        self.assertEqual({data.event.notification_id for data in decided}, {notification_id})
        self.assertEqual(sorted(data.event.approve_status for data in decided), ["APPROVED", "APPROVED", "CANCELED"])
        self.assertEqual([fault for data in decided for fault in mismatches(data.event, type(data.event))], [])
        events = UnsubscribeEventRequestBody.builder().events([EVENT]).build()
        request = UnsubscribeEventRequest.builder().request_body(events).build()
        self.ok(self.api.event.unsubscribe, request, user=False)

    def test_refusals(self):
        def code(call, request):
            answer = call(request, desk_option(PLAIN_DESK["id"], PLAIN_DESK["token"], self.owner_token))
            return answer.raw.status_code, answer.code

        get = GetNotificationRequest.builder().notification_id("6900000000000009999").build()
        self.assertEqual(code(self.api.notification.get, get), (404, 154004))
        create = CreateNotificationRequest.builder().request_body(self.draft("Move", push_scope_type=0)).build()
        self.assertEqual(code(self.api.notification.create, create), (400, 154000))
        early = PreviewNotificationRequest.builder().notification_id("x").build()
        self.assertEqual(code(self.api.notification.preview, early), (400, 154000))

    def test_bot_messages(self):
        guest = Guest(PLAIN_DESK)
        line = [{"tag": "text", "text": "See "}, {"tag": "a", "text": "this", "href": "https://demo.test"}]
        contents = [
            ("text", {"text": "hello 你好"}, "text"),
            ("post", {"post": {"zh_cn": {"title": "T", "content": [line]}}}, "post"),
            ("interactive", CARD, "card"),
        ]
        for msg_type, content, kind in contents:
            body = BotMessage.builder().msg_type(msg_type).content(json.dumps(content)).receiver_id(guest.open_id)
            body = body.receive_type("chat").build()
            request = CreateBotMessageRequest.builder().user_id_type("open_id").request_body(body).build()
            message_id = self.ok(self.api.bot_message.create, request, user=False).message_id
            shown = guest.wait(kind)
            self.assertEqual((shown["message_id"], shown["from"]), (message_id, "bot"))
            self.assertNotIn("ticket_id", shown)


if __name__ == "__main__":
    unittest.main()
