/**
 * An element with attributes and children. Text goes in as text, never as markup.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * The element that index.html promises.
 * @param {string} selector
 * @param {ParentNode} within
 * @returns {HTMLElement}
 */
export function find(selector, within = document) {
  const node = within.querySelector(selector);
  if (!node) throw new Error(`index.html has no ${selector}`);
  return /** @type {HTMLElement} */ (node);
}

/** The two halves of a scope, told apart by weight. */
export function scopeText(resource, permission) {
  return element("code", { class: "scope" },
    element("span", { class: "scope-resource" }, `${resource}/`),
    element("wbr"),
    element("span", { class: "scope-permission" }, permission));
}

/** A sentence of a text in which names stand between backticks. @param {string} text */
export const sentence = (text) => element("p", { class: "sentence" },
  ...`${text[0]?.toUpperCase()}${text.slice(1)}.`.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part)));

const lang = document.documentElement.lang;
const dayOf = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short" });
const minuteOf = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clockOf = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** @param {string} text  A date as an API sends it: perhaps none at all. */
export function dayText(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return "";
  return element("time", { datetime: date.toISOString() }, dayOf.format(date));
}

/** A day and a time of it. @param {Date} date */
export const momentText = (date) => element("time", { datetime: date.toISOString() }, `${dayOf.format(date)}, ${minuteOf.format(date)}`);

/** @param {Date} date */
export const clockText = (date) => clockOf.format(date);

/** @param {number} count @param {string} one @param {string} many */
export const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;
