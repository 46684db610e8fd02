import { isKeptBack, whyOf } from "../watch/fields.js";
import { clockText, counted, element, find } from "./dom.js";
import { onPress } from "./step.js";

/** @typedef {import("../watch/timeline.js").Entry} Entry */

const words = { page: "page", leave: "page leaves", return: "came back", request: "request", kept: "kept", event: "event" };

/** Shows a timeline: entries go to the end, and change where they are. @param {import("../watch/timeline.js").Timeline} timeline */
export function showTimeline(timeline) {
  const list = find("#timeline");
  /** @type {Map<number, HTMLElement>} */
  const nodes = new Map();
  const clear = find("#timeline-clear");
  onPress(clear, async () => timeline.clear());
  timeline.watch((entry) => {
    clear.hidden = !entry;
    find("#timeline-empty").hidden = Boolean(entry);
    if (!entry) {
      nodes.clear();
      list.replaceChildren();
      return find("#timeline-title").focus();
    }
    keepEnd(() => put(list, nodes, entry));
  });
}

function put(list, nodes, entry) {
  const shown = nodes.get(entry.id);
  const isOpen = shown?.querySelector("details")?.open ?? isTelling(entry);
  const node = nodeOf(entry, isOpen);
  if (shown) shown.replaceWith(node);
  else list.append(node);
  nodes.set(entry.id, node);
}

/** What came of the last question, from where the page left for it; else all since the page was loaded. */
export function showLastLeg() {
  const panel = find("#panel-timeline");
  const starts = [...panel.querySelectorAll(".entry-leave, .entry-page")];
  const at = starts.findLastIndex((node) => node.classList.contains("entry-page"));
  const first = starts[at - 1]?.classList.contains("entry-leave") ? starts[at - 1] : starts[at];
  if (first) panel.scrollTop += first.getBoundingClientRect().top - panel.getBoundingClientRect().top - 16;
}

/** Who looks at the end of the panel goes on seeing it. @param {() => void} change */
function keepEnd(change) {
  const panel = find("#panel-timeline");
  const isAtEnd = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 48;
  change();
  if (isAtEnd) panel.scrollTop = panel.scrollHeight;
}

/** What OAuth is about is open at once. @param {Entry} entry */
const isTelling = ({ kind, title }) => kind === "leave" || kind === "return" || (kind === "request" && title.startsWith("POST"));

/** @param {Entry} entry @param {boolean} isOpen */
function nodeOf(entry, isOpen) {
  const { at, kind, title, status, rows = [] } = entry;
  const node = element("li", { class: `entry entry-${kind in words ? kind : "event"}`, "data-testid": `entry-${kind}` },
    element("p", { class: "entry-top" },
      element("span", { class: "entry-kind" }, words[kind] ?? "event"), " ",
      element("time", { datetime: new Date(at).toISOString() }, clockText(new Date(at)))),
    element("p", { class: "entry-title" }, ...titleParts(kind, title), ...(status ? [" ", element("strong", { class: "entry-status" }, status)] : [])));
  if (rows.length > 0) node.append(element("ul", { class: "entry-rows" }, ...rows.map((row) => element("li", {}, row))));
  if (kind === "event") node.append(...toldParts(entry));
  if (kind === "event") return node;
  const parts = [partOf("Sent", entry.sent), partOf("Came back", entry.answer)].filter((part) => part !== null);
  if (parts.length > 0) node.append(detailsOf(entry, parts, isOpen));
  return node;
}

/** What an event says is short. @param {Entry} entry */
function toldParts({ answer }) {
  const fields = answer?.fields ?? [];
  if (fields.length === 0) return [];
  return [element("p", { class: "entry-rows" }, fields.map(([name, value]) => `${name}: ${value}`).join("; "))];
}

/** An address goes on in the next line where it has to. */
const titleParts = (kind, title) => (kind === "page" || kind === "kept" || kind === "return" ? [title] : [element("code", {}, title)]);

function detailsOf({ sent, answer }, parts, isOpen) {
  const names = [[sent, "sent"], [answer, "back"]].flatMap(([part, word]) => (part?.fields.length ? [`${counted(part.fields.length, "field", "fields")} ${word}`] : []));
  return element("details", isOpen ? { open: "" } : {}, element("summary", {}, names.join(", ") || "fields that this page does not know"), ...parts);
}

/** @param {string} title @param {Entry["sent"]} part */
function partOf(title, part) {
  if (!part || (part.fields.length === 0 && part.others === 0)) return null;
  const others = part.others > 0 ? [element("p", { class: "field-why" }, `And ${counted(part.others, "field", "fields")} that this page does not know, and so does not show.`)] : [];
  return element("div", {},
    element("p", { class: "field-side" }, title),
    element("dl", { class: "fields" }, ...part.fields.map(fieldOf)),
    ...others);
}

function fieldOf([name, value]) {
  return element("div", {},
    element("dt", {}, element("code", {}, name)),
    element("dd", {},
      isKeptBack(name) ? element("em", {}, "not shown") : element("span", { class: "field-value" }, value),
      element("span", { class: "field-why" }, whyOf(name))));
}
