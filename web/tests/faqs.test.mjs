// A FAQ's history, and files of FAQs: exported, looked at, imported.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DESK, openAs, PEOPLE, staffed, stage } from "./harness.mjs";

const { server, browser } = await stage(staffed());

/** The admin API as the owner. */
const admin = (method, path, body) => server.admin(PEOPLE.owner, method, `/desks/${DESK}${path}`, body);

const faqNamed = async (question) => (await admin("GET", "/faqs?page_size=100")).faqs.find((faq) => faq.question === question);

test("what a FAQ said before is shown word by word, and comes back", async () => {
  const { faq } = await admin("POST", "/faqs", { faq: { question: "Where is the gym?", answer: "On floor 2.", tags: ["gym"] } });
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/${faq.faq_id}`, PEOPLE.owner);
  await page.getByRole("textbox", { name: "Answer", exact: true }).fill("On floor 3.");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved. Guests get it from now on.").waitFor();
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "History of the FAQ" }).waitFor();
  const versions = page.locator(".version");
  const newest = versions.first();
  await newest.getByText("Changed: answer").waitFor();
  await newest.getByText("on a page", { exact: false }).waitFor();
  await newest.locator("del", { hasText: "2" }).waitFor();
  await newest.locator("ins", { hasText: "3" }).waitFor();
  await versions.nth(1).getByText("by a script", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Restore version 1" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
  await newest.getByText("An earlier version restored: answer").waitFor();
  assert.equal((await faqNamed("Where is the gym?")).answer, "On floor 2.");
  await page.getByRole("link", { name: "← Where is the gym?" }).click();
  await page.locator("textarea").filter({ hasText: "On floor 2." }).waitFor();
  await page.done();
});

test("a file is looked at before it is imported, and its faults are named", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs`, PEOPLE.owner, { allow: [/400/] });
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByRole("heading", { name: "Import FAQs" }).waitFor();
  const file = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  const input = page.locator("input[type=file]");
  await input.setInputFiles(file("phones.csv", "Name,Phone\nA,1\n"));
  await page.getByText("phones.csv: has no column for questions.", { exact: false }).waitFor();
  const rows = "问题,相似问题,答案,分类\n游泳池在哪里？,\"泳池\n游泳\",三楼。,设施/运动\n,,没有问题,\n";
  await input.setInputFiles(file("faqs.csv", rows));
  await page.getByText("2 with faults").waitFor();
  await page.getByRole("checkbox", { name: "Make categories that are not there" }).check();
  await page.getByText("1 with faults").waitFor();
  await page.getByText("Row 3").waitFor();
  await page.getByText("Question: must not be empty").waitFor();
  await page.getByText("New categories: 设施/运动").waitFor();
  const put = page.getByRole("region", { name: "What the file would do" }).getByRole("button", { name: "Import" });
  assert.equal(await put.isDisabled(), true);
  assert.equal(await faqNamed("游泳池在哪里？"), undefined, "nothing is written before");
  await page.getByRole("checkbox", { name: "Leave out the row with faults" }).check();
  await put.click();
  await page.getByText("Imported:").waitFor();
  await page.getByText("1 left out", { exact: false }).waitFor();
  const pool = await faqNamed("游泳池在哪里？");
  assert.deepEqual([pool.tags, pool.answer, pool.categories[0].name], [["泳池", "游泳"], "三楼。", "运动"]);
  await page.getByRole("link", { name: "To the FAQs" }).click();
  await page.getByRole("link", { name: "游泳池在哪里？" }).waitFor();
  await page.done();
});

test("what is wrong with a row is said in the reader's language", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/import`, PEOPLE.owner, { locale: "zh-CN" });
  const long = "长".repeat(1001);
  const rows = `问题,相似问题,答案,分类\n甲？,,是。,无/此\n${long},,是。,\n丙？,"短\n${long}",,\n`;
  await page.locator("input[type=file]").setInputFiles({ name: "faqs.csv", mimeType: "text/csv", buffer: Buffer.from(rows) });
  await page.getByText("3 行有误").waitFor();
  const faults = await page.locator(".import-faults li").allTextContents();
  assert.deepEqual(faults, [
    "分类: 没有分类 无/此。可以让导入创建它，或修正路径。",
    "问题: 有 1001 个字符，最多 1000 个。",
    "相似问题: 第 2 个相似问题有 1001 个字符，最多 1000 个。",
    "答案: 不能为空。",
  ]);
  await page.done();
});

test("why a whole file is not taken is said in the reader's language", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs/import`, PEOPLE.owner, { locale: "zh-CN", allow: [/400/] });
  const refused = async (name, buffer, why) => {
    await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer });
    const alert = page.getByRole("alert").filter({ hasText: name });
    await alert.getByText(`${name}: ${why}`).waitFor();
    assert.equal(await alert.getByRole("list").count(), 0, "no sentence of the server's beside it");
  };
  await refused("a.csv", Buffer.from("姓名,电话\n甲,1\n"), "没有问题列。第一行必须是列名，其中要有“问题”或“ID”；模板里各列齐全。");
  await refused("b.csv", Buffer.from("Question,问题\n甲,乙\n"), "“问题”列出现了两次。请只保留一个。");
  await refused("c.csv", Buffer.from(""), "没有任何行。");
  await refused("d.xls", Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), "是旧版 Excel 文件 (.xls)，或设有密码。请另存为 .xlsx 或 CSV。");
  await refused("e.csv", Buffer.from([0xff, 0x81, 0x30]), "既不是 UTF-8、UTF-16 也不是 GB18030 文本。请另存为“CSV UTF-8”。");
  await refused("f.csv", Buffer.from(`问题\n${"甲\n".repeat(5001)}`), "超过 5000 行。请分成几个文件。");
  await refused("g.csv", Buffer.alloc(10 * 1024 * 1024 + 1, "a"), "超过 10 MiB。请分成几个文件。");
  // The FAQs change between the look and the import.
  await page.locator("input[type=file]").setInputFiles({ name: "h.csv", mimeType: "text/csv", buffer: Buffer.from("问题,答案\n戊？,是。\n") });
  const put = page.locator(".import-preview").getByRole("button", { name: "导入" });
  await put.waitFor();
  await admin("POST", "/faqs", { faq: { question: "Meanwhile?", answer: "Yes." } });
  await put.click();
  await page.getByText("h.csv: 显示之后知识已有改动。请重新选择文件，查看现在会怎样。").waitFor();
  await page.done();
});

test("an export has what the list shows, and changes nothing when it is imported again", async () => {
  const page = await openAs(browser, server, `/admin/desks/${DESK}/faqs`, PEOPLE.owner);
  await page.locator(".line").first().waitFor();
  for (const format of ["csv", "xlsx"]) {
    const download = page.waitForEvent("download");
    await page.getByRole("combobox", { name: "Export" }).selectOption(format);
    const path = await (await download).path();
    const bytes = readFileSync(path);
    assert.equal(bytes.subarray(0, 2).toString("latin1"), format === "csv" ? "\u00ef\u00bb" : "PK");
    await page.getByRole("button", { name: "Import" }).click();
    await page.locator("input[type=file]").setInputFiles({ name: `faqs.${format}`, mimeType: "application/octet-stream", buffer: bytes });
    const { total } = await admin("GET", "/faqs");
    await page.getByText(`${total} unchanged`).waitFor();
    assert.equal(await page.getByRole("region", { name: "What the file would do" }).getByRole("button", { name: "Import" }).isDisabled(), true);
    await page.getByRole("link", { name: "← FAQs" }).click();
    await page.locator(".line").first().waitFor();
  }
  await page.done();
});
