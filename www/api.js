/** An API did not answer, or refused. */
export class ApiError extends Error {
  name = "ApiError";

  /**
   * @param {string} code
   * @param {string} message
   * @param {Response} [response]  Absent when there was no answer.
   */
  constructor(code, message, response) {
    super(message);
    this.errorCode = code;
    this.errorMessage = message;
    this.status = response?.status ?? 0;
    this.wwwAuthenticate = response?.headers.get("www-authenticate") ?? null;
  }
}

/**
 * Calls an API with the token that was issued for it.
 * @param {string} url
 * @param {string} accessToken
 */
export async function read(url, accessToken) {
  const { origin } = new URL(url);
  const response = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } }).catch(() => {
    throw new ApiError("no_answer", `No answer from ${origin}.`);
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  // Graph nests what others put side by side.
  const { code, message } = typeof body.error === "object" ? body.error : { code: body.error, message: body.message };
  throw new ApiError(code ?? `http_${response.status}`, message ?? `${origin} refused.`, response);
}
