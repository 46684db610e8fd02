/** What is told of each doing, in which order, and what comes of it; and that with MSAL.js it is the same, but for what is meant to differ. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { DIFFERENCES, OUTCOMES, RESULT } from "./differences.mjs";
import { DOINGS, MAIL, signIn } from "./support/doings.mjs";
import { sideOf, take } from "./support/events.mjs";

/** A busy machine is no reason to give up, in milliseconds. */
const PATIENCE = { timeout: 120_000 };

/** @type {import("./support/events.mjs").Side} */
let ours;
/** @type {import("./support/events.mjs").Side} */
let theirs;
before(async () => {
  [ours, theirs] = await Promise.all([sideOf(true), sideOf(false)]);
});
beforeEach(() => Promise.all([ours, theirs].map(({ world }) => world.tenant.reset())));
after(() => Promise.all([ours, theirs].map((side) => side?.world.stop())));

/** What a side tells, and what comes of it. */
async function doneBy(t, side, doing) {
  const page = await side.open(t);
  if (doing !== DOINGS.start) await take(page);
  const outcome = await doing(side, page) ?? {};
  await page.waitForTimeout(100);
  const heard = await take(page);
  return { lines: heard.map(({ line }) => line), outcome };
}

/** What another tab is told. */
async function linesElsewhere(t, side) {
  const page = await side.open(t);
  const tab = await side.openTab(page);
  await take(tab);
  await page.bringToFront();
  const account = await signIn(side, page);
  await settled(tab);
  await side.call(page, "setActiveAccount", account);
  await settled(tab);
  await side.inWindow(page, "logoutPopup", { account, postLogoutRedirectUri: "/redirect.html" });
  await settled(tab);
  return (await take(tab)).map(({ line }) => line);
}

/** Until a tab has heard of what another one did. @param {import("playwright-core").Page} tab */
const settled = (tab) => tab.waitForTimeout(300);

/** That both tell the same, or what is meant to differ. */
function compare(name, told) {
  const { [name]: difference } = DIFFERENCES;
  assert.deepEqual(told.theirs, difference?.theirs ?? told.ours);
  if (difference) assert.deepEqual(told.ours, difference.ours);
}

/** Where two outcomes are not the same, by path: both, `nothing` where one has none. */
function apart(ours, theirs) {
  const paths = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  return Object.fromEntries(paths.filter((path) => ours[path] !== theirs[path]).map((path) => [path, { ours: ours[path] ?? "nothing", theirs: theirs[path] ?? "nothing" }]));
}

/** That the same comes of it, but for what is meant to differ in every result, or in this doing. */
function compareOutcomes(name, { ours, theirs }) {
  const listed = { ...("scopes" in ours && "scopes" in theirs ? RESULT : {}), ...OUTCOMES[name] };
  assert.deepEqual(apart(ours, theirs), Object.fromEntries(Object.entries(listed).map(([path, { why: _, ...difference }]) => [path, difference]).sort()));
}

test("each difference is of something that is compared here, and is one", () => {
  for (const [name, { ours: own, theirs: others, why }] of Object.entries(DIFFERENCES)) {
    assert.ok(name in DOINGS || name === "another tab", name);
    assert.notDeepEqual(own, others, name);
    assert.ok(why.length > 20, name);
  }
  assert.deepEqual(Object.keys(OUTCOMES).filter((name) => !(name in DOINGS)), []);
  for (const { ours: own, theirs: others, why } of [RESULT, ...Object.values(OUTCOMES)].flatMap((paths) => Object.values(paths))) {
    assert.ok(own !== others && why.length > 20, why);
  }
});

for (const [name, doing] of Object.entries(DOINGS)) {
  test(name, PATIENCE, async (t) => {
    const [own, others] = [await doneBy(t, ours, doing), await doneBy(t, theirs, doing)];
    compare(name, { ours: own.lines, theirs: others.lines });
    compareOutcomes(name, { ours: own.outcome, theirs: others.outcome });
  });
}

test("another tab", PATIENCE, async (t) => {
  compare("another tab", { ours: await linesElsewhere(t, ours), theirs: await linesElsewhere(t, theirs) });
});

test("what is told of one call has the call's correlation id, in the order of time", PATIENCE, async (t) => {
  const page = await ours.open(t);
  await take(page);
  await ours.inWindow(page, "loginPopup", { ...MAIL, correlationId: "b1d3f7a9-5c24-4e68-8f0a-2b4c6d8e0f13" }, ours.answer("Accept"));
  const heard = await take(page);
  assert.deepEqual([...new Set(heard.map(({ correlationId }) => correlationId))], ["b1d3f7a9-5c24-4e68-8f0a-2b4c6d8e0f13"]);
  await ours.call(page, "acquireTokenSilent", MAIL);
  const [start, success] = await take(page);
  assert.ok(start.correlationId && start.correlationId === success.correlationId);
  const times = [...heard, start, success].map(({ timestamp }) => timestamp);
  assert.deepEqual(times, times.toSorted((one, other) => one - other));
});
