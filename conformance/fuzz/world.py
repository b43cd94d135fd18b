"""The server under test, a desk with life in it, and the ids that are known there."""

import json
import os
import random
import re
import subprocess
import tempfile
import threading
from pathlib import Path

import requests

FOLDER = Path(__file__).resolve().parent
BINARY = os.environ.get("DESKWIRE_BIN", str(FOLDER.parents[1] / "target/debug/deskwire"))
READY_WITHIN_S = 60
GUESTS = 12
ADMIN_PASSWORD = "admin-demo"
AGENT_PASSWORD = "agent-demo"
KEPT = 40
# Guests who ask the same that nobody answers, and what.
WONDERING = 4
UNANSWERED = (
    "Which colour has the canteen's giraffe?", "May unicycles stand in the yard?", "Who feeds the penguins on Sundays?",
    "How loud may a trombone be at noon?", "Are there submarines for hire?", "Can falcons nest upon the roof?",
)

# The smallest PNG there is.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63000100000500010d0a2db40000"
    "000049454e44ae426082"
)

# Fields that hold an id known by another name.
ALIASES = {
    "agent_id": "open_id",
    "agent_ids": "open_id",
    "appointed_agents": "open_id",
    "closed_by_id": "open_id",
    "guest_id": "open_id",
    "receiver_id": "open_id",
    "user_id": "open_id",
    "parent_id": "category_id",
}


class Refused(RuntimeError):
    """A call failed that had to succeed."""

    def __init__(self, told, status):
        super().__init__(told)
        self.status = status

    def __reduce__(self):
        return Refused, (str(self), self.status)


class Client:
    """Calls that have to succeed."""

    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def call(self, method, path, body=None, headers=None, files=None):
        """One call; answers the JSON."""
        answer = self.session.request(method, self.url + path, json=body, headers=headers, files=files, timeout=10)
        if answer.status_code not in (200, 201):
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text}", answer.status_code)
        return answer.json()


