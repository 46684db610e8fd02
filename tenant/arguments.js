/** What the arguments of the control functions look like. A wrong one is refused by its name, before anything changes. */
import { validateHeaderName, validateHeaderValue } from "node:http";

/** No date further off than that can be told. */
const CENTURY_SECONDS = 100 * 366 * 24 * 60 * 60;

const isText = (value) => typeof value === "string";
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const whole = (from, to, what) => [(value) => Number.isSafeInteger(value) && value >= from && value <= to, what];
const numberOf = (from, to, what) => [(value) => typeof value === "number" && value >= from && value <= to, what];

/** A kind of argument: which values it has, and what they are. */
const TEXT = [isText, "a text"];
const TEXTS = [(value) => Array.isArray(value) && value.every(isText), "an array of texts"];
const BOOLEAN = [(value) => typeof value === "boolean", "true or false"];
const OBJECT = [isObject, "an object"];
const COUNT = whole(0, Number.MAX_SAFE_INTEGER, "a whole number");
const TIMES = whole(1, Number.MAX_SAFE_INTEGER, "a whole number from 1 on");
const STATUS = whole(200, 599, "an HTTP status from 200 to 599");
const MILLISECONDS = numberOf(0, 600_000, "a number of milliseconds, ten minutes at most");
const SECONDS = numberOf(0, CENTURY_SECONDS, "a number of seconds");
const DISTANCE = numberOf(-CENTURY_SECONDS, CENTURY_SECONDS, "a number of seconds, a century at most");
const DROP = [(value) => ["before", "after"].includes(value), "\"before\" or \"after\""];
const CONTENT_TYPE = [(value) => isHeader(["Content-Type", value]), "the value of a header"];
const HEADERS = [(value) => isObject(value) && Object.entries(value).every(isHeader), "an object of header names and values"];

/** By argument its kind, or as an object the kinds of its members. */
const SHAPES = {
  user: TEXT, resource: TEXT, seconds: DISTANCE, settings: OBJECT, password: TEXT, isDisabled: BOOLEAN,
  consent: { clientId: TEXT, resource: TEXT, permissions: TEXTS, user: TEXT, tenant: TEXT },
  options: { retire: BOOLEAN },
  fault: {
    endpoint: TEXT, status: STATUS, code: COUNT, claims: TEXT, body: TEXT, contentType: CONTENT_TYPE, headers: HEADERS,
    delayMilliseconds: MILLISECONDS, drop: DROP, truncate: BOOLEAN, cors: BOOLEAN, skip: COUNT, times: TIMES,
  },
  mutation: { target: TEXT, set: OBJECT, remove: TEXTS, header: OBJECT, signature: TEXT, times: TIMES },
};
/** By function: what its argument `rule` may say. */
const RULES = { requireMfa: { resource: TEXT, maxAgeSeconds: SECONDS }, block: { resource: TEXT }, limitSignIn: { resource: TEXT, seconds: SECONDS } };
/** Everything else may be left out. */
const NEEDED = new Set([
  "seconds", "settings", "password", "consent.clientId", "consent.resource", "consent.permissions", "fault.endpoint", "mutation.target", "rule.seconds",
]);

/**
 * @param {string} action the name of the control function
 * @param {string[]} parameters the names of its arguments
 * @param {unknown[]} values
 */
export function checkArguments(action, parameters, values) {
  parameters.forEach((name, index) => check(name, name === "rule" ? RULES[action] : SHAPES[name], values[index]));
}

function check(name, kind, value) {
  if (!Array.isArray(kind)) return checkMembers(name, kind, value ?? {});
  if (value === undefined ? NEEDED.has(name) : !kind[0](value)) throw new Error(`\`${name}\` is ${kind[1]}.`);
}

function checkMembers(name, kinds, value) {
  if (!isObject(value)) throw new Error(`\`${name}\` is an object.`);
  refuseUnknown(Object.keys(value), Object.keys(kinds), `${name}.`);
  for (const [member, kind] of Object.entries(kinds)) check(`${name}.${member}`, kind, value[member]);
}

/** @param {string} [of] what stands before the names in the message */
export function refuseUnknown(names, known, of = "") {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no \`${of}${unknown}\`. Known: ${known.join(", ") || "none"}.`);
}

function isHeader([name, value]) {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return isText(value);
  } catch {
    return false;
  }
}
