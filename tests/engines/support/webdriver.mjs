/**
 * As much of WebDriver as the stories need. Not a library: the best known one wants a newer Node than the package, and knows no WebKitGTK.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../../scripts/nudge.mjs";

/** How long is waited for anything, and how often looked, in milliseconds. */
const PATIENCE = 15_000;
const LOOK = 50;
/** What a found element is called in an answer, as the standard has it. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Tries until something true comes of it; what a page that is on its way throws is not looked at. @template T @param {string} what @param {() => Promise<T>} look */
async function until(what, look) {
  let trouble;
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(LOOK)) {
    try {
      const found = await look();
      if (found) return found;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
  }
  throw new Error(`waited in vain: ${what}`, { cause: trouble });
}

async function send(method, url, body) {
  const content = body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await fetch(url, { method, signal: AbortSignal.timeout(PATIENCE), ...content });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** @typedef {Awaited<ReturnType<typeof openBrowser>>} Browser */

/**
 * Starts a browser by its driver.
 * @param {{ driver: string, capabilities: object }} engine
 */
export async function openBrowser({ driver, capabilities }) {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const program = spawn(driver, [`--port=${new URL(origin).port}`], { stdio: "ignore" });
  const ended = once(program, "exit");
  const end = () => {
    program.kill();
    return ended;
  };
  try {
    await until(driver, async () => (await send("GET", `${origin}/status`)).ready);
    const session = await send("POST", `${origin}/session`, { capabilities: { alwaysMatch: capabilities } });
    const at = `${origin}/session/${session.sessionId}`;
    const post = (path, body = {}) => send("POST", at + path, body);
    const stop = async () => {
      await send("DELETE", at).catch(() => {}); // a browser that has gone down stops no test
      await end();
    };
    return { version: session.capabilities.browserVersion, stop, ...pagesBy(post), ...windowsBy(post, at) };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The page in the window that is looked at. */
function pagesBy(post) {
  /** What a function brings that runs in the page. @param {(...args: any[]) => any} work @param {...unknown} args */
  const run = async (work, ...args) => {
    const script = `const [args, done] = arguments;
      Promise.resolve().then(() => (${work})(...args)).then((value) => done(JSON.stringify({ value })), (error) => done(JSON.stringify({ thrown: String(error) })));`;
    const { value, thrown } = JSON.parse(await post("/execute/async", { script, args: [args] }));
    assert.equal(thrown, undefined);
    return value;
  };
  /** @param {string} xpath */
  const find = (xpath) => until(xpath, async () => (await post("/element", { using: "xpath", value: xpath }))[ELEMENT]);
  return {
    run,
    go: (url) => post("/url", { url }),
    reload: () => post("/refresh"),
    /** Waits until a function of the page brings something true. @param {(...args: any[]) => any} look @param {...unknown} args */
    until: (look, ...args) => until(String(look), () => run(look, ...args)),
    /** @param {string} button Its text. */
    press: async (button) => post(`/element/${await find(`//button[normalize-space()="${button}"]`)}/click`),
    /** @param {string} field Its label. @param {string} text */
    type: async (field, text) => post(`/element/${await find(`//input[@id=//label[normalize-space()="${field}"]/@for]`)}/value`, { text }),
  };
}

/** The windows and tabs of the browser. */
function windowsBy(post, at) {
  const handles = () => send("GET", `${at}/window/handles`);
  const look = (handle) => post("/window", { handle });
  return {
    here: () => send("GET", `${at}/window`),
    look,
    openTab: async () => {
      const { handle } = await post("/window/new", { type: "tab" });
      await look(handle);
      return handle;
    },
    close: () => send("DELETE", `${at}/window`),
    /** The window that is there beside the known ones. @param {string[]} known */
    another: (known) => until("another window", async () => (await handles()).find((handle) => !known.includes(handle))),
    /** Waits until there are no others: each closes by itself. @param {string[]} left */
    alone: (left) => until("a window that closes", async () => (await handles()).every((handle) => left.includes(handle))),
    /** As after the start: one window, and no cookies of its page. @param {string} handle @param {string} url */
    tidy: async (handle, url) => {
      for (const other of await handles()) if (other !== handle) await look(other).then(() => send("DELETE", `${at}/window`), () => {});
      await look(handle);
      await post("/url", { url });
      await send("DELETE", `${at}/cookie`);
    },
  };
}
