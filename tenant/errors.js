/** What an error of the tenant or of the engine is in the platform's words: as JSON, in a redirect, on a page. */
import { errors } from "oidc-provider";
import { ERRORS } from "./errors-table.js";

/** @typedef {import("./errors-table.js").ErrorRow} ErrorRow */

/** A refusal that the tenant itself decides on, thrown through the engine. */
export class AadstsError extends errors.OIDCProviderError {
  /**
   * @param {number} code a key of ERRORS
   * @param {string} [detail] what exactly: added to the text of the row
   * @param {string} [claims] what the client has to ask for, to get on
   */
  constructor(code, detail, claims) {
    super(ERRORS[code].status ?? 400, ERRORS[code].error);
    this.code = code;
    this.claims = claims;
    this.error_description = detail ? `${ERRORS[code].text} ${detail}` : ERRORS[code].text;
  }
}

/** The error that a fault wants of this request, see faults.js. */
export function injectedError({ req: { injected } }) {
  return injected && new AadstsError(injected.code, undefined, injected.claims);
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

/**
 * A page or policy of the tenant tells the engine a number as the description. The engine raises many kinds of bad request that
 * have no number of their own: they keep their OAuth error as 90023.
 */
function codeFor(err) {
  if (!err.expose) return 90033;
  if (Object.hasOwn(ERRORS, err.error_description)) return Number(err.error_description);
  const told = `${err.error_description ?? ""} ${err.error_detail ?? ""}`;
  const known = Object.keys(ERRORS).find((code) => {
    const [error, pattern] = ERRORS[code].engine ?? [];
    return pattern?.test(told) && new RegExp(`^(?:${error})$`).test(err.message);
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
    error_description: [`AADSTS${code}: ${text}`, ...(row.untraced ? [] : traceLines(request))].join(" "),
    error_codes: [code],
    timestamp,
    ...(row.untraced ? {} : { trace_id: request.traceId, correlation_id: request.correlationId }),
    error_uri: errorUri(request, code),
    ...(row.suberror ? { suberror: row.suberror } : {}),
    ...(err.claims === undefined ? {} : { claims: err.claims }),
  };
  return { status, body };
}

/**
 * The parameters of an error response of the authorization endpoint; arguments as for `errorBody`.
 * @param {{ isSilent: boolean }} options whether the request has prompt=none
 */
export function errorParameters(err, request, { isSilent }) {
  const { code, row, error, text } = describeError(err);
  return {
    error: (isSilent && row.silent) || row.authorize || error,
    error_description: [`AADSTS${code}: ${text}`, ...traceLines(request)].join("\r\n"),
    error_uri: errorUri(request, code),
    ...(row.subcode ? { error_subcode: row.subcode } : {}),
    ...(err.claims === undefined ? {} : { claims: err.claims }),
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
