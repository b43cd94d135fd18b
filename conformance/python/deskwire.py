"""The server under test, and its guests: everything here is plain HTTP, without the SDK."""

import atexit
import functools
import json
import os
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from receiver import Receiver

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

FOLDER = Path(__file__).resolve().parent
BINARY = os.environ.get("DESKWIRE_BIN", str(FOLDER.parents[1] / "target/debug/deskwire"))
READY_WITHIN_S = 60

TENANT = json.loads((FOLDER.parent / "desk.json").read_text("utf-8"))["tenants"][0]
PLAIN, ENCRYPTED, READER, CONNECTED = TENANT["apps"][:4]
PLAIN_DESK, ENCRYPTED_DESK = TENANT["helpdesks"]
OWNER, AGENT, USER = (user["open_id"] for user in TENANT["users"])


class Server:
    """`deskwire dev` with the desk of `desk.json`; its webhook apps' events go to one receiver each. With `keeps_data`
    it can be restarted."""

    def __init__(self, keeps_data=False):
        self.receivers = {app["app_id"]: Receiver() for app in (PLAIN, ENCRYPTED)}
        self.folder = tempfile.TemporaryDirectory(prefix="deskwire-conformance-")
        folder = Path(self.folder.name)
        desk = json.loads((FOLDER.parent / "desk.json").read_text("utf-8"))
        for app in desk["tenants"][0]["apps"]:
            if app["app_id"] in self.receivers:
                app["events"]["url"] = self.receivers[app["app_id"]].url
        (folder / "desk.json").write_text(json.dumps(desk), "utf-8")
        self.log = folder / "server.log"
        self.command = [BINARY, "dev", "--data-dir", str(folder / "data"), "--apply", str(folder / "desk.json")]
        if keeps_data:
            self.command += ["--database", "sqlite:kept.db"]
        self._start("127.0.0.1:0")

    def _start(self, listen):
        with self.log.open("ab") as log:
            command = [*self.command, "--listen", listen]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = self._ready()

    def restart(self):
        """Stops it and starts it again at the same address."""
        self._end()
        self._start(self.url.removeprefix("http://"))

    def _ready(self):
        too_late = threading.Timer(READY_WITHIN_S, self.process.kill)
        too_late.start()
        for line in self.process.stdout:
            if line.startswith("ready "):
                too_late.cancel()
                return line.split()[1]
        too_late.cancel()
        raise RuntimeError(f"{BINARY} did not become ready:\n{self.log.read_text('utf-8')}")

    def _end(self):
        self.process.terminate()
        self.process.wait(timeout=15)
        self.process.stdout.close()

    def _note_called(self):
        """Adds the server's own count of calls to the file that `scripts/conformance` reads."""
        if called := os.environ.get("DESKWIRE_CALLED"):
            with urllib.request.urlopen(self.url + "/metrics", timeout=30) as page, open(called, "ab") as file:
                file.write(page.read())

    def stop(self):
        self._note_called()
        self._end()
        for receiver in self.receivers.values():
            receiver.stop()
        if Case.failed:
            print(f"\n--- server log\n{self.log.read_text('utf-8')}--- end of server log")
        self.folder.cleanup()

    def call(self, method, path, body=None, bearer=None):
        """One HTTP call; answers status and JSON."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def user_token(self, open_id, app):
        """A user access token without a browser."""
        body = {"open_id": open_id, "app_id": app["app_id"]}
        return self.call("POST", "/dev/v1/user_tokens", body)[1]["user_access_token"]


@functools.cache
def server():
    """One server for all tests: the SDK caches tenant tokens for the whole process."""
    started = Server()
    atexit.register(started.stop)
    return started


class Guest:
    """Somebody who asks at a help desk, of the common server unless another is given."""

    def __init__(self, desk, name="Gina", at=None):
        self.server = at or server()
        status, session = self.server.call("POST", f"/guest/v1/desks/{desk['id']}/sessions", {"name": name})
        assert status == 200, session
        self.token = session["session_token"]
        self.open_id = session["guest"]["open_id"]
        self.chat_id = session["chat_id"]
        self.position = 0

    def post(self, path, body=None):
        status, answer = self.server.call("POST", f"/guest/v1{path}", body or {}, self.token)
        assert status in (200, 201), answer
        return answer

    def ask(self, text):
        """Writes; answers the ticket's id."""
        return self.post("/messages", {"text": text})["ticket_id"]

    def wait(self, kind):
        """The next message of this kind, shown to the guest within 10 s."""
        for _ in range(10):
            path = f"/guest/v1/messages?after={self.position}&wait_ms=1000"
            for message in self.server.call("GET", path, bearer=self.token)[1]["messages"]:
                self.position = message["position"]
                if message["kind"] == kind:
                    return message
        raise AssertionError(f"the guest was shown no {kind}")


class Case(unittest.TestCase):
    """A test whose failure makes the server's log be printed."""

    failed = False

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            Case.failed = True
