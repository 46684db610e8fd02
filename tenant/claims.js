/**
 * The parameter `claims` of a request: what the client wants its access token to say, or was told to want by an API's challenge.
 *
 * @typedef {object} ClaimsRequest
 * @property {string[]} capabilities `xms_cc`, in lower case: `cp1` is "answers claims challenges"
 * @property {string[]} contexts `acrs`: authentication contexts, `c1` to `c99`
 */
import { AadstsError } from "./errors.js";

const NONE = { capabilities: [], contexts: [] };

/**
 * @param {string | undefined} text JSON
 * @returns {ClaimsRequest}
 */
export function parseClaims(text) {
  if (text === undefined || text === "") return NONE;
  const { access_token: wanted } = parseObject(text);
  if (wanted === undefined) return NONE;
  return {
    capabilities: valuesOf(wanted?.xms_cc).map((value) => value.toLowerCase()),
    contexts: valuesOf(wanted?.acrs),
  };
}

function parseObject(text) {
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
  } catch {
    // Told below, as for any other text that is no object.
  }
  throw new AadstsError(90023, "Name: 'claims'. It is a JSON object.");
}

/** A claim is asked for by `value` or by `values`. */
function valuesOf(claim) {
  return [claim?.value, claim?.values].flat().filter((value) => typeof value === "string");
}

/** What a response tells the client to ask for next. */
export function claimsText(accessTokenClaims) {
  return JSON.stringify({ access_token: accessTokenClaims });
}
