/** What the page of every client does alike. The program that drives it reads `told`, and calls `signIn`. */

/**
 * @typedef {object} App
 * @property {() => Promise<unknown>} handle what the client makes of the page's address
 * @property {() => boolean | Promise<boolean>} isSignedIn
 * @property {() => Promise<unknown>} signIn leaves the page, or fails
 */
/**
 * @typedef {object} Told
 * @property {boolean} isSignedIn
 * @property {string} error the error's code and text, or nothing
 * @property {number} handling milliseconds from the call of `handle` until it settled
 * @property {number} arrival milliseconds from the start of the navigation until then
 */

/** @param {any} error */
export function describe(error) {
  return [error?.errorCode ?? error?.error ?? error?.name, error?.errorMessage ?? error?.error_description ?? error?.message ?? error].filter(Boolean).join(": ");
}

/** @param {() => Promise<App>} start */
export async function run(start) {
  const app = await start();
  let error = "";
  const began = performance.now();
  try {
    await app.handle();
  } catch (caught) {
    error = describe(caught) || "an error without a text";
  }
  const arrival = performance.now();
  /** @type {Told} */
  const told = { isSignedIn: await app.isSignedIn(), error, handling: arrival - began, arrival };
  const signIn = () => {
    document.title = "leaving";
    app.signIn().catch((caught) => {
      told.error = describe(caught);
      told.isSignedIn = false;
      document.title = "ready";
    });
  };
  Object.assign(globalThis, { told, signIn });
  document.title = "ready";
}

/** What the program that drives the page has put there. @returns {any} */
export function settings() {
  return Reflect.get(globalThis, "settings");
}