class Server(Client):
    """`deskwire dev` with the desk of the conformance tests, on a throw-away SQLite database, without rate limits."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="deskwire-fuzz-")
        folder = Path(self.folder.name)
        desk = json.loads((FOLDER.parent / "desk.json").read_text("utf-8"))
        self.tenant = desk["tenants"][0]
        for app in self.tenant["apps"]:
            # Nobody receives events here; they stay in the outbox.
            app.get("events", {}).pop("url", None)
        for helpdesk in self.tenant["helpdesks"]:
            helpdesk["answering"]["by"] = "builtin"
            helpdesk["subscriptions"] = [
                {"app": self.tenant["apps"][0]["app_id"], "type": "helpdesk.ticket", "subtype": "ticket.created_v1"}
            ]
        # Who may handle notifications but not decide on them.
        self.tenant["helpdesks"][0]["agents"].append({"user": self.tenant["users"][2]["id"], "role": "admin"})
        # An administrator and an agent sign in.
        self.tenant["users"][0] |= {"role": "admin", "password": ADMIN_PASSWORD}
        self.tenant["users"][1]["password"] = AGENT_PASSWORD
        (folder / "desk.json").write_text(json.dumps(desk), "utf-8")
        self.log = folder / "server.log"
        command = [BINARY, "dev", "--listen", "127.0.0.1:0", "--data-dir", str(folder / "data"), "--rate-limits", "off"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--log", "warn", "--apply", str(folder / "desk.json")],
                stdout=subprocess.PIPE, stderr=log, text=True,
            )
        super().__init__(self._ready())

    def _ready(self):
        too_late = threading.Timer(READY_WITHIN_S, self.process.kill)
        too_late.start()
        for line in self.process.stdout:
            if line.startswith("ready "):
                too_late.cancel()
                return line.split()[1]
        too_late.cancel()
        raise RuntimeError(f"{BINARY} did not become ready:\n{self.log.read_text('utf-8')}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=15)
        self.process.stdout.close()
        self.folder.cleanup()


class Ids:
    """Known ids by the name of their field, and by resource and field where one name means several things."""

    def __init__(self):
        self.known = {}

    def add(self, name, value):
        values = self.known.setdefault(name, [])
        if value not in values:
            values.append(value)
            if len(values) > KEPT:
                # The first ones are those of the desk file and stay.
                del values[KEPT // 2]

    def learn(self, resource, value, parent=""):
        """Keeps the ids of an answer: `{"faq": {"id": …}}` has a `faq_id`."""
        if isinstance(value, list):
            for item in value:
                self.learn(resource, item, parent)
        elif isinstance(value, dict):
            for key, member in value.items():
                if isinstance(member, (dict, list)):
                    self.learn(resource, member, key)
                elif isinstance(member, str) and re.search(r"(^|_)(id|key)$", key):
                    self.add((resource, key), member)
                    self.add(key, member)
                    if key == "id" and parent:
                        self.add(re.sub(r"ies$", "y", parent).removesuffix("s") + "_id", member)

    def pick(self, resource, name, choose):
        """A known id for a field, if there is one."""
        alias = ALIASES.get(name, name)
        values = self.known.get((resource, name)) or self.known.get(alias) or self.known.get((resource, alias))
        return choose.choice(values) if values else None


class World:
    """Tokens and ids of a desk where people have asked, been answered, left and rated."""

    def __init__(self, server):
        self.ids = Ids()
        # What belongs together: a guest with ticket, question, event and answer.
        self.stories = []
        app, helpdesk = server.tenant["apps"][0], server.tenant["helpdesks"][0]
        credentials = {"app_id": app["app_id"], "app_secret": app["app_secret"]}
        token = server.call("POST", "/open-apis/auth/v3/tenant_access_token/internal", credentials)
        self.tenant_token = token["tenant_access_token"]
        self.user_tokens = [self._user_token(server, app, user) for user in server.tenant["users"]]
        self.helpdesk = requests.auth._basic_auth_str(helpdesk["id"], helpdesk["token"]).removeprefix("Basic ")
        for user in server.tenant["users"]:
            self.ids.add("open_id", user["open_id"])
        for helpdesk in server.tenant["helpdesks"]:
            self.ids.add("helpdesk_id", helpdesk["id"])
            for faq in helpdesk["faqs"]:
                for name in ("faq_id", ("faq", "id")):
                    self.ids.add(name, faq["id"])
        # Administrators stay signed in, one in each process signs out. The agent signs in and in: each person has few sessions.
        admin, agent = server.tenant["users"][:2]
        self.admin_token, *self.leaving = [self._sign_in(server, admin["email"]) for _ in range(3)]
        for name, value in (("email", agent["email"]), ("password", AGENT_PASSWORD), ("tenant", server.tenant["key"])):
            self.ids.add(("admin_session", name), value)
        self.ids.add("app_id", app["app_id"])
        self.ids.add("app_secret", app["app_secret"])
        self.desk_id, self.other_desk_id = (desk["id"] for desk in server.tenant["helpdesks"][:2])
        for number in range(GUESTS):
            story = self.tell(server)
            if number % 3 == 0:
                server.call("POST", "/guest/v1/human", {}, self.headers("guestToken", random.Random(), story))
        for question in UNANSWERED:
            self.wonder(server, question)
        headers = self.headers("tenantToken", random.Random(0))
        for resource, path in (("category", "/categories"), ("faq", "/faqs"), ("ticket", "/tickets")):
            self.ids.learn(resource, server.call("GET", f"/open-apis/helpdesk/v1{path}", headers=headers)["data"])

    def _sign_in(self, server, email):
        body = {"email": email, "password": ADMIN_PASSWORD, "cookie": False}
        return server.call("POST", "/admin/v1/session", body)["token"]

    def _user_token(self, server, app, user):
        body = {"open_id": user["open_id"], "app_id": app["app_id"]}
        return server.call("POST", "/dev/v1/user_tokens", body)["user_access_token"]

    def tell(self, server):
        """A new guest, who asks and is answered by the bot."""
        session = server.call("POST", f"/guest/v1/desks/{self.desk_id}/sessions", {"name": "Gina", "language": "en"})
        headers = {"Authorization": f"Bearer {session['session_token']}"}
        asked = server.call("POST", "/guest/v1/messages", {"text": "How do I reset my password?"}, headers)
        answer = next(self._answers(server, headers))
        image = server.call("POST", "/guest/v1/images", None, headers, {"image": ("p.png", PICTURE, "image/png")})
        for learnt in (session, asked, image):
            self.ids.learn("guest", learnt)
        steps = server.call("GET", f"/dev/v1/tickets/{asked['ticket_id']}/timeline")["steps"]
        self.ids.learn("ticket", steps)
        event = next(step["detail"]["event_id"] for step in steps if step["kind"] == "message")
        story = {"session": session["session_token"], "open_id": session["guest"]["open_id"], "event_id": event}
        story |= {"ticket_id": asked["ticket_id"], "image_key": image["image_key"], "chat_id": session["chat_id"]}
        story["message_id"] = answer["message_id"]
        # The FAQs may have been deleted.
        story |= {"faq_id": faq["id"] for faq in answer["faqs"]}
        self.stories = [*self.stories, story][-KEPT:]
        return story

    def wonder(self, server, question):
        """Some guests ask what no FAQ answers."""
        for number in range(WONDERING):
            session = server.call("POST", f"/guest/v1/desks/{self.desk_id}/sessions", {"name": f"Wim {number}", "language": "en"})
            headers = {"Authorization": f"Bearer {session['session_token']}"}
            server.call("POST", "/guest/v1/messages", {"text": question}, headers)

    @staticmethod
    def _answers(server, headers):
        for _ in range(30):
            heard = server.call("GET", "/guest/v1/messages?after=1&wait_ms=1000", None, headers)["messages"]
            yield from (message for message in heard if message["kind"] == "answer")
        raise RuntimeError("the built-in engine does not answer")

    def headers(self, scheme, choose, story=None):
        """Headers that satisfy a security scheme. The owner calls more often than the agent and the user."""
        if scheme == "guestToken":
            story = story or choose.choice(self.stories)
            return {"Authorization": f"Bearer {story['session']}"}
        if scheme == "adminToken":
            return {"Authorization": f"Bearer {self.admin_token}"}
        user = choose.choices(self.user_tokens, (8, 2, 1))[0]
        token = self.tenant_token if scheme == "tenantToken" else user
        return {"Authorization": f"Bearer {token}", "X-Lark-Helpdesk-Authorization": self.helpdesk}
