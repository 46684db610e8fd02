/** An app with nothing but a client, at an origin of its own, and what its user does in the browser. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { serve } from "../../e2e/consent/serve.mjs";
import { Silence } from "./webdriver.mjs";

/** The app's pages, which are the redirect URIs of the tenant's app. */
export const PAGES = {
  /** A client that calls APIs. */
  whole: "/",
  /** One without WebAssembly, under a policy that allows nothing but scripts of the origin. */
  plain: "/callback",
  /** The same policy, and the package with WebAssembly. */
  forbidden: "/index.html",
  /** Here the browser opens no window. */
  alone: "/redirect.html",
};
export const READ = { scopes: ["User.Read"] };

const APP = await readFile(new URL("../../e2e/consent/app.js", import.meta.url), "utf8");
const STRICT = "script-src 'self'; object-src 'none'; base-uri 'none'";
const POLICIES = { [PAGES.plain]: STRICT, [PAGES.forbidden]: STRICT, [PAGES.alone]: "sandbox allow-scripts allow-same-origin" };

/** What a story has left word of: whether the app meets demands, as the tokens of such an app live for a day; and where it keeps them. */
const CHOSEN = `
if (localStorage.isCapable) window.settings.configuration.auth.clientCapabilities = ["CP1"];
if (localStorage.place) window.settings.configuration.cache.cacheLocation = localStorage.place;`;
/** Whether WebAssembly may run, and how often it was compiled while it came. */
const LOOKING = `
window.mayRun = (() => {
  try {
    return Boolean(new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))));
  } catch {
    return false;
  }
})();
window.streamed = 0;
const compile = WebAssembly.compileStreaming;
WebAssembly.compileStreaming = (response) => (window.streamed += 1, compile.call(WebAssembly, response));`;
const FORBIDDEN = `
import { PublicClientApplication } from "/consentry/index.js";
await new PublicClientApplication(window.settings.configuration).initialize()
  .catch(({ name, errorCode, message, cause }) => { window.failure = { name, errorCode, message, cause: String(cause) }; });
document.title = "ready";`;
const WORKER = `
import { PublicClientApplication } from "/consentry/index.js";
onmessage = async ({ data }) => {
  const client = new PublicClientApplication(data);
  await client.initialize();
  postMessage(await client.acquireTokenSilent({ scopes: ["User.Read"] }).catch(({ name, errorCode }) => ({ name, errorCode })));
};`;

const page = (script) => `<!doctype html><html lang="en"><title>loading</title><link rel="icon" href="data:,">
<script src="/settings.js"></script><script type="module" src="${script}"></script></html>`;

/** Where the app's APIs are, and what they want. */
function configurationFor({ clientId, authority, apis: { graph, orders } }) {
  return {
    auth: { clientId, authority },
    cache: { cacheLocation: "localStorage" },
    api: {
      resources: [
        { url: `${graph.origin}/v1.0`, scopes: READ.scopes },
        { url: orders.origin, resource: orders.resource, scopes: ["Orders.Read"] },
      ],
    },
  };
}

/** @param {object} configuration */
const serveApp = (configuration) => serve({
  policies: POLICIES,
  others: {
    [PAGES.whole]: page("/whole.js"),
    [PAGES.plain]: page("/plain.js"),
    [PAGES.forbidden]: page("/forbidden.js"),
    [PAGES.alone]: page("/whole.js"),
  },
  modules: {
    "/settings.js": `window.settings = ${JSON.stringify({ configuration })};${CHOSEN}${LOOKING}`,
    "/whole.js": APP.replace('from "consentry"', 'from "/consentry/index.js"'),
    "/plain.js": APP.replace('from "consentry"', 'from "/consentry/without-wasm.js"'),
    "/forbidden.js": FORBIDDEN,
    "/worker.js": WORKER,
  },
});

/** @param {string} engine @param {import("./webdriver.mjs").Browser} browser @param {Awaited<ReturnType<typeof import("../../../tenant/launch.js").launch>>} tenant */
export async function openApp(engine, browser, tenant) {
  const configuration = configurationFor(tenant);
  const site = await serveApp(configuration);
  const main = await browser.tidy(`${site.origin}/settings.js`);
  const isReady = () => document.title === "ready";
  const arrival = () => browser.until(isReady);
  /** To a page, for which the driver may not wait. @param {() => Promise<unknown>} go */
  const arriveBy = async (go) => {
    await browser.run(() => { document.title = "leaving"; });
    await go();
    await arrival();
  };
  /** What a method of the client brings. @param {string} method @param {...unknown} args @returns {Promise<{ value?: any, error?: any }>} */
  const call = (method, ...args) => browser.run((name, values) => told((async () => client[name](...values))()), method, args);
  const brought = async (method, ...args) => {
    const { value, error } = await call(method, ...args);
    assert.equal(error, undefined);
    return value;
  };
  const person = tenant.users[0];
  /** What came of the call that a click began. WebKit's driver is not to ask a page while a window of it goes: it may never get an answer. */
  const ended = async () => {
    await browser.alone([main]).catch(async (error) => {
      if (error instanceof Silence) throw error;
      // Twice in five runs Firefox's driver said that it had clicked, on a busy machine, and the window stayed: if the server's page is there still, nobody has answered it.
      await browser.press("Accept").catch(() => { throw error; });
      console.log(`pressed once more, in ${engine}: the server's page was there still`);
      await browser.alone([main]);
    });
    await browser.look(main);
    return browser.until(() => window.result);
  };

  return {
    engine, browser, tenant, configuration, origin: site.origin, main, person, call, brought, arrival,
    open: (path = PAGES.whole) => arriveBy(() => browser.go(site.origin + path)),
    reload: () => arriveBy(browser.reload),
    giveCredentials: async () => {
      await browser.type("User name", person.username);
      await browser.type("Password", person.password);
      await browser.press("Sign in");
    },
    /** A click has a method leave the page, and its user does something; what came back. @param {string} method @param {object} request */
    leave: async (method, request, act = async () => {}) => {
      await browser.run(() => {
        document.title = "leaving";
        window.answer = undefined;
      });
      await clickFor(browser, method, request);
      await act();
      return browser.until(() => window.result ?? (document.title === "ready" && window.answer));
    },
    /** A click that begins a call: its window is looked at then. What comes of the call is asked for later, in the main window. */
    openWindow: async (method, request) => {
      await clickFor(browser, method, request);
      await browser.look(await browser.another([main]));
      return ended;
    },
    /** A click for a call that needs no more of the user. */
    click: async (method, request) => {
      await clickFor(browser, method, request);
      return ended();
    },
    /** The grants that the tenant was asked for. @returns {Promise<string[]>} */
    grants: async () => (await tenant.requests()).filter(({ method, path }) => method === "POST" && path.endsWith("/token")).map(({ parameters }) => parameters.grant_type),
    stop: site.stop,
  };
}

const clickFor = async (browser, method, request) => {
  await browser.run((name, value) => {
    window.result = undefined;
    document.querySelector("button")?.remove();
    const button = document.createElement("button");
    button.textContent = "Go on";
    button.onclick = () => void told(client[name](value)).then((result) => { window.result = result; });
    document.body.append(button);
  }, method, request);
  await browser.press("Go on");
};

/** Signs in by leaving the page. @param {import("./engines.mjs").App} app */
export async function signIn(app, request = READ) {
  const { value, error } = await app.leave("loginRedirect", request, async () => {
    await app.giveCredentials();
    await app.browser.press("Accept");
  });
  assert.equal(error, undefined);
  assert.equal(value.account.username, app.person.username);
  return value;
}
