/**
 * Why a call failed, what to do and who has to, in sentences. Nothing here decides anything: the class of an error and its
 * `outcome` do. An entry of its own, so that an app which does not explain does not download it.
 */

import { catalogue, classes, codes, lookup, numbers, outcomes, told } from "./catalogue.js";

export { catalogue };

/** @typedef {import("./explain.js").CatalogueEntry} CatalogueEntry */
/** @typedef {import("./explain.js").Explanation} Explanation */

// Maps, because a code can be `constructor` or `__proto__`.
const BY_NUMBER = new Map(numbers.map((entry) => [entry.number, entry]));
const BY_CODE = new Map(codes.map((entry) => [keyOf(entry.code, entry.causedBy), entry]));
const BY_OUTCOME = new Map(outcomes.map((entry) => [entry.outcome, entry]));
/** @type {Map<string, CatalogueEntry>} */
const BY_CLASS = new Map(classes.map((entry) => [entry.class, entry]));
const UNKNOWN = /** @type {CatalogueEntry} */ (BY_CLASS.get("Error"));

/** What can be a code or the name of a class, an id, a point in time. */
const NAME = /^[\w.:/-]{1,80}$/;
const ID = /^[\w.:-]{1,64}$/;
const TIME = /^[\dTZ .:+-]{1,40}$/;
/** A message that begins with a name, as the core writes it. */
const NAMES_A_FIELD = /^(?:claim )?`[^`]{1,80}` /;
/** As much of a message as is looked at, and shown. */
const MOST = 4000;
const SHOWN = 400;

/** @param {string} code @param {string} [causedBy] */
function keyOf(code, causedBy) {
  return causedBy ? `${code} ${causedBy}` : code;
}

/** A property of whatever was thrown. @param {unknown} thing @param {string} name @returns {unknown} */
function look(thing, name) {
  try {
    return /** @type {any} */ (thing)[name];
  } catch {
    return undefined; // no object, or a getter that throws
  }
}

/** A text that has the form; nothing where it is another, or there is none. @param {unknown} text @param {RegExp} form */
const text = (text, form) => (typeof text === "string" && form.test(text) ? text : "");

/** @param {unknown} error */
function factsOf(error) {
  const message = look(error, "errorMessage");
  const said = typeof message === "string" ? message.slice(0, MOST) : "";
  /** What the platform writes into its text. @param {RegExp} pattern @param {RegExp} form */
  const found = (pattern, form) => text(pattern.exec(said)?.[1], form);
  const remedy = look(error, "remedy");
  const errorNo = look(error, "errorNo");
  return {
    said,
    code: text(look(error, "errorCode"), NAME),
    name: text(look(error, "name"), NAME),
    number: text(typeof errorNo === "number" ? String(errorNo) : errorNo, /^\d{4,9}$/) || found(/\bAADSTS(\d{4,9})\b/, NAME),
    subError: text(look(error, "subError"), NAME),
    outcome: text(look(error, "outcome"), NAME),
    causedBy: text(look(look(error, "cause"), "name"), NAME),
    remedy: typeof remedy === "string" ? remedy.slice(0, SHOWN) : "",
    hasClaims: text(look(error, "claims"), /./) !== "",
    correlationId:
      text(look(error, "serverCorrelationId"), ID) || text(look(error, "correlationId"), ID) || found(/\bCorrelation ID: ?([\w-]{8,64})/i, ID),
    traceId: text(look(error, "traceId"), ID) || found(/\bTrace ID: ?([\w-]{8,64})/i, ID),
    timestamp: text(look(error, "timestamp"), TIME) || found(/\bTimestamp: ?(\d[\dT:.-]*(?: [\d:.]+)?Z?)/i, TIME),
  };
}

/** @typedef {ReturnType<typeof factsOf>} Facts */

/** Whether what a number means fits what the core made of the refusal. @param {CatalogueEntry} entry @param {string} outcome */
function fits(entry, outcome) {
  if (outcome === "blocked") return entry.topic === "policy";
  if (outcome === "misconfigured") return entry.topic === "registration" || entry.topic === "request";
  const meant = BY_OUTCOME.get(outcome);
  return !meant || meant.class === entry.class;
}

/** The entry that says most about it. @param {Facts} facts @returns {CatalogueEntry} */
function entryFor({ number, outcome, subError, code, causedBy, name }) {
  const byNumber = BY_NUMBER.get(number);
  if (byNumber && fits(byNumber, outcome)) return byNumber;
  const byCode = BY_CODE.get(keyOf(code, causedBy)) ?? BY_CODE.get(code);
  const byOutcome = BY_OUTCOME.get(outcome);
  if (byOutcome) return (outcome === "misconfigured" && byCode) || byOutcome;
  return BY_CODE.get(subError) ?? byCode ?? BY_CLASS.get(name) ?? (code ? BY_CLASS.get("AuthError") : undefined) ?? UNKNOWN;
}

/** The class to catch. An error's `name` is the class that MSAL has for it, its `outcome` tells the narrower one. @param {Facts} facts @param {CatalogueEntry} entry */
function classOf({ name, outcome, code }, entry) {
  const narrower = BY_OUTCOME.get(outcome)?.class;
  const base = narrower === "ConsentRequiredError" ? "InteractionRequiredAuthError" : "ServerError";
  if (narrower && (name === base || !BY_CLASS.has(name))) return narrower;
  const isTelling = name !== "Error" && BY_CLASS.has(name);
  return isTelling || (!code && name) ? name : entry.class;
}

/** The two sentences: what the error itself says comes first, where the catalogue does not say that and more. @param {Facts} facts @param {CatalogueEntry} entry */
function sentences({ said, code, remedy: own }, entry) {
  const isKnown = catalogue.some(({ remedy }) => remedy.includes(own));
  const texts = { cause: entry.cause, remedy: isKnown ? entry.remedy : own };
  const better = entry.code === code && told.get(code);
  if (better && NAMES_A_FIELD.test(said)) texts[better] = said.slice(0, SHOWN);
  return texts;
}

/** @param {unknown} error @returns {Explanation} */
export function explain(error) {
  const facts = factsOf(error);
  const { code, number, hasClaims, correlationId, traceId, timestamp } = facts;
  const entry = entryFor(facts);
  const documentation = entry.documentation ?? (number ? lookup(number) : undefined);
  const name = classOf(facts, entry);
  return Object.freeze({
    code: code || "unknown_error",
    ...(number && { number }),
    class: name,
    topic: entry.topic,
    ...sentences(facts, entry),
    who: entry.who,
    // Claims are what the server wants of the user: they are asked for once, whatever else is said.
    again: hasClaims && name === "InteractionRequiredAuthError" ? "interactive" : entry.again,
    ...(documentation && { documentation }),
    ...(correlationId && { correlationId }),
    ...(traceId && { traceId }),
    ...(timestamp && { timestamp }),
  });
}
