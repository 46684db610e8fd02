/**
 * The accounts that a browser is signed in with: one session of the engine for each. The engine knows one session, whose cookie comes
 * with the request; here is the list of all, and the choice of the one that a request means.
 */
import { sessionId } from "./tokens.js";

const SEPARATOR = ".";
const OPTIONS = { httpOnly: true, sameSite: "lax", overwrite: true };

/**
 * @typedef {object} SignedIn a session of the engine, as it is stored
 * @property {string} jti
 * @property {string} uid
 * @property {string} accountId
 */

function cookieName({ origin }) {
  return `accounts-${new URL(origin).port}`;
}

function rememberedIds(tenant, ctx) {
  return ctx.cookies.get(cookieName(tenant))?.split(SEPARATOR) ?? [];
}

/** @param {import("./index.js").TenantContext} tenant @returns {SignedIn[]} those that still live, in the order of sign-in */
export function signedIn(tenant, ctx) {
  const ids = rememberedIds(tenant, ctx);
  const now = tenant.clock.seconds();
  return tenant.store.all("Session").filter(({ uid, accountId, exp }) => ids.includes(uid) && accountId !== undefined && exp > now);
}

/** The browser keeps the session in mind, although another one may take its place. */
export function remember(tenant, ctx, uid) {
  const ids = rememberedIds(tenant, ctx);
  if (!ids.includes(uid)) ctx.cookies.set(cookieName(tenant), [...ids, uid].join(SEPARATOR), OPTIONS);
}

/**
 * Before the engine looks: the request means the account that it hints at, if it is signed in. With several and no hint, it means none.
 * @param {import("./index.js").TenantContext} tenant
 * @param {{ login_hint?: string, sid?: string, prompt?: string }} request
 */
export function chooseAccount(tenant, ctx, { login_hint: hint, sid, prompt = "" }) {
  const sessions = signedIn(tenant, ctx);
  const wanted = sessions.find(({ uid, accountId }) => sessionId(uid) === sid || tenant.directory.user(hint)?.oid === accountId);
  if (wanted) useInRequest(tenant, ctx, wanted);
  ctx.state.isAmbiguous = sessions.length > 1 && hint === undefined && sid === undefined && !/\b(?:login|select_account)\b/.test(prompt);
}

/** The engine reads the session from the request's cookies, and trusts only what is signed. */
function useInRequest({ engine }, ctx, { jti }) {
  const name = engine.cookieName("session");
  const others = (ctx.req.headers.cookie ?? "").split(/; */).filter((pair) => pair !== "" && !pair.startsWith(`${name}=`) && !pair.startsWith(`${name}.sig=`));
  ctx.req.headers.cookie = [...others, `${name}=${jti}`, `${name}.sig=${ctx.cookies.keys.sign(`${name}=${jti}`)}`].join("; ");
}

/**
 * In the midst of a sign-in: it goes on with another session, or a new one.
 * @param {SignedIn} [session]
 */
export async function continueWith({ engine }, ctx, interaction, session) {
  if (session !== undefined && interaction.session?.uid === session.uid) return;
  interaction.session = undefined;
  await interaction.persist();
  ctx.cookies.set(engine.cookieName("session"), session?.jti ?? null, OPTIONS);
}

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {import("./directory.js").User} [user] whose session; without one all of the browser
 */
export async function signOut(tenant, ctx, user) {
  const ended = signedIn(tenant, ctx).filter(({ accountId }) => user === undefined || accountId === user.oid);
  for (const { jti } of ended) await tenant.store.adapter("Session").destroy(jti);
}
