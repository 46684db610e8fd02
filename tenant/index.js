/**
 * A local Entra-like tenant: an authorization server, users, an app, and the APIs that its tokens are for.
 *
 * @typedef {object} TenantContext what every part of the tenant knows
 * @property {string} origin
 * @property {{ v1: string, v2: string }} issuers by version of the token
 * @property {import("./clock.js").Clock} clock
 * @property {Directory} directory
 * @property {Consents} consents
 * @property {ReturnType<typeof createSecrets>} secrets
 * @property {ReturnType<typeof createStore>} store
 * @property {number | undefined} accessTokenSeconds
 * @property {Record<string, string>} apiOrigins by key of the API
 * @property {import("oidc-provider").Provider} engine
 *
 * @typedef {object} StartOptions
 * @property {number} [port] of the tenant; the APIs take the next ones. 0: any free ports. Default: 4401
 * @property {import("./fixtures.js").UserFixture[]} [users] in place of the fixtures
 * @property {import("./fixtures.js").AppFixture[]} [apps] in place of the fixtures
 * @property {import("./fixtures.js").ApiFixture[]} [apis] in place of the fixtures; those with the key `graph` or `orders` are served
 * @property {string} [seed] the same signing key and pairwise subjects each time
 * @property {number} [accessTokenSeconds] lifetime of access tokens. Default: 60 to 90 minutes, as it comes
 * @property {boolean} [userConsent] whether users may consent, or administrators only. Default: true
 * @property {boolean} [granularConsent] whether the consent page lets the user leave permissions out. Default: false
 * @property {() => number} [now] the tenant's time in milliseconds; not behind the machine's
 */
import { createStore } from "./adapter.js";
import { adminConsentEndpoint } from "./admin-consent.js";
import { API_ROUTES, createApi } from "./apis/index.js";
import { authorizationEndpoint } from "./authorize.js";
import { createClock } from "./clock.js";
import { Consents } from "./consents.js";
import { controlEndpoint, createControl } from "./control.js";
import { Directory } from "./directory.js";
import { ROUTES, createEngine } from "./engine.js";
import * as fixtures from "./fixtures.js";
import { interactionEndpoint } from "./interaction.js";
import { createSecrets } from "./keys.js";
import { listen } from "./listen.js";
import { endSessionEndpoint } from "./logout.js";
import { keysEndpoint, metadataEndpoint } from "./metadata.js";
import { errorReference } from "./pages/error.js";
import { styleSheet } from "./pages/html.js";
import { ENGINE_OIDC_SCOPES, engineScopesOf } from "./scopes.js";
import { tenantSegments } from "./segments.js";
import { tokenEndpoint } from "./token.js";

/** @param {StartOptions} [options] */
export async function start(options = {}) {
  const { port = 4401 } = options;
  const directory = new Directory({
    tenant: fixtures.tenant,
    users: options.users ?? fixtures.users,
    apps: options.apps ?? fixtures.apps,
    apis: options.apis ?? fixtures.apis,
  });
  const served = directory.apis.filter((api) => Object.hasOwn(API_ROUTES, api.key));
  const servers = await listen([port, ...served.map((api, index) => (port === 0 ? 0 : port + 1 + index))]);
  const stop = async () => { await Promise.all(servers.map((server) => server.stop())); };
  try {
    const tenant = build(options, directory, servers[0].origin, apiOrigins(served, servers));
    const control = createControl(tenant);
    servers[0].answerWith(compose(tenant, control).callback());
    served.forEach((api, index) => servers[index + 1].answerWith(createApi(tenant, api, API_ROUTES[api.key])));
    return { ...facts(tenant), ...control, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function apiOrigins(served, servers) {
  return Object.fromEntries(served.map((api, index) => [api.key, servers[index + 1].origin]));
}

/** @returns {TenantContext} */
function build({ seed, accessTokenSeconds, now, userConsent = true, granularConsent = false }, directory, origin, apiOrigins) {
  const clock = createClock(now);
  const tenant = {
    origin,
    issuers: { v1: `${origin}/${directory.tenant.id}/`, v2: `${origin}/${directory.tenant.id}/v2.0` },
    clock,
    directory,
    consents: new Consents({ userConsent, granularConsent }),
    secrets: createSecrets(seed),
    store: createStore(clock, everything(directory)),
    accessTokenSeconds,
    apiOrigins,
  };
  return Object.assign(tenant, { engine: createEngine(tenant) });
}

function everything({ resources }) {
  return {
    oidc: ENGINE_OIDC_SCOPES,
    resources: resources.map((api) => api.applicationIdUri),
    scopes: resources.flatMap((api) => engineScopesOf(api).split(" ")),
  };
}

/** In the order in which a request meets them. */
function compose(tenant, control) {
  const { engine } = tenant;
  return engine
    .use(styleSheet)
    .use(errorReference(tenant))
    .use(controlEndpoint(tenant, control))
    .use(interactionEndpoint(tenant))
    .use(tenantSegments(tenant))
    .use(metadataEndpoint(tenant))
    .use(keysEndpoint(tenant, ROUTES.jwks))
    .use(endSessionEndpoint(tenant))
    .use(tokenEndpoint(tenant, ROUTES.token))
    .use(authorizationEndpoint(tenant, ROUTES.authorization))
    .use(adminConsentEndpoint(tenant, ROUTES.authorization));
}

/** What a client or a test has to know; also what `cli.js` prints. */
function facts({ origin, directory, apiOrigins }) {
  return {
    origin,
    authority: `${origin}/${directory.tenant.id}`,
    tenantId: directory.tenant.id,
    clientId: directory.apps[0].clientId,
    apps: directory.apps.map(({ clientId, name }) => ({ clientId, name })),
    apis: Object.fromEntries(directory.apis.map((api) => [api.key, { origin: apiOrigins[api.key], resource: api.applicationIdUri }])),
    users: directory.users.map(({ oid, username, password, name }) => ({ oid, username, password, name })),
  };
}
