import { counted, element } from "./dom.js";

/** @param {any} answer  The answer of `/orders`, or of `/orders/all`, which names who ordered. */
export function orders(answer) {
  const list = answer.orders ?? [];
  const nodes = list.length
    ? [element("ul", { class: "rows" }, ...list.map(row))]
    : [element("p", { class: "panel-empty" }, "No orders.")];
  return { nodes, summary: `Orders: ${counted(list.length, "order", "orders")}.` };
}

function row(order) {
  return element("li", { class: "row" },
    element("p", { class: "row-top" },
      element("span", { class: "row-name" }, String(order.item ?? "")),
      element("span", { class: "row-amount" }, counted(Number(order.quantity), "piece", "pieces"))),
    element("p", { class: "row-text" }, [order.id, order.status, order.orderedBy].filter(Boolean).join(", ")));
}
