"""Requests that succeed, for operations that hardly any generated request gets through: what they need is made first.

Each is sent as it is and then with one thing of it as schemathesis made it. What is made here alone can be taken away, so
this is how operations that would take away what the fuzz itself stands on are fuzzed.

Operations that never succeed here, and why:

- `admin_app.check` and `admin_event.curl` need an app with a server that answers; here events stay in the outbox, because
  nobody could tell what a fuzz sends to addresses that it made up.
- `guest.choose` needs an answer with a list, and `console_ticket.act` a ticket at the stage that an action is for: what the
  fuzz does to FAQs, thresholds and tickets leaves both to chance.
- `admin_synonym.patch` needs a pair of words, which a worker finds in the confirmed answers of many guests.
"""

import base64
import itertools
import json
import random
import string
import time

from world import PICTURE, Client

# A card as `notification.create` takes it.
CARD = json.dumps({"elements": [{"tag": "div", "text": {"tag": "plain_text", "content": "We move on Friday."}}]})
PUSH = {"job_name": "Move", "push_content": CARD, "push_type": 0, "push_scope_type": 0}
FILE = "Question,Answer\nWhere is the gym of number {number}?,On floor 2.\n"
FIELD = {
    "display_name": "Room", "position": "9", "field_type": "string", "description": "Where it is", "visible": True,
    "editable": True, "required": False,
}
PASSWORD = "a long enough password"
# Looks for a gap, a tenth of a second apart.
GAP_LOOKS = 30


class Seed:
    """What a request says: parameters of the path and of the query, the body, and a token if it is not the usual one."""

    def __init__(self, path=None, query=None, body=None, token=None, media_type="application/json"):
        self.path, self.query, self.body, self.token = path or {}, query or {}, body, token
        self.media_type = media_type


class NotNow(Exception):
    """What a seed needs is not there."""


