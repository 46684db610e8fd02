/**
 * Responses that the specifications say to refuse, and those that they say to take, as data: the tenant changes one thing in each.
 * The end-to-end tests send them to the package, and `bench/` to its peers as well.
 */

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * 60 * MINUTE_SECONDS;
const CLIENT_ID_OF_NOBODY = "11111111-2222-4333-8444-555555555555";
const ISSUER_OF_NOBODY = "https://evil.example/v2.0";

/** @typedef {Pick<import("../../../tenant/index.js").Tenant, "origin" | "authority" | "clientId">} Tenant */
/**
 * @typedef {object} Row
 * @property {(tenant: Tenant) => object | object[]} mutation what `mutateResponses` of the tenant takes
 * @property {string} [code] of the error with which the package refuses it
 * @property {string} [rule] which text says so: rows with one are compared with the peers
 * @property {boolean} [isFree] whether that text leaves it to the client
 * @property {string} [tells] what the client has to tell the app: the server's own refusal
 */

/** RFC 9207: the server says that its answers name it. */
const NAMED = { target: "metadata", set: { authorization_response_iss_parameter_supported: true } };
const answer = (set, remove) => ({ target: "authorizationResponse", set, remove });
const answerOf = (iss) => answer({ iss });
const claims = (set, remove) => ({ target: "idToken", set, remove });
const token = (set, remove) => ({ target: "tokenResponse", set, remove });
const otherTenant = ({ origin }) => `${origin}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`;
const now = () => Math.floor(Date.now() / 1000);

/** OpenID Connect Core 3.1.3.7, by item. */
const core = (item) => `Core 3.1.3.7 (${item})`;
/** What an ID token has to have. */
const REQUIRED = "Core 2";
const STATE = "RFC 6749 10.12";
const ISSUER = "RFC 9207 2.4";

/** By name: what is wrong. @type {Record<string, Row>} */
export const REFUSED = {
  // Item 6 lets TLS stand in for it.
  "a signature that is none of the text's": { mutation: () => ({ target: "idToken", signature: "broken" }), code: "id_token_signature_invalid", rule: core(6), isFree: true },
  "a signature by nobody's key under a published name": { mutation: () => ({ target: "idToken", signature: "foreign" }), code: "id_token_signature_invalid" },
  "no signature, alg none": { mutation: () => ({ target: "idToken", signature: "none" }), code: "token_parsing_error", rule: REQUIRED },
  "alg none beside a signature": { mutation: () => ({ target: "idToken", header: { alg: "none" } }), code: "id_token_algorithm_not_accepted", rule: REQUIRED },
  "a MAC with the public key": { mutation: () => ({ target: "idToken", signature: "hs256" }), code: "id_token_algorithm_not_accepted", rule: core("7, 8") },
  "a key that is not published": { mutation: () => ({ target: "idToken", header: { kid: "unknown" } }), code: "id_token_key_not_found" },
  "no keys at all": { mutation: () => ({ target: "keys", set: { keys: [] } }), code: "id_token_key_not_found" },
  "another issuer": { mutation: () => claims({ iss: ISSUER_OF_NOBODY }), code: "invalid_id_token", rule: core(2) },
  "no issuer": { mutation: () => claims({}, ["iss"]), code: "invalid_id_token", rule: core(2) },
  "the issuer of another tenant": { mutation: (tenant) => claims({ iss: otherTenant(tenant) }), code: "invalid_id_token" },
  "another audience": { mutation: () => claims({ aud: CLIENT_ID_OF_NOBODY }), code: "invalid_id_token", rule: core(3) },
  "no audience": { mutation: () => claims({}, ["aud"]), code: "invalid_id_token", rule: core(3) },
  "an audience beside ours": { mutation: ({ clientId }) => claims({ aud: [clientId, CLIENT_ID_OF_NOBODY] }), code: "invalid_id_token", rule: core(3) },
  "an authorized party that we are not": { mutation: () => claims({ azp: CLIENT_ID_OF_NOBODY }), code: "invalid_id_token" },
  "an expired token": { mutation: () => claims({ exp: now() - DAY_SECONDS }), code: "invalid_id_token", rule: core(9) },
  "no end": { mutation: () => claims({}, ["exp"]), code: "invalid_id_token", rule: REQUIRED },
  "no beginning": { mutation: () => claims({}, ["iat"]), code: "invalid_id_token", rule: REQUIRED },
  "a token of tomorrow": { mutation: () => claims({ iat: now() + DAY_SECONDS }), code: "invalid_id_token", rule: core(10), isFree: true },
  "a token that is not valid yet": { mutation: () => claims({ nbf: now() + DAY_SECONDS }), code: "invalid_id_token" },
  "no subject": { mutation: () => claims({}, ["sub"]), code: "invalid_id_token", rule: REQUIRED },
  "another nonce": { mutation: () => claims({ nonce: "another" }), code: "nonce_mismatch", rule: core(11) },
  "no nonce": { mutation: () => claims({}, ["nonce"]), code: "nonce_mismatch", rule: core(11) },
  "no ID token": { mutation: () => token({}, ["id_token"]), code: "invalid_token_response" },
  "an ID token that is none": { mutation: () => token({ id_token: "none.at.all" }), code: "token_parsing_error" },
  "no access token": { mutation: () => token({}, ["access_token"]), code: "invalid_token_response" },
  "another token type": { mutation: () => token({ token_type: "mac" }), code: "invalid_token_response" },
  "no token type": { mutation: () => token({}, ["token_type"]), code: "invalid_token_response" },
  "another state": { mutation: () => answer({ state: "another" }), code: "state_mismatch", rule: STATE },
  "no state": { mutation: () => answer({}, ["state"]), code: "state_not_found", rule: STATE },
  "an answer of another server": { mutation: () => answerOf(ISSUER_OF_NOBODY), code: "response_issuer_mismatch", rule: ISSUER },
  "an answer of another tenant's server": { mutation: (tenant) => answerOf(otherTenant(tenant)), code: "response_issuer_mismatch" },
  "an answer that names nobody, though the server always does": { mutation: () => NAMED, code: "response_issuer_mismatch", rule: ISSUER },
  "neither code nor error": { mutation: () => answer({}, ["code"]), code: "authorization_code_missing_from_server_response" },
  "a refusal": { mutation: () => answer({ error: "access_denied" }, ["code"]), code: "access_denied", rule: "RFC 6749 4.1.2.1", tells: "access_denied" },
  "an error beside the code": { mutation: () => answer({ error: "access_denied" }), code: "access_denied" },
  "metadata of another issuer": { mutation: () => ({ target: "metadata", set: { issuer: ISSUER_OF_NOBODY } }), code: "openid_config_error", rule: "Discovery 4.3" },
  "metadata without a token endpoint": { mutation: () => ({ target: "metadata", remove: ["token_endpoint"] }), code: "openid_config_error" },
  "metadata without keys": { mutation: () => ({ target: "metadata", remove: ["jwks_uri"] }), code: "openid_config_error" },
  "client_info that can't be read": { mutation: () => token({ client_info: "{}" }), code: "client_info_decoding_error" },
};

