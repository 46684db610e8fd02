/** The parameters of requests that the tenant reads itself, before the engine or in place of it. */
const LIMIT_BYTES = 64 * 1024;

/** @returns {Promise<Record<string, string | undefined>>} of the form body or the query; of a repeated parameter, the last */
export async function readParameters(ctx) {
  return Object.fromEntries(new URLSearchParams(ctx.method === "POST" ? await readText(ctx.req) : ctx.querystring));
}

/** @param {import("node:http").IncomingMessage} request */
export async function readText(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LIMIT_BYTES) throw Object.assign(new Error("The request body is too large."), { status: 413, expose: true });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Makes the rest of the tenant read the request's body as this form. @param {Record<string, string | string[] | undefined>} parameters */
export function replaceForm(ctx, parameters) {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [value].flat().map((one) => [name, one])));
  const body = Buffer.from(String(new URLSearchParams(pairs)));
  ctx.req.headers["content-length"] = String(body.length);
  // The engine asks the request for these two, and for nothing else.
  Object.defineProperties(ctx.req, { readable: { value: true }, iterator: { value: () => [body] } });
}
