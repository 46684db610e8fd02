/**
 * A local Entra-like tenant: an authorization server, users, apps, and the APIs that its tokens are for.
 *
 * @typedef {object} TenantContext what every part of the tenant knows
 * @property {string} origin
 * @property {import("./random.js").Random} random
 * @property {import("./clock.js").Clock} clock
 * @property {Directory} directory
 * @property {ReturnType<typeof createSettings>} settings
 * @property {Consents} consents
 * @property {ReturnType<typeof createPolicies>} policies
 * @property {import("./revocations.js").Revocations} revocations
 * @property {import("./keys.js").Keys} keys
 * @property {{ pairwise: Buffer, cookie: string }} secrets
 * @property {ReturnType<typeof createStore>} store
 * @property {ReturnType<typeof createLoopGuard>} loops
 * @property {ReturnType<typeof createFaults>} faults
 * @property {ReturnType<typeof createMutations>} mutations
 * @property {ReturnType<typeof createTimeline>} timeline
 * @property {Record<string, string>} apiOrigins by key of the API
 * @property {import("oidc-provider").Provider} engine
 *
 * @typedef {object} StartOptionsOfItsOwn
 * @property {number} [port] of the tenant; the APIs take the next ones. 0: any free ports. Default: 4401
 * @property {import("./fixtures.js").TenantFixture[]} [tenants] in place of the fixtures; the first is the one that is told of
 * @property {import("./fixtures.js").UserFixture[]} [users] in place of the fixtures
 * @property {import("./fixtures.js").AppFixture[]} [apps] in place of the fixtures
 * @property {import("./fixtures.js").ApiFixture[]} [apis] in place of the fixtures; those with the key `graph` or `orders` are served
 * @property {string} [seed] the same keys, subjects, codes, tokens and ids each time
 * @property {() => number} [now] the tenant's time in milliseconds
 * @typedef {StartOptionsOfItsOwn & Partial<import("./settings.js").Settings>} StartOptions
 */
import { createStore } from "./adapter.js";
import { adminConsentEndpoint } from "./admin-consent.js";
import { API_ROUTES, createApi } from "./apis/index.js";
import { authorizationEndpoint } from "./authorize.js";
import { openerPolicy, thirdPartyCookies } from "./browser-policy.js";
import { createClock } from "./clock.js";
import { createPolicies } from "./conditional-access.js";
import { Consents } from "./consents.js";
import { controlEndpoint, createControl } from "./control.js";
import { deviceCodeEndpoint, deviceLogin } from "./device.js";
import { Directory } from "./directory.js";
import { ROUTES, createEngine } from "./engine.js";
import { createFaults, endpointOf, withFaults } from "./faults.js";
import * as fixtures from "./fixtures.js";
import { interactionEndpoint } from "./interaction.js";
import { createKeys } from "./keys.js";
import { listen } from "./listen.js";
import { endSessionEndpoint } from "./logout.js";
import { createLoopGuard } from "./loops.js";
import { metadataEndpoints } from "./metadata.js";
import { createMutations } from "./mutations.js";
import { errorReference } from "./pages/error.js";
import { styleSheet } from "./pages/html.js";
import { createRandom } from "./random.js";
import { createRevocations } from "./revocations.js";
import { ENGINE_OIDC_SCOPES, engineScopesOf } from "./scopes.js";
import { tenantSegments } from "./segments.js";
import { createSettings } from "./settings.js";
import { createTimeline, withTimeline } from "./timeline.js";
import { tokenEndpoint } from "./token.js";

/** @param {StartOptions} [options] */
export async function start(options = {}) {
  const { port = 4401 } = options;
  const settings = createSettings(options);
  const directory = new Directory({
    tenants: options.tenants ?? fixtures.tenants,
    users: options.users ?? fixtures.users,
    apps: options.apps ?? fixtures.apps,
    apis: options.apis ?? fixtures.apis,
  });
  const served = directory.apis.filter((api) => Object.hasOwn(API_ROUTES, api.key));
  const servers = await listen([port, ...served.map((api, index) => (port === 0 ? 0 : port + 1 + index))]);
  const stop = async () => { await Promise.all(servers.map((server) => server.stop())); };
  try {
    const tenant = build(options, settings, directory, servers[0].origin, apiOrigins(served, servers));
    const control = createControl(tenant);
    const open = (server, name, endpointFor, listener) =>
      server.answerWith(withTimeline(tenant.timeline, name, withFaults(tenant.faults, endpointFor, listener)));
    open(servers[0], "tenant", endpointOf, compose(tenant, control).callback());
    served.forEach((api, index) => open(servers[index + 1], `api:${api.key}`, () => `api:${api.key}`, createApi(tenant, api, API_ROUTES[api.key])));
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
function build({ seed, now }, settings, directory, origin, apiOrigins) {
  const clock = createClock(now);
  const random = createRandom(seed);
  const keys = createKeys(random, seed);
  const store = createStore(clock, everything(directory));
  const tenant = {
    origin, apiOrigins, random, clock, directory, settings, keys, store,
    consents: new Consents(),
    policies: createPolicies(random),
    revocations: createRevocations(store),
    secrets: { pairwise: random.derive("pairwise", 32), cookie: random.derive("cookie", 32).toString("base64url") },
    loops: createLoopGuard(clock, settings),
    faults: createFaults(Object.keys(apiOrigins)),
    mutations: createMutations(keys),
    timeline: createTimeline(clock, directory),
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
    .use(openerPolicy(tenant))
    .use(thirdPartyCookies(tenant))
    .use(errorReference(tenant))
    .use(controlEndpoint(tenant, control))
    .use(interactionEndpoint(tenant))
    .use(deviceLogin)
    .use(tenantSegments(tenant))
    .use(metadataEndpoints(tenant))
    .use(endSessionEndpoint(tenant))
    .use(tokenEndpoint(tenant, [ROUTES.token, ROUTES.device_authorization]))
    .use(deviceCodeEndpoint(tenant))
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
    users: directory.users.map(({ oid, tenant, username, password, name }) => ({ oid, tenantId: tenant, username, password, name })),
  };
}
