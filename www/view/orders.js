import { counted, element } from "./dom.js";
import { onPress, quietButton } from "./step.js";

/**
 * @param {any} answer  The answer of `/orders`, or of `/orders/all`, which names who ordered.
 * @param {(id: string, button: HTMLElement) => unknown} [cancel]
 */
export function orders(answer, cancel) {
  const list = answer.orders ?? [];
  const nodes = list.length
    ? [element("ul", { class: "rows" }, ...list.map((order) => row(order, cancel)))]
    : [element("p", { class: "panel-empty" }, "No orders.")];
  return { nodes, summary: `Orders: ${counted(list.length, "order", "orders")}.` };
}

function row(order, cancel) {
  const actions = cancel ? [cancelButton(String(order.id), cancel)] : [];
  return element("li", { class: "row" },
    element("p", { class: "row-top" },
      element("span", { class: "row-name" }, String(order.item ?? "")),
      element("span", { class: "row-amount" }, counted(Number(order.quantity), "piece", "pieces"))),
    element("p", { class: "row-text" }, [order.id, order.status, order.orderedBy].filter(Boolean).join(", ")),
    ...actions);
}

function cancelButton(id, cancel) {
  const button = quietButton("Cancel", { "data-testid": `cancel-${id}` });
  button.append(element("span", { class: "unseen" }, `order ${id}`));
  onPress(button, async () => cancel(id, button));
  return button;
}
