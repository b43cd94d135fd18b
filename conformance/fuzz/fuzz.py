"""Fuzzes every operation of `/openapi.json` with valid and invalid requests and checks each answer against it.

The requests come from schemathesis; sending and checking is done here, over connections that stay open, because its own
command line sends too slowly for this many. Each generated request is sent as it is and once more with ids that exist,
so that it gets past the look-ups. Operations that hardly any of these gets through have a request that succeeds beside them
(`seeds.py`), sent as it is and with one thing of it changed. A request fails if the answer is a 5xx, does not come within 10 s, or does not agree
with the document: status, content type, headers, body; the whole run fails if an operation with a seed never succeeds.

That invalid requests are refused is NOT checked: like the platform, the server ignores fields and parameters that it does
not know, reads numbers and booleans of a query leniently and takes an empty value of an optional parameter for none. The
API tests check each limit by itself.

    FUZZ_SEED=1 FUZZ_REQUESTS=10000 python fuzz.py
"""

import collections
import concurrent.futures
import os
import random
import sys
import time
import warnings

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisWarning, Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from seeds import NotNow, Seeds
from world import Client, Refused, Server, World

SEED = int(os.environ.get("FUZZ_SEED", "20260105"))
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "10000"))
PROCESSES = 2
EXAMPLES = 20
# Requests that differ from a seed in one thing, a round.
VARIANTS = 3
# New guests a round.
STORIES = 4
TIMEOUT_S = 10
# Then it is given up; a machine that is too slow is asked for fewer requests.
WITHIN_S = 600
# Shown in full; more are counted.
SHOWN = 20

# What would take away what the fuzz itself stands on: its app, its users' passwords and sessions. They are sent with seeds alone,
# whose parameters of the path stay.
UNDERFOOT = {
    "admin_app.delete", "admin_app.renew_secret", "admin_app.patch", "admin_user.deactivate", "admin_user.set_password",
    "admin_user.patch", "admin_me.set_password", "admin_settings.renew_token", "admin_settings.renew_widget_secret",
}

