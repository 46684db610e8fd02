/** An API did not answer, or refused. */
export class ApiError extends Error {
  name = "ApiError";

  /**
   * @param {number} status  The HTTP status; 0 when there was no answer.
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.errorCode = code;
    this.errorMessage = message;
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
    throw new ApiError(0, "no_answer", `No answer from ${origin}.`);
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  // Graph nests what others put side by side.
  const { code, message } = typeof body.error === "object" ? body.error : { code: body.error, message: body.message };
  throw new ApiError(response.status, code ?? `http_${response.status}`, message ?? `${origin} refused.`);
}
