import { counted, dayText, element } from "./dom.js";

/** @param {any} answer  The messages of one mailbox, as Graph lists them. */
export function mail(answer) {
  const messages = answer.value ?? [];
  const unread = messages.filter((message) => !message.isRead).length;
  const nodes = messages.length
    ? [element("ul", { class: "rows" }, ...messages.map(row))]
    : [element("p", { class: "panel-empty" }, "No messages.")];
  return { nodes, summary: `Mail: ${counted(messages.length, "message", "messages")}, ${unread} unread.` };
}

function row(message) {
  const sender = message.from?.emailAddress ?? {};
  return element("li", { class: message.isRead ? "row" : "row row-unread" },
    element("p", { class: "row-top" },
      element("span", { class: "row-name" }, String(sender.name ?? sender.address ?? "")),
      element("span", { class: "row-side" }, dayText(message.receivedDateTime))),
    element("p", { class: "row-title" },
      ...(message.isRead ? [] : [element("span", { class: "unseen" }, "Unread: ")]),
      String(message.subject ?? "")),
    element("p", { class: "row-text" }, String(message.bodyPreview ?? "")));
}