/** By name: what is unusual, and nevertheless right. @type {Record<string, Row>} */
export const TAKEN = {
  "an audience as a list": { mutation: ({ clientId }) => claims({ aud: [clientId] }), rule: core(3) },
  "an audience beside ours, which names us as the party that asked": { mutation: ({ clientId }) => claims({ aud: [clientId, CLIENT_ID_OF_NOBODY], azp: clientId }) },
  "a time of sign-in that is no whole number": { mutation: () => claims({ auth_time: now() - 0.5 }) },
  "a time of sign-in that is zero": { mutation: () => claims({ auth_time: 0 }) },
  "a token of last week": { mutation: () => claims({ iat: now() - 7 * DAY_SECONDS }), rule: core(10), isFree: true },
  "a clock that is four minutes ahead": { mutation: () => claims({ iat: now() + 4 * MINUTE_SECONDS, nbf: now() + 4 * MINUTE_SECONDS }) },
  "a token that ended four minutes ago": { mutation: () => claims({ exp: now() - 4 * MINUTE_SECONDS }) },
  // The tenant publishes one key.
  "no name of the key": { mutation: () => ({ target: "idToken", header: { kid: undefined } }), rule: "Core 10.1" },
  "no e-mail, no name": { mutation: () => claims({}, ["email", "name"]) },
  "a token type in another case": { mutation: () => token({ token_type: "bEARER" }), rule: "RFC 6749 5.1" },
  "no lifetime": { mutation: () => token({}, ["expires_in", "ext_expires_in"]), rule: "RFC 6749 5.1" },
  "a lifetime as a text": { mutation: () => token({ expires_in: "3600" }) },
  "no scope": { mutation: () => token({}, ["scope"]) },
  "no refresh token": { mutation: () => token({}, ["refresh_token"]) },
  "an answer that names the server": { mutation: ({ authority }) => [NAMED, answerOf(`${authority}/v2.0`)] },
  "an answer that names the server, though it does not say so": { mutation: ({ authority }) => answerOf(`${authority}/v2.0`) },
  "members that nobody knows": { mutation: () => token({ unheard_of: { by: "anyone" } }) },
  "parameters that nobody knows": { mutation: () => answer({ unheard_of: "by anyone" }) },
};

/** By name: what is wrong about the answer to a refresh token. @type {Record<string, Row>} */
export const NOT_CONTINUED = {
  "another subject": { mutation: () => claims({ sub: "another" }), code: "invalid_id_token" },
  "another issuer": { mutation: (tenant) => claims({ iss: otherTenant(tenant) }), code: "invalid_id_token" },
  "another nonce": { mutation: () => claims({ nonce: "another" }), code: "invalid_id_token" },
  "another audience": { mutation: () => claims({ aud: CLIENT_ID_OF_NOBODY }), code: "invalid_id_token" },
  "one audience more": { mutation: ({ clientId }) => claims({ aud: [clientId, CLIENT_ID_OF_NOBODY], azp: clientId }), code: "invalid_id_token" },
  "another party": { mutation: () => claims({ azp: CLIENT_ID_OF_NOBODY }), code: "invalid_id_token" },
  "a token that has ended": { mutation: () => claims({ exp: now() - DAY_SECONDS }), code: "invalid_id_token" },
  "another's signature": { mutation: () => ({ target: "idToken", signature: "foreign" }), code: "id_token_signature_invalid" },
};
