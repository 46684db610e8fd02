/** An API did not answer, or refused. */
export class ApiError extends Error {
  name = "ApiError";

  /**
   * @param {string} code
   * @param {string} message
   * @param {import("consentry").ApiExplanation | null} [answer]  What came of the call; `null` when there was no answer.
   */
  constructor(code, message, answer = null) {
    super(message);
    this.errorCode = code;
    this.errorMessage = message;
    this.answer = answer;
  }
}

/**
 * What an API says; `null` when the page is leaving for something that it demands.
 * @param {typeof import("./auth.js")} auth
 * @param {Promise<Response | null>} call
 */
export async function read(auth, call) {
  const response = await call.catch((error) => {
    throw error instanceof TypeError ? new ApiError("no_answer", "No answer from the API.") : error;
  });
  if (!response) return null;
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  // Graph nests what others put side by side.
  const { code, message } = typeof body.error === "object" ? body.error : { code: body.error, message: body.message };
  throw new ApiError(code ?? `http_${response.status}`, message ?? `${new URL(response.url).origin} refused.`, auth.explainAnswer(response));
}
