/**
 * Every refusal of the tenant. An error is a row: its number, the OAuth error at the token endpoint, where the
 * authorization endpoint says something else (`authorize`), HTTP status, `suberror`, and which error of the engine it stands for
 * (`engine`: the OAuth error and a pattern in its description).
 */
import { errors } from "oidc-provider";

/**
 * @typedef {object} ErrorRow
 * @property {string} error
 * @property {string} text
 * @property {string} [authorize]
 * @property {number} [status] default 400
 * @property {string} [suberror] token endpoint only
 * @property {string} [subcode] `error_subcode`, authorization endpoint only
 * @property {[string, RegExp]} [engine]
 */

/** @type {Record<number, ErrorRow>} */
export const ERRORS = {
  28000: { error: "invalid_request", text: "The scope names more than one resource; a token is for one resource only." },
  50011: {
    error: "invalid_request", text: "The redirect URI of the request is not registered for the application.",
    engine: ["invalid_redirect_uri", /./],
  },
  50058: {
    error: "login_required", text: "A silent request was sent, but no user is signed in who could answer it.",
    engine: ["login_required", /./],
  },
  54005: {
    error: "invalid_grant", text: "The authorization code was redeemed before. Ask for a new one.",
    engine: ["invalid_grant", /already consumed/],
  },
  65001: {
    error: "invalid_grant", authorize: "interaction_required", suberror: "consent_required",
    text: "Neither the user nor an administrator has consented to what the application asks for.",
    engine: ["consent_required", /./],
  },
  65004: {
    error: "access_denied", subcode: "cancel", text: "The user declined to consent.",
    engine: ["access_denied", /declined|no scope was granted/],
  },
  70000: {
    error: "invalid_grant", text: "The code or refresh token is malformed, unknown, or was issued to another client.",
    engine: ["invalid_grant", /not found|client mismatch|accountId mismatch/],
  },
  70003: { error: "unsupported_grant_type", text: "The grant type is not supported.", engine: ["unsupported_grant_type", /./] },
  70008: { error: "invalid_grant", text: "The authorization code has expired.", engine: ["invalid_grant", /code is expired/] },
  70011: { error: "invalid_scope", text: "The scope of the request is not valid.", engine: ["invalid_scope", /./] },
  90002: { error: "invalid_request", text: "The tenant does not exist." },
  90009: { error: "invalid_request", text: "The application asks for a token for itself: name the resource by the client id, not by its URI." },
  90023: { error: "invalid_request", text: "The request is not valid." },
  90033: { error: "server_error", text: "The tenant failed to answer.", status: 500 },
  90093: {
    error: "access_denied", text: "Only an administrator can consent for the whole organization.",
    engine: ["access_denied", /not an administrator/],
  },
  90094: {
    error: "access_denied", text: "An administrator has to approve what the application asks for.",
    engine: ["access_denied", /approval/],
  },
  500011: { error: "invalid_resource", text: "The resource does not exist in the tenant." },
  500112: {
    error: "invalid_grant", text: "The redirect URI is not the one that the authorization code was issued to.",
    engine: ["invalid_grant", /redirect_uri mismatch/],
  },
  501481: {
    error: "invalid_grant", text: "The code verifier does not match the code challenge of the authorization request.",
    engine: ["invalid_(grant|request)", /code_verifier/],
  },
  650053: { error: "invalid_client", text: "The application asks for a permission that the resource does not have.", status: 401 },
  650056: { error: "invalid_client", text: "No permissions are registered for the application.", status: 401 },
  650057: { error: "invalid_client", text: "The resource is not among the permissions that are registered for the application.", status: 401 },
  700016: {
    error: "unauthorized_client", text: "The application is not registered in the tenant.",
    engine: ["invalid_client", /./],
  },
  700025: { error: "invalid_client", text: "The client is public; it must not send a secret or an assertion.", status: 401 },
  700054: {
    error: "unsupported_response_type", text: "The response type is not enabled for the application.",
    engine: ["unsupported_response_type", /./],
  },
  700084: {
    error: "invalid_grant", suberror: "bad_token",
    text: "The refresh token was issued to a single-page app: it has a fixed lifetime of 24 hours, which is over.",
    engine: ["invalid_grant", /refresh token is expired/],
  },
  900144: { error: "invalid_request", text: "A required parameter is missing.", engine: ["invalid_request", /missing required (?!.*redirect_uri)|no client authentication/] },
  900561: { error: "invalid_request", text: "The token endpoint answers POST requests only.", status: 405 },
  900971: { error: "invalid_request", text: "The request has no redirect URI.", engine: ["invalid_request", /missing required .*redirect_uri/] },
  901002: { error: "invalid_request", text: "The parameter 'resource' is not supported: name the resource in the scope." },
  7000218: { error: "invalid_client", text: "The redirect URI is of type 'web': the request needs a client secret or assertion.", status: 401 },
  9002325: { error: "invalid_request", text: "A redirect URI of type 'spa' requires Proof Key for Code Exchange (code_challenge)." },
  9002326: {
    error: "invalid_request", text: "A token can be redeemed from a browser only at the origin of a redirect URI of type 'spa'.",
    engine: ["invalid_request", /^origin .* not allowed/],
  },
  9002327: { error: "invalid_request", text: "A code or refresh token of a redirect URI of type 'spa' can be redeemed only from a browser (Origin)." },
};

