/** What browsers do to a server of another site, where a local one is of the same site and would not see it. */

/** Browsers send no cookies to a frame, and keep none of it. The server of a local tenant cannot be of another site than the app. */
export function thirdPartyCookies({ settings }) {
  return async (ctx, next) => {
    const isFramed = ["iframe", "frame"].includes(ctx.get("Sec-Fetch-Dest"));
    if (settings.current.thirdPartyCookies || !isFramed) return next();
    delete ctx.req.headers.cookie;
    await next();
    ctx.remove("Set-Cookie");
  };
}

/** A page with this header has no opener, see pages/html.js. */
export function openerPolicy({ settings }) {
  return (ctx, next) => {
    ctx.state.openerPolicy = settings.current.openerPolicy;
    return next();
  };
}
