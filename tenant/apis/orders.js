/** The company's own API: the orders of the user, and of everyone. */

/** @type {import("./api.js").ApiRoutes} */
export const ordersRoutes = {
  routes: {
    "GET /orders": { permission: "Orders.Read", answer: ({ user }) => ({ body: { orders: user.orders } }) },
    "GET /orders/all": { permission: "Orders.Manage", answer: allOrders },
    "POST /orders": { permission: "Orders.Write", answer: placeOrder },
    // Not to be taken back: the user has to be there, and show it.
    "DELETE /orders/{id}": { permission: "Orders.Write", context: "c1", answer: cancelOrder },
  },
  errorBody: (code, message) => ({ error: code, message }),
};

/** The app needs the permission, and the user the right. */
function allOrders({ user, members }) {
  if (!user.isAdmin) return { status: 403, body: ordersRoutes.errorBody("accessDenied", `${user.username} may not see the orders of others.`) };
  return { body: { orders: members.flatMap(({ user: { username, orders } }) => orders.map((order) => ({ ...order, orderedBy: username }))) } };
}

function cancelOrder({ user, parameters: { id } }) {
  const index = user.orders.findIndex((order) => order.id === id);
  if (index < 0) return { status: 404, body: ordersRoutes.errorBody("notFound", `There is no order ${id}.`) };
  user.orders.splice(index, 1);
  return { status: 204 };
}

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