# They answer for as long as somebody listens.
ENDLESS = {"admin_event.stream", "console.stream", "guest.stream"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Pairs of stage and status that a ticket may be in.
STATUSES = (1, 2, 3, 4, 5, 50, 51, 52)
# Only humans have a queue.
LEGAL = {(stage, status) for stage in (1, 2) for status in STATUSES} - {(1, 3)}

warnings.simplefilter("ignore", HypothesisWarning)


class Fuzzer:
    """One process's share of the operations."""

    def __init__(self, url, document, world, number):
        schema = schemathesis.openapi.from_dict(document)
        schema.config.update(base_url=url)
        self.url, self.world, self.number = url, world, number
        self.choose = random.Random(f"{SEED} {number}")
        self.session = requests.Session()
        self.session.trust_env = False
        self.statuses, self.succeeded, self.failures = collections.Counter(), set(), []
        operations = [result.ok() for result in schema.get_all_operations()]
        self.seeds = Seeds(url, world, number)
        seeded = [one for one in operations if self.seeds.of(one.definition.raw["operationId"])]
        self.seeded = [(one, self.seeded_round_of(one)) for one in seeded[number::PROCESSES]]
        operations = [one for one in operations if one.definition.raw["operationId"] not in ENDLESS | UNDERFOOT]
        self.rounds = [self.round_of(one, mode) for one in operations[number::PROCESSES] for mode in GenerationMode]

    def round_of(self, operation, mode):
        """A function that sends some requests of one kind to one operation."""

        @settings(max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def some(case):
            self.send(case)
            story = self.choose.choice(self.world.stories[-2 * STORIES :]) if self.choose.random() < 0.5 else {}
            self.put_ids(case, story)
            self.send(case, story)

        return some

    def seeded_round_of(self, operation):
        """A function that sends requests which differ from a seed in one thing, as schemathesis made it."""

        @settings(max_examples=VARIANTS, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def some(made):
            self.send_seed(operation, made)

        return some

    def send_seed(self, operation, made=None):
        """Sends a seed, with one thing of another request in it if that is given."""
        try:
            sown = self.seeds.of(operation.definition.raw["operationId"])()
        except NotNow:
            return
        except Refused as refused:
            # What others did in the meantime may stand in its way; that is no excuse for a server's error.
            if refused.status >= 500:
                self.failures.append(str(refused))
            return
        body = {} if sown.body is None else {"body": dict(sown.body), "media_type": sown.media_type}
        case = operation.Case(path_parameters=dict(sown.path), query=dict(sown.query), **body)
        if made is not None:
            places = [(case.query, made.query or {})]
            if sown.body is not None and isinstance(made.body, dict):
                places.append((case.body, made.body))
            choices = [(into, key, value) for into, other in places for key, value in other.items()]
            if choices:
                into, key, value = self.choose.choice(choices)
                into[key] = value
        self.send(case, token=sown.token)

    def sow(self):
        """Sends each seed, and requests like it."""
        for place, (operation, some) in enumerate(self.seeded):
            self.send_seed(operation)
            try:
                seed(SEED + place)(some)()
            except Unsatisfiable:
                pass

    def run(self, wanted, ends_at):
        """Goes round the operations until enough has been sent. One without parameters has but one request a round."""
        rounds = list(enumerate(self.rounds))
        turn = 0
        client = Client(self.url)
        while self.statuses.total() < wanted and time.monotonic() < ends_at:
            self.choose.shuffle(rounds)
            # Tickets are closed sooner or later; some have to be open again.
            for _ in range(STORIES):
                self.world.tell(client)
            self.sow()
            for place, some in list(rounds):
                try:
                    seed(SEED + 1000 * turn + place)(some)()
                except Unsatisfiable:
                    # Nothing of this kind exists, such as an invalid request to an operation that takes nothing.
                    rounds.remove((place, some))
            turn += 1
        return self.statuses, self.succeeded, self.failures

    def put_ids(self, case, story):
        """Ids that exist, in most of the places where one is wanted; those of a story belong together."""
        resource = case.operation.definition.raw["tags"][0]

        def put(value, name=""):
            if isinstance(value, dict):
                return {key: put(member, key) for key, member in value.items()}
            if isinstance(value, list):
                return [put(item, name) for item in value]
            known = story.get(name) or self.world.ids.pick(resource, name, self.choose)
            if self.choose.random() < 0.1:
                return value
            # The place has to be one for text: other types stay as they were made.
            return known if known is not None and isinstance(value, str) else value

        case.path_parameters = put(case.path_parameters or {})
        case.query = put(case.query or {})
        if isinstance(case.body, dict):
            case.body = put(case.body)

    def send(self, case, story=None, token=None):
        raw = case.operation.definition.raw
        schemes = [scheme for one in raw["security"] for scheme in one if scheme != "helpdeskToken"]
        headers = self.world.headers(schemes[0], self.choose, story) if schemes else {}
        if raw["operationId"] == "admin_session.delete":
            headers = {"Authorization": f"Bearer {self.world.leaving[self.number]}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if headers and self.choose.random() < 0.03:
            name = self.choose.choice(sorted(headers))
            headers[name] = self.choose.choice(["", "Bearer", "Bearer t-x", "Bearer u-x", "Basic eDp5", "\u00ff", "a" * 5000])
        if raw["operationId"] == "admin_settings.patch" and isinstance(case.body, dict) and isinstance(case.body.get("visibility"), dict):
            # Guests could not ask a help desk any more that they may not see.
            case.body["visibility"] = {"all": True}
        if "wait_ms" in (case.query or {}):
            case.query["wait_ms"] = 1
        case.headers = {}
        try:
            sent = case.call(base_url=self.url, session=self.session, headers=headers, timeout=TIMEOUT_S)
        except requests.exceptions.InvalidHeader:
            return
        except requests.exceptions.RequestException as error:
            self.statuses["none"] += 1
            self.fail(case, f"no answer: {error!r}")
            return
        self.statuses[sent.status_code] += 1
        if self.is_unrouted(case, sent):
            return
        try:
            case.validate_response(sent, checks=CHECKS, headers=headers)
        except (Failure, FailureGroup) as failure:
            causes = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            self.fail(case, "; ".join(f"{one.title}: {one.message}" for one in causes), sent)
        if sent.status_code in (200, 201):
            self.succeeded.add(raw["operationId"])
            if sent.headers["content-type"][0].startswith("application/json"):
                answer = sent.json()
                self.world.ids.learn(raw["tags"][0], answer.get("data", answer))

    @staticmethod
    def is_unrouted(case, sent):
        """A path parameter that is empty or made of dots leads to another path, or to none."""
        values = [str(value) for value in (case.path_parameters or {}).values()]
        return any(value.replace("%2E", ".").strip("./") == "" or "/" in value for value in values) and sent.status_code == 404

    def fail(self, case, why, sent=None):
        answer = "" if sent is None else f"\n  {sent.status_code} {sent.text[:500]}"
        body = repr(case.body)[:500]
        self.failures.append(
            f"{case.operation.definition.raw['operationId']}: {why[:1500]}\n"
            f"  {case.method} {case.formatted_path} {case.query!r} {body}{answer}"
        )


def share(url, document, world, number, wanted, ends_at):
    return Fuzzer(url, document, world, number).run(wanted, ends_at)


def fuzz(server, document):
    """Fuzzes in several processes; answers the statuses, which operations succeeded, and the failures."""
    world = World(server)
    ends_at = time.monotonic() + WITHIN_S
    wanted = -(-REQUESTS // PROCESSES)
    shares = [(server.url, document, world, number, wanted, ends_at) for number in range(PROCESSES)]
    statuses, succeeded, failures = collections.Counter(), set(), []
    with concurrent.futures.ProcessPoolExecutor(PROCESSES) as processes:
        for some, well, broken in processes.map(share, *zip(*shares)):
            statuses += some
            succeeded |= well
            failures += broken
    return world, statuses, succeeded, failures


def aftermath(server, world):
    """What is wrong with the server and its data after all this."""
    wrong = []
    headers = world.headers("tenantToken", random.Random(SEED))
    server.session.get(f"{server.url}/readyz", timeout=TIMEOUT_S).raise_for_status()
    page = 1
    while tickets := server.call("GET", f"/open-apis/helpdesk/v1/tickets?page={page}&page_size=200", None, headers)["data"]["tickets"]:
        states = {(ticket["ticket_type"], ticket["status"]) for ticket in tickets}
        wrong += [f"tickets in stage and status {state}" for state in states - LEGAL]
        page += 1
    for path in ("/categories", "/faqs?page_size=100"):
        server.call("GET", f"/open-apis/helpdesk/v1{path}", None, headers)
    log = server.log.read_text("utf-8")
    if "panicked" in log or "ERROR" in log:
        wrong.append(f"the server's log:\n{log[-5000:]}")
    return wrong


def main():
    print(f"fuzz: seed {SEED}", flush=True)
    started = time.monotonic()
    server = Server()
    try:
        document = requests.get(f"{server.url}/openapi.json", timeout=TIMEOUT_S, proxies={"http": ""}).json()
        world, statuses, succeeded, failures = fuzz(server, document)
        failures += aftermath(server, world)
    finally:
        server.stop()
    for failure in failures[:SHOWN]:
        print(failure, flush=True)
    operations = {told["operationId"] for methods in document["paths"].values() for told in methods.values()}
    unsown = {name for name in operations if Seeds.sows(name)} - succeeded
    for name in sorted(unsown):
        print(f"{name}: its seed never succeeded")
    answers = ", ".join(f"{count} with {status}" for status, count in sorted(statuses.items(), key=str))
    print(f"fuzz: {answers}; {time.monotonic() - started:.0f} s")
    print(f"fuzz: never succeeded: {', '.join(sorted(operations - succeeded - ENDLESS)) or 'none'}")
    print(f"{statuses.total()} requests, {len(operations - ENDLESS)} operations, {len(failures) + len(unsown)} failures")
    enough = statuses.total() >= REQUESTS
    if not enough:
        print(f"fuzz: {REQUESTS} requests were wanted")
    sys.exit(0 if enough and not failures and not unsown else 1)


if __name__ == "__main__":
    main()
