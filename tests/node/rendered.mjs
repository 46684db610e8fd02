/** A thread in which a server renders an app for msal-react; every global that only browsers have throws when it is so much as looked at. */

import { register } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

const { alias, client } = workerData;
const resolver = `export const resolve = (name, context, next) => next((${JSON.stringify(alias)})[name] ?? name, context);`;
register(`data:text/javascript,${encodeURIComponent(resolver)}`);

const { createElement } = await import("react");
const { renderToString } = await import("react-dom/server");
for (const name of ["window", "self", "document", "location", "history", "opener", "parent", "localStorage", "sessionStorage", "indexedDB"]) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      throw new Error(`touched the global ${name}`);
    },
  });
}

const before = Reflect.ownKeys(globalThis);
const { AuthenticatedTemplate, MsalProvider, UnauthenticatedTemplate, useMsal } = await import("@azure/msal-react");
const { PublicClientApplication } = await import(client);

const Status = () => createElement("output", null, useMsal().inProgress);
const app = createElement(
  MsalProvider,
  { instance: new PublicClientApplication({ auth: { clientId: "a client" } }) },
  createElement(Status),
  createElement(AuthenticatedTemplate, null, "somebody"),
  createElement(UnauthenticatedTemplate, null, "nobody"),
);
const html = renderToString(app);
parentPort?.postMessage({ html, added: Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String) });
