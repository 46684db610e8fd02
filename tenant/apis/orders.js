/** The company's own API: the orders of the user. */

/** @type {import("./api.js").ApiRoutes} */
export const ordersRoutes = {
  routes: {
    "GET /orders": { permission: "Orders.Read", answer: ({ user }) => ({ body: { orders: user.orders } }) },
    "POST /orders": { permission: "Orders.Write", answer: placeOrder },
  },
  errorBody: (code, message) => ({ error: code, message }),
};

function placeOrder({ user, body }) {
  const { item, quantity } = body ?? {};
  if (typeof item !== "string" || item === "" || !Number.isSafeInteger(quantity) || quantity < 1) {
    return { status: 400, body: ordersRoutes.errorBody("badRequest", "An order has an item (text) and a quantity (1 or more).") };
  }
  const highest = Math.max(1000, ...user.orders.map(({ id }) => Number(id)));
  const order = { id: String(highest + 1), item, quantity, status: "open" };
  user.orders.push(order);
  return { status: 201, body: order };
}
