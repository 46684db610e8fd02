/** Where no redirect URI is proved, an error is shown here and goes nowhere else. */
import { ERRORS } from "../errors-table.js";
import { describeError, timestampOf } from "../errors.js";
import { nameOf } from "../segments.js";
import { traceOf } from "../trace.js";
import { html, sendPage } from "./html.js";

/** @param {import("../index.js").TenantContext} tenant */
export function errorPage(tenant, ctx, err) {
  sendPage(ctx, {
    tenantName: nameOf(tenant.directory, ctx.state.segment),
    title: "We can't sign you in",
    status: describeError(err).status,
    content: errorContent(tenant, ctx, err),
  });
}

/** The error, and what an administrator needs to find it. */
export function errorContent(tenant, ctx, err) {
  const { code, text } = describeError(err);
  const trace = traceOf(tenant, ctx);
  return html`<p class="alert" role="alert">AADSTS${code}: ${text}</p>
<dl>
<dt>Trace ID</dt><dd><code>${trace.traceId}</code></dd>
<dt>Correlation ID</dt><dd><code>${trace.correlationId}</code></dd>
<dt>Timestamp</dt><dd><code>${timestampOf(trace)}</code></dd>
</dl>`;
}

/** What `error_uri` points to. */
export function errorReference(tenant) {
  return async (ctx, next) => {
    if (ctx.path !== "/error") return next();
    const { code } = ctx.query;
    ctx.assert(Object.hasOwn(ERRORS, code), 404);
    sendPage(ctx, {
      tenantName: tenant.directory.tenant.displayName,
      title: `AADSTS${code}`,
      content: html`<p>${ERRORS[code].text}</p><p class="muted"><code>${ERRORS[code].error}</code></p>`,
    });
  };
}
