// Agents, their schedules, skills and skill rules, through the SDK's generated methods.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { asUser, client, ok } from "./bot.js";
import { Server, agent, owner, plain, plainDesk, test, user } from "./deskwire.js";

let server;
let api;
let ownerToken;

before(async () => {
  server = await Server.start();
  api = client(server.url, plain, plainDesk).helpdesk.v1;
  ownerToken = await server.userToken(owner, plain);
});
after(() => server?.stop());

const okAsOwner = (call, payload) => ok(call, payload, asUser(ownerToken));

/** Agents of these status by open id. */
async function schedules(...status) {
  const { agent_schedules } = await ok(api.agentSchedule.list, { params: { status } });
  return Object.fromEntries(agent_schedules.map((entry) => [entry.agent.id, entry]));
}

describe("agents", () => {
  test("an agent goes offline and online", async () => {
    const patch = (status) => okAsOwner(api.agent.patch, { path: { agent_id: agent }, data: { status } });
    assert.deepEqual(await patch(2), {});
    assert.deepEqual(Object.keys(await schedules(2)), [agent]);
    await patch(1);
    assert.deepEqual(Object.keys(await schedules(1)), [owner, agent]);
  });

  test("e-mail addresses by open id", async () => {
    // The SDK's type says string; it passes the object on.
    const { agents } = await ok(api.agent.agentEmail, {});
    assert.deepEqual(agents, { [owner]: "ada@demo.test", [agent]: "bob@demo.test" });
  });

  test("schedules are made, read, changed and deleted", async () => {
    const schedule = [{ start_time: "00:00", end_time: "24:00", weekday: 9 }];
    const data = { agent_schedules: [{ agent_id: user, schedule, agent_skill_ids: [] }] };
    assert.deepEqual(await okAsOwner(api.agentSchedule.create, { data }), {});
    const made = (await schedules(1))[user];
    assert.deepEqual([made.agent.name, made.agent.company_name, made.schedule], ["Eve", "Demo Ltd", schedule]);
    assert.deepEqual(made.agent_skills.map(({ is_default }) => is_default), [true]);

    const path = { agent_id: user };
    const night = [{ start_time: "22:00", end_time: "06:00", weekday: 11 }];
    await okAsOwner(api.agentSchedules.patch, { path, data: { agent_schedule: { schedule: night } } });
    const { agent_schedule } = await ok(api.agentSchedules.get, { path });
    assert.deepEqual(agent_schedule.schedule, night);
    assert.ok([1, 3].includes(agent_schedule.status), String(agent_schedule.status));

    await okAsOwner(api.agentSchedules.delete, { path });
    assert.equal((await schedules(1, 2, 3))[user], undefined);
    assert.equal((await schedules(4))[user].status, 4);
  });
});

describe("skills", () => {
  test("the rules there are", async () => {
    const { rules } = await ok(api.agentSkillRule.list, {});
    assert.deepEqual(rules.map(({ id }) => id), ["3", "9", "10", "11", "12", "14", "15", "16", "17"]);
    assert.ok(rules.every((rule) => rule.operator_options.length > 0 && rule.display_name && rule.category));
  });

  test("create, get, list, patch, delete", async () => {
    const operand = { selected_departments: [{ id: "od_it", name: "IT" }] };
    const rules = [{ id: "12", selected_operator: 8, operand: JSON.stringify(operand), category: 3 }];
    const data = { name: "Network", rules, agent_ids: [agent] };
    const { agent_skill_id } = await okAsOwner(api.agentSkill.create, { data });

    const path = { agent_skill_id };
    const { agent_skill } = await ok(api.agentSkill.get, { path });
    assert.deepEqual([agent_skill.id, agent_skill.name, agent_skill.agent_ids], [agent_skill_id, "Network", [agent]]);
    // The SDK's type says string; it passes the object on.
    assert.deepEqual([agent_skill.rules[0].operand, agent_skill.rules[0].operator_options], [operand, [7, 8]]);

    // What was read is written back with a change, members that only answers have included.
    await okAsOwner(api.agentSkill.patch, { path, data: { agent_skill: { ...agent_skill, name: "Network and VPN" } } });
    const changed = (await ok(api.agentSkill.get, { path })).agent_skill;
    assert.deepEqual(changed, { ...agent_skill, name: "Network and VPN" });

    const { agent_skills } = await ok(api.agentSkill.list, {});
    assert.deepEqual(agent_skills.map(({ name, is_default }) => [name, is_default]), [
      ["Default skill", true],
      ["Network and VPN", false],
    ]);

    await okAsOwner(api.agentSkill.delete, { path });
    assert.equal((await ok(api.agentSkill.list, {})).agent_skills.length, 1);
  });
});
