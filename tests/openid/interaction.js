/** Signing in and consenting, between an authorization request and its answer. */
import { text } from "node:stream/consumers";
import { errors } from "oidc-provider";
import { USERS } from "./fixtures.js";
import { consentPage, signInPage } from "./pages.js";

const REPLACES = { mergeWithLastSubmission: false };
const ADDS = { mergeWithLastSubmission: true };

/**
 * @param {import("oidc-provider").default} provider
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
export async function interact(provider, request, response) {
  const interaction = await found(provider, request, response);
  if (!interaction) return response.writeHead(400).end("This sign-in is over.");
  const finish = (result, mode) => provider.interactionFinished(request, response, result, mode);
  const form = request.method === "POST" ? new URLSearchParams(await text(request)) : undefined;
  if (interaction.prompt.name === "login") return signIn(response, form, finish);
  return consent(provider, response, form, interaction, finish);
}

async function found(provider, request, response) {
  try {
    return await provider.interactionDetails(request, response);
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

function signIn(response, form, finish) {
  if (!form) return show(response, signInPage());
  const user = USERS.find(({ username, password }) => username === form.get("username") && password === form.get("password"));
  if (!user) return show(response, signInPage("User name or password is wrong."));
  return finish({ login: { accountId: user.sub } }, REPLACES);
}

async function consent(provider, response, form, interaction, finish) {
  const { prompt: { details }, params, session } = interaction;
  if (!form) return show(response, consentPage(params.client_id, asked(details)));
  if (form.get("answer") !== "accept") return finish({ error: "access_denied", error_description: "The user declined." }, REPLACES);
  const known = interaction.grantId && await provider.Grant.find(interaction.grantId);
  const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (details.missingOIDCScope) grant.addOIDCScope(details.missingOIDCScope.join(" "));
  for (const [resource, scopes] of resourceScopes(details)) grant.addResourceScope(resource, scopes.join(" "));
  return finish({ consent: { grantId: await grant.save() } }, ADDS);
}

const resourceScopes = (details) => Object.entries(details.missingResourceScopes ?? {});

/** What is not granted yet; nothing, where the app only wants to be confirmed what is. */
function asked(details) {
  const ofResources = resourceScopes(details).flatMap(([resource, scopes]) => scopes.map((scope) => `${resource} ${scope}`));
  return [...(details.missingOIDCScope ?? []), ...ofResources];
}

function show(response, html) {
  response.writeHead(200, { "Content-Type": "text/html", "Cache-Control": "no-store" }).end(html);
}
