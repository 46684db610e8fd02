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
/** How long a browser may take to start, on a machine that has much else to do. */
const START = 45_000;
/** A script of the page that takes longer is told by the driver, before the driver itself seems silent. */
const SCRIPT = 10_000;
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
      if (error instanceof Silence) throw error;
      trouble = error;
    }
  }
  throw new Error(`waited in vain: ${what}`, { cause: trouble });
}

/** A driver that does not answer, not even with an error: nothing more can be asked of it. */
export class Silence extends Error {}

async function send(method, url, body, patience = PATIENCE) {
  const signal = AbortSignal.timeout(patience);
  const content = body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  try {
    const response = await fetch(url, { method, signal, ...content });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  } catch (error) {
    if (!signal.aborted) throw error;
    const command = new URL(url).pathname.replace(/^\/session\/[^/]+/, "");
    throw new Silence(`the driver did not answer ${method} ${command} within ${patience} ms`, { cause: error });
  }
}

// Ended from outside, the tests take their browsers along.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Starts a driver, in a group of processes with what it starts itself. @param {string} driver @param {string} port */
function startDriver(driver, port) {
  const program = spawn(driver, [`--port=${port}`], { stdio: "ignore", detached: true });
  const ended = once(program, "exit");
  const end = () => {
    try {
      process.kill(-program.pid, "SIGKILL");
    } catch {
      // all of them have ended
    }
  };
  process.once("exit", end);
  return async () => {
    program.kill();
    await Promise.race([ended, pause(LOOK * 20)]);
    end();
    process.off("exit", end);
    await ended;
  };
}

/** @typedef {Awaited<ReturnType<typeof openBrowser>>} Browser */

/**
 * Starts a browser by its driver.
 * @param {{ driver: string, capabilities: object }} engine
 */
export async function openBrowser({ driver, capabilities }) {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const end = startDriver(driver, new URL(origin).port);
  try {
    await until(driver, async () => (await send("GET", `${origin}/status`)).ready);
    const asked = { ...capabilities, timeouts: { script: SCRIPT } };
    const session = await send("POST", `${origin}/session`, { capabilities: { alwaysMatch: asked } }, START);
    const at = `${origin}/session/${session.sessionId}`;
    const post = (path, body = {}) => send("POST", at + path, body);
    /** @param {{ isSilent?: boolean }} [driver] Of one that is silent nothing is asked. */
    const stop = async ({ isSilent = false } = {}) => {
      if (!isSilent) await send("DELETE", at).catch(() => {}); // a browser that has gone down stops no test
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
  let isUsed = false;
  let seen;
  const handles = () => send("GET", `${at}/window/handles`);
  /** WebKit's driver may never answer who looks at the same window again when another one has just gone. */
  const look = async (handle) => {
    if (handle === seen) return;
    await post("/window", { handle });
    seen = handle;
  };
  const close = () => {
    seen = undefined;
    return send("DELETE", `${at}/window`);
  };
  return {
    here: () => send("GET", `${at}/window`),
    look,
    openTab: async () => {
      const { handle } = await post("/window/new", { type: "tab" });
      await look(handle);
      return handle;
    },
    close,
    /** The window that is there beside the known ones. @param {string[]} known */
    another: (known) => until("another window", async () => (await handles()).find((handle) => !known.includes(handle))),
    /** Waits until there are no others: each closes by itself. @param {string[]} left */
    alone: (left) => until("a window that closes", async () => (await handles()).every((handle) => left.includes(handle))),
    /** As after the start: one window, which is brought, and no cookies of its page. @param {string} url */
    tidy: async (url) => {
      const [main, ...others] = await handles();
      const isNew = !isUsed;
      isUsed = true;
      if (isNew) {
        seen = main;
        return main;
      }
      for (const other of others) {
        await look(other);
        await close();
      }
      await look(main);
      await post("/url", { url });
      await send("DELETE", `${at}/cookie`);
      return main;
    },
  };
}