class Seeds:
    """Makes them. Each method is named as its operation, with `_` for `.`."""

    counter = itertools.count(1)

    def __init__(self, url, world, number):
        self.client, self.world, self.number = Client(url), world, number
        self.desk = {"helpdesk_id": world.desk_id}

    @classmethod
    def sows(cls, operation_id):
        """Whether an operation has a seed."""
        return hasattr(cls, operation_id.replace(".", "_"))

    def of(self, operation_id):
        """The function that makes an operation's seed, if it has one."""
        return getattr(self, operation_id.replace(".", "_"), None)

    def name(self):
        """One that is not there yet."""
        return f"{self.number}{next(self.counter)}"

    def admin(self, method, path, body=None):
        return self.client.call(method, f"/admin/v1{path}", body, {"Authorization": f"Bearer {self.world.admin_token}"})

    def at_desk(self, method, path, body=None):
        return self.admin(method, f"/desks/{self.world.desk_id}{path}", body)

    def openly(self, method, path, body=None, asker=0):
        """The open API as a user, the owner of the help desk if nobody else is named."""
        headers = {
            "Authorization": f"Bearer {self.world.user_tokens[asker]}",
            "X-Lark-Helpdesk-Authorization": self.world.helpdesk,
        }
        return self.client.call(method, f"/open-apis/helpdesk/v1{path}", body, headers)["data"]

    def guest(self, story, method, path, body=None):
        return self.client.call(method, f"/guest/v1{path}", body, {"Authorization": f"Bearer {story['session']}"})

    # Apps and users of the tenant.

    def app(self):
        return {"app_id": self.admin("POST", "/apps", {"name": self.name(), "type": "custom"})["app"]["app_id"]}

    def admin_app_delete(self):
        return Seed(self.app())

    def admin_app_renew_secret(self):
        return Seed(self.app())

    def admin_app_patch(self):
        return Seed(self.app(), body={"name": "Renamed", "scopes": ["helpdesk:all"]})

    def user(self, **more):
        email = f"fuzz-{self.name()}@demo.test"
        body = {"password": PASSWORD, "user": {"name": "Ivy", "email": email, **more}}
        return email, self.admin("POST", "/users", body)["user"]

    def user_path(self):
        return {"user_id": self.user()[1]["user_id"]}

    def admin_user_create(self):
        return Seed(body={"password": PASSWORD, "user": {"name": "Ivy", "email": f"new-{self.name()}@demo.test"}})

    def admin_user_deactivate(self):
        return Seed(self.user_path())

    def admin_user_patch(self):
        return Seed(self.user_path(), body={"name": "Ivy the second", "city": "Bern"})

    def admin_user_set_password(self):
        return Seed(self.user_path(), body={"password": f"{PASSWORD} too"})

    def signed_in(self):
        """The token of somebody new who may sign in."""
        email, _ = self.user(is_admin=True)
        return self.client.call("POST", "/admin/v1/session", {"email": email, "password": PASSWORD, "cookie": False})["token"]

    def admin_me_set_password(self):
        return Seed(body={"old_password": PASSWORD, "new_password": f"{PASSWORD} too"}, token=self.signed_in())

    def admin_me_end_session(self):
        token = self.signed_in()
        sessions = self.client.call("GET", "/admin/v1/me/sessions", None, {"Authorization": f"Bearer {token}"})["sessions"]
        return Seed({"session_id": sessions[0]["id"]}, token=token)

    def admin_call_get(self):
        return Seed({"log_id": self.admin("GET", "/calls?page_size=1")["calls"][0]["log_id"]})

    # The help desk itself: that of the fuzz keeps its secrets.

    def admin_settings_renew_token(self):
        return Seed({"helpdesk_id": self.world.other_desk_id})

    def admin_settings_renew_widget_secret(self):
        return Seed({"helpdesk_id": self.world.other_desk_id})

    def admin_desk_create(self):
        return Seed(body={"name": f"Desk {self.name()}", "timezone": "Europe/Zurich", "owner": self.user()[1]["open_id"]})

    def made_desk(self):
        return self.admin("POST", "/desks", {"name": f"Desk {self.name()}", "owner": self.user()[1]["open_id"]})

    def admin_desk_close(self):
        made = self.made_desk()
        return Seed({"helpdesk_id": made["id"]}, body={"name": made["name"]})

    def admin_desk_open(self):
        made = self.made_desk()
        self.admin("POST", f"/desks/{made['id']}/close", {"name": made["name"]})
        return Seed({"helpdesk_id": made["id"]})

    def admin_agent_create(self):
        return Seed(self.desk, body={"email": self.user()[0], "capacity": 3})

    def agent(self):
        return self.at_desk("POST", "/agents", {"email": self.user()[0]})["agent"]["agent_id"]

    def admin_agent_patch(self):
        return Seed(self.desk | {"agent_id": self.agent()}, body={"capacity": 5, "status": "offline"})

    def agent_schedule_create(self):
        slot = {"start_time": "09:00", "end_time": "17:00", "weekday": 9}
        return Seed(body={"agent_schedules": [{"agent_id": self.user()[1]["open_id"], "schedule": [slot]}]})

    def admin_skill_delete(self):
        body = {"name": self.name(), "agent_ids": [], "rules": []}
        return Seed(self.desk | {"skill_id": self.at_desk("POST", "/skills", body)["skill"]["id"]})

    def agent_skill_delete(self):
        return Seed({"agent_skill_id": self.openly("POST", "/agent_skills", {"name": self.name(), "rules": [], "agent_ids": []})["agent_skill_id"]})

    def field(self):
        body = FIELD | {"key_name": f"room_{self.name()}", "display_name": f"Room {self.name()}"}
        return self.at_desk("POST", "/fields", body)["field"]["ticket_customized_field_id"]

    def admin_field_create(self):
        return Seed(self.desk, body=FIELD | {"key_name": f"door_{self.name()}", "display_name": f"Door {self.name()}"})

    def admin_field_arrange(self):
        fields = self.at_desk("GET", "/fields")["fields"]
        return Seed(self.desk, body={"ids": [field["ticket_customized_field_id"] for field in reversed(fields)]})

    def admin_field_delete(self):
        return Seed(self.desk | {"field_id": self.field()})

    def admin_field_patch(self):
        return Seed(self.desk | {"field_id": self.field()}, body={"description": "Which floor and door"})

    def ticket_customized_field_get(self):
        return Seed({"ticket_customized_field_id": self.field()})

    def ticket_customized_field_patch(self):
        return Seed({"ticket_customized_field_id": self.field()}, body={"description": "Which floor and door"})

    # Categories and FAQs.

    def category_delete(self):
        return Seed({"id": self.at_desk("POST", "/categories", {"name": self.name(), "parent_id": "0"})["category"]["id"]})

    def faq(self, **more):
        body = {"faq": {"question": f"Where is room {self.name()}?", "answer": "On floor 2.", **more}}
        return self.at_desk("POST", "/faqs", body)["faq"]

    def faq_path(self):
        return self.desk | {"faq_id": self.faq()["faq_id"]}

    def admin_faq_patch(self):
        return Seed(self.faq_path(), body={"faq": {"question": f"Where is hall {self.name()}?", "answer": "Here."}})

    def admin_faq_restore(self):
        path = self.faq_path()
        self.at_desk("DELETE", f"/faqs/{path['faq_id']}")
        return Seed(path)

    def faq_create(self):
        return Seed(body={"faq": {"question": f"Where is hall {self.name()}?", "answer": "On floor 3."}})

    def faq_patch(self):
        return Seed({"id": self.faq()["faq_id"]}, body={"faq": {"question": f"Where is hall {self.name()}?", "answer": "Here."}})

    def faq_delete(self):
        return Seed({"id": self.faq()["faq_id"]})

    def pictured(self):
        source = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
        faq = self.faq(answer_richtext=[{"type": "img", "src": source}])
        return faq["faq_id"], faq["answer_richtext"][0]["key"]

    def admin_faq_image(self):
        faq_id, image_key = self.pictured()
        return Seed(self.desk | {"faq_id": faq_id, "image_key": image_key})

    def faq_faq_image(self):
        faq_id, image_key = self.pictured()
        return Seed({"id": faq_id, "image_key": image_key})

    def admin_faq_version_get(self):
        return Seed(self.faq_path() | {"version": "1"})

    def admin_faq_version_restore(self):
        path = self.faq_path()
        self.at_desk("PATCH", f"/faqs/{path['faq_id']}", {"faq": {"question": self.name(), "answer": "Gone."}})
        return Seed(path | {"version": "1"})

    def file(self):
        return {"file": FILE.format(number=self.name()).encode()}

    def admin_faq_file_preview(self):
        return Seed(self.desk, body=self.file(), media_type="multipart/form-data")

    def admin_faq_file_import(self):
        return Seed(self.desk, body=self.file(), media_type="multipart/form-data")

    def admin_duplicate_reject(self):
        question = f"Where is the pool of house {self.name()}?"
        one, other = (self.faq(question=question)["faq_id"] for _ in range(2))
        return Seed(self.desk, body={"one": one, "other": other, "reason": "two pools"})

    def case(self):
        body = {"text": f"Where is case {self.name()}?", "wanted": self.faq()["faq_id"]}
        return self.desk | {"case_id": self.at_desk("POST", "/cases", body)["case_id"]}

    def admin_case_create(self):
        return Seed(self.desk, body={"text": f"Where is hall {self.name()}?", "wanted": self.faq()["faq_id"]})

    def admin_case_delete(self):
        return Seed(self.case())

    def admin_case_patch(self):
        return Seed(self.case(), body={"note": "as before"})

    # Gaps: what nobody could answer several guests.

    def gap(self):
        """One of its own, because processes decide gaps side by side: about words that nobody said before."""
        letters = random.Random(f"gap {self.name()}")
        question = " ".join("".join(letters.choices(string.ascii_lowercase, k=9)) for _ in range(3))
        self.world.wonder(self.client, question)
        for _ in range(GAP_LOOKS):
            gaps = self.at_desk("GET", "/gaps?order=newest&page_size=100")["gaps"]
            for gap in gaps:
                if gap["question"] == question:
                    return self.desk | {"gap_id": gap["id"]}
            # What is not answered is known when the engine has looked for an answer.
            time.sleep(0.1)
        raise NotNow

    def admin_gap_approve(self):
        faq = {"question": f"Unicycles {self.name()}?", "answer": "In the yard."}
        return Seed(self.gap(), body={"as": "draft", "faq": faq})

    def admin_gap_decision_withdraw(self):
        reason = self.name()
        self.at_desk("POST", f"/gaps/{self.gap()['gap_id']}/reject", {"reason": reason})
        decisions = self.at_desk("GET", "/gap-decisions")["decisions"]
        mine = next(decision for decision in decisions if decision.get("reason") == reason)
        return Seed(self.desk | {"decision_id": mine["id"]})

    # Chats.

    def canned(self):
        body = {"helpdesk_id": self.world.desk_id, "name": self.name(), "text": "Hello."}
        made = self.client.call("POST", "/console/v1/canned-replies", body, {"Authorization": f"Bearer {self.world.admin_token}"})
        return {"canned_reply_id": made["canned_reply"]["id"]}

    def canned_reply_delete(self):
        return Seed(self.canned())

    def canned_reply_patch(self):
        return Seed(self.canned(), body={"text": "Hello again."})

    def console_view_delete(self):
        view = {"name": self.name(), "filter": {}}
        made = self.client.call("POST", "/console/v1/views", view, {"Authorization": f"Bearer {self.world.admin_token}"})
        return Seed({"view_id": made["view"]["id"]})

    def bot_message_create(self):
        body = {"msg_type": "text", "content": json.dumps({"text": "Hello"}), "receive_type": "user"}
        return Seed(query={"user_id_type": "open_id"}, body=body | {"receiver_id": self.world.stories[-1]["open_id"]})

    def ticket_ticket_image(self):
        story = self.world.stories[-1]
        sent = self.guest(story, "POST", "/messages", {"image_key": story["image_key"]})
        messages = self.guest(story, "GET", "/messages?limit=200")["messages"]
        message = next(message for message in reversed(messages) if message["kind"] == "image")
        return Seed(query={"ticket_id": sent["ticket_id"], "msg_id": message["message_id"]})

    # Notifications. An administrator's pass by themselves.

    def push(self, *steps):
        notification = self.at_desk("POST", "/notifications", PUSH)["notification"]["id"]
        for step, body in steps:
            self.at_desk("POST", f"/notifications/{notification}/{step}", body)
        return {"notification_id": notification}

    ASKED = ("submit", {"reason": "news"})
    SENT = ("send", {})

    def admin_notification_create(self):
        return Seed(self.desk, body=PUSH)

    def admin_notification_get(self):
        return Seed(self.desk | self.push())

    def admin_notification_patch(self):
        return Seed(self.desk | self.push(), body=PUSH | {"job_name": "Late move"})

    def admin_notification_preview(self):
        return Seed(self.desk | self.push())

    def admin_notification_submit(self):
        return Seed(self.desk | self.push(), body={"reason": "news"})

    def admin_notification_withdraw(self):
        return Seed(self.desk | self.push(self.ASKED))

    def admin_notification_send(self):
        return Seed(self.desk | self.push(self.ASKED), body={})

    def admin_notification_decide(self):
        """Eve asks, who may not decide herself."""
        made = self.openly("POST", "/notifications", PUSH, asker=2)["notification_id"]
        self.openly("POST", f"/notifications/{made}/submit_approve", {"reason": "news"}, asker=2)
        return Seed(self.desk | {"notification_id": made}, body={"approve": False, "reason": "not now"})

    def admin_notification_cancel(self):
        return Seed(self.desk | self.push(self.ASKED, self.SENT), body={"is_recall": True})

    def notification_create(self):
        return Seed(body=PUSH)

    def notification_get(self):
        return Seed(self.push())

    def notification_patch(self):
        return Seed(self.push(), body=PUSH | {"job_name": "Late move"})

    def notification_preview(self):
        return Seed(self.push())

    def notification_submit_approve(self):
        return Seed(self.push(), body={"reason": "news"})

    def notification_cancel_approve(self):
        return Seed(self.push(self.ASKED))

    def notification_execute_send(self):
        return Seed(self.push(self.ASKED), body={"send_at": str(int(time.time() * 1000) + 5_000)})

    def notification_cancel_send(self):
        return Seed(self.push(self.ASKED, self.SENT), body={"is_recall": True})