/** A refusal that the tenant itself decides on, thrown through the engine. */
export class AadstsError extends errors.OIDCProviderError {
  /**
   * @param {number} code a key of ERRORS
   * @param {string} [detail] what exactly: added to the text of the row
   */
  constructor(code, detail) {
    super(ERRORS[code].status ?? 400, ERRORS[code].error);
    this.code = code;
    this.error_description = detail ? `${ERRORS[code].text} ${detail}` : ERRORS[code].text;
  }
}

/**
 * An error of the engine or of the tenant, in the tenant's words.
 * @returns {{ code: number, row: ErrorRow, error: string, text: string, status: number }}
 */
export function describeError(err) {
  const code = err.code in ERRORS ? err.code : codeFor(err);
  const row = ERRORS[code];
  return {
    code,
    row,
    error: code === 90023 ? err.message : row.error,
    text: err instanceof AadstsError ? err.error_description : row.text,
    status: row.status ?? 400,
  };
}

/** The engine raises many kinds of bad request that have no number of their own: they keep their OAuth error as 90023. */
function codeFor(err) {
  if (!err.expose) return 90033;
  const told = `${err.error_description ?? ""} ${err.error_detail ?? ""}`;
  const known = Object.keys(ERRORS).find((code) => {
    const [error, pattern] = ERRORS[code].engine ?? [];
    return pattern?.test(told) && new RegExp(`^${error}$`).test(err.message);
  });
  return Number(known ?? 90023);
}

/**
 * The JSON body of an error at the token endpoint, and its HTTP status.
 * @param {Error} err
 * @param {{ traceId: string, correlationId: string, milliseconds: number, origin: string }} request
 */
export function errorBody(err, request) {
  const { code, row, error, text, status } = describeError(err);
  const timestamp = timestampOf(request);
  const body = {
    error,
    error_description: [`AADSTS${code}: ${text}`, ...traceLines(request)].join(" "),
    error_codes: [code],
    timestamp,
    trace_id: request.traceId,
    correlation_id: request.correlationId,
    error_uri: errorUri(request, code),
    ...(row.suberror ? { suberror: row.suberror } : {}),
  };
  return { status, body };
}

/** The parameters of an error response of the authorization endpoint; arguments as for `errorBody`. */
export function errorParameters(err, request) {
  const { code, row, error, text } = describeError(err);
  return {
    error: row.authorize ?? error,
    error_description: [`AADSTS${code}: ${text}`, ...traceLines(request)].join("\r\n"),
    error_uri: errorUri(request, code),
    ...(row.subcode ? { error_subcode: row.subcode } : {}),
  };
}

export function timestampOf({ milliseconds }) {
  return new Date(milliseconds).toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");
}

function traceLines(request) {
  return [`Trace ID: ${request.traceId}`, `Correlation ID: ${request.correlationId}`, `Timestamp: ${timestampOf(request)}`];
}

function errorUri({ origin }, code) {
  return `${origin}/error?code=${code}`;
}
