/**
 * A second authorization server for the tests, which is nothing like the local tenant: the unmodified engine with strict settings,
 * and none of the platform's dialect. What works with both works by the specifications. Needs Node 22 or later.
 */
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { configuration } from "./configuration.js";
import { CLIENTS, RESOURCES, USERS } from "./fixtures.js";
import { interact } from "./interaction.js";

const ids = Object.fromEntries(Object.entries(CLIENTS).map(([name, client]) => [name, client.client_id]));

/**
 * @typedef {object} Options
 * @property {number} [port] 0: any free port
 * @property {number} [accessTokenSeconds] lifetime of access tokens
 * @property {boolean} [requirePushedRequests] takes no other authorization requests, of whichever client (RFC 9126)
 */

/** @param {Options} [options] */
export async function start({ port = 0, accessTokenSeconds = 600, requirePushedRequests = false } = {}) {
  const server = createServer();
  await new Promise((resolve, reject) => { server.once("error", reject).listen(port, "127.0.0.1", resolve); });
  const origin = `http://localhost:${server.address().port}`;
  // The issuer is the server's own address, so the port has to be known first.
  server.on("request", answerWith(new Provider(origin, configuration({ origin, accessTokenSeconds, requirePushedRequests }))));
  return {
    origin,
    issuer: origin,
    clients: ids,
    resources: RESOURCES,
    users: USERS,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

/** @param {Provider} provider @returns {import("node:http").RequestListener} */
function answerWith(provider) {
  provider.on("server_error", (ctx, error) => { console.error(error); });
  const answer = provider.callback();
  return (request, response) => {
    if (!request.url.startsWith("/interaction/")) return answer(request, response);
    return interact(provider, request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
  };
}
