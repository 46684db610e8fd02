/** MSAL.js takes an authority with https only, and metadata only where its issuer has the same origin; the tenant is on plain HTTP. */

/** The requests to the server's https origin go to the server, which then calls itself by that origin too. @param {string} origin */
export function standInForTls(origin) {
  const secure = origin.replace(/^http:/, "https:");
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = String(input);
    if (!url.startsWith(secure)) return send(input, init);
    const response = await send(url.replace(secure, origin), init);
    if (!response.ok || !url.includes("/.well-known/")) return response;
    const metadata = await response.json();
    return Response.json({ ...metadata, issuer: metadata.issuer.replace(origin, secure) });
  };
}
