"""Agents, their schedules, skills and skill rules: typed calls and typed reads."""

import json

from deskwire import AGENT, OWNER, PLAIN_DESK, USER
from lark_oapi.api.helpdesk.v1 import *
from bot import desk_option
from test_calls import Calls
from typed import mismatches

# The SDK declares these as strings; the platform's samples show objects, and so does the server.
DECLARED_STRING = (".operand: dict, declared str", ".agents: dict, declared str")


class AgentCalls(Calls):
    def ok(self, call, request, user=False):
        token = self.owner_token if user else None
        answer = call(request, desk_option(PLAIN_DESK["id"], PLAIN_DESK["token"], token))
        self.assertTrue(answer.success(), (answer.code, answer.msg, answer.error))
        faults = [fault for fault in mismatches(answer, type(answer)) if not fault.endswith(DECLARED_STRING)]
        self.assertEqual(faults, [])
        return getattr(answer, "data", None)


class Agents(AgentCalls):
    def schedules(self, *status):
        request = ListAgentScheduleRequest.builder().status(list(status)).build()
        entries = self.ok(self.api.agent_schedule.list, request).agent_schedules or []
        return {entry.agent.id: entry for entry in entries}

    def patch(self, agent_id, status):
        body = PatchAgentRequestBody.builder().status(status).build()
        request = PatchAgentRequest.builder().agent_id(agent_id).request_body(body).build()
        return self.ok(self.api.agent.patch, request, user=True)

    def delete(self, agent_id):
        request = DeleteAgentSchedulesRequest.builder().agent_id(agent_id).build()
        self.ok(self.api.agent_schedules.delete, request, user=True)

    def test_an_agent_goes_offline_and_online(self):
        self.patch(AGENT, 2)
        self.addCleanup(self.patch, AGENT, 1)
        self.assertEqual(self.schedules(2)[AGENT].agent.name, "Bob")
        self.patch(AGENT, 1)
        self.assertEqual({OWNER, AGENT} - set(self.schedules(1, 3)), set())

    def test_a_wrong_status_has_a_code_of_its_own(self):
        body = PatchAgentRequestBody.builder().status(3).build()
        request = PatchAgentRequest.builder().agent_id(AGENT).request_body(body).build()
        option = desk_option(PLAIN_DESK["id"], PLAIN_DESK["token"], self.owner_token)
        answer = self.api.agent.patch(request, option)
        self.assertEqual((answer.code, answer.msg), (150001, "param is invalis"))

    def test_email_addresses_by_open_id(self):
        data = self.ok(self.api.agent.agent_email, AgentEmailAgentRequest.builder().build())
        self.assertEqual(data.agents[OWNER], "ada@demo.test")

    def test_schedules(self):
        slot = WeekdaySchedule.builder().start_time("00:00").end_time("24:00").weekday(9).build()
        new = AgentScheduleUpdateInfo.builder().agent_id(USER).schedule([slot]).agent_skill_ids([]).build()
        body = CreateAgentScheduleRequestBody.builder().agent_schedules([new]).build()
        request = CreateAgentScheduleRequest.builder().request_body(body).build()
        self.ok(self.api.agent_schedule.create, request, user=True)
        self.addCleanup(self.delete, USER)

        entry = self.schedules(1)[USER]
        self.assertEqual((entry.agent.name, entry.agent.company_name), ("Eve", "Demo Ltd"))
        self.assertEqual([(s.start_time, s.end_time, s.weekday) for s in entry.schedule], [("00:00", "24:00", 9)])
        self.assertEqual([skill.is_default for skill in entry.agent_skills], [True])

        night = WeekdaySchedule.builder().start_time("22:00").end_time("06:00").weekday(11).build()
        change = AgentScheduleUpdateInfo.builder().schedule([night]).build()
        body = PatchAgentSchedulesRequestBody.builder().agent_schedule(change).build()
        request = PatchAgentSchedulesRequest.builder().agent_id(USER).request_body(body).build()
        self.ok(self.api.agent_schedules.patch, request, user=True)
        request = GetAgentSchedulesRequest.builder().agent_id(USER).build()
        entry = self.ok(self.api.agent_schedules.get, request).agent_schedule
        self.assertEqual((entry.schedule[0].start_time, entry.schedule[0].weekday), ("22:00", 11))
        self.assertIn(entry.status, (1, 3))

    def test_a_removed_agent_is_listed_as_such(self):
        new = AgentScheduleUpdateInfo.builder().agent_id(USER).build()
        body = CreateAgentScheduleRequestBody.builder().agent_schedules([new]).build()
        request = CreateAgentScheduleRequest.builder().request_body(body).build()
        self.ok(self.api.agent_schedule.create, request, user=True)
        self.delete(USER)
        self.assertNotIn(USER, self.schedules(1, 2, 3))
        self.assertEqual(self.schedules(4)[USER].status, 4)


class Skills(AgentCalls):
    def get(self, skill_id):
        request = GetAgentSkillRequest.builder().agent_skill_id(skill_id).build()
        return self.ok(self.api.agent_skill.get, request).agent_skill

    def test_the_rules_there_are(self):
        rules = self.ok(self.api.agent_skill_rule.list, ListAgentSkillRuleRequest.builder().build()).rules
        self.assertEqual([rule.id for rule in rules], ["3", "9", "10", "11", "12", "14", "15", "16", "17"])
        self.assertTrue(all(rule.operator_options and rule.display_name and rule.category for rule in rules))

    def test_create_get_list_patch_delete(self):
        operand = {"selected_departments": [{"id": "od_it", "name": "IT"}]}
        rule = AgentSkillRule.builder().id("12").selected_operator(8).category(3)
        # The SDK says string, and a string it is in the request.
        rule = rule.operand(json.dumps(operand)).build()
        body = CreateAgentSkillRequestBody.builder().name("Network").rules([rule]).agent_ids([AGENT]).build()
        request = CreateAgentSkillRequest.builder().request_body(body).build()
        skill_id = self.ok(self.api.agent_skill.create, request, user=True).agent_skill_id

        skill = self.get(skill_id)
        self.assertEqual((skill.id, skill.agent_skill_id, skill.name), (skill_id, skill_id, "Network"))
        self.assertEqual((skill.agent_ids, skill.agents[0].name, skill.is_default), ([AGENT], "Bob", False))
        self.assertEqual((skill.rules[0].operand, skill.rules[0].operator_options), (operand, [7, 8]))

        # What was read is written back with a change, members that only answers have included.
        skill.name = "Network and VPN"
        body = PatchAgentSkillRequestBody.builder().agent_skill(skill).build()
        request = PatchAgentSkillRequest.builder().agent_skill_id(skill_id).request_body(body).build()
        self.ok(self.api.agent_skill.patch, request, user=True)
        self.assertEqual((self.get(skill_id).name, self.get(skill_id).rules[0].operand), ("Network and VPN", operand))

        request = ListAgentSkillRequest.builder().build()
        skills = self.ok(self.api.agent_skill.list, request).agent_skills
        self.assertEqual([(s.name, s.is_default) for s in skills], [("Default skill", True), ("Network and VPN", False)])

        request = DeleteAgentSkillRequest.builder().agent_skill_id(skill_id).build()
        self.ok(self.api.agent_skill.delete, request, user=True)
        self.assertEqual(len(self.ok(self.api.agent_skill.list, ListAgentSkillRequest.builder().build()).agent_skills), 1)
