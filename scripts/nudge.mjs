/**
 * The server of wasm-bindgen's test runner answers from a pool of threads. Of connections that a browser opens at once it may put one into a
 * queue that nobody looks at, since it took a thread for idle that has just got another (tiny_http 0.12, `TaskPool::spawn`): the page then waits
 * for one of its modules for minutes. A connection more has the queue looked at.
 */

import { get } from "node:http";
import { createServer } from "node:net";

const HOST = "127.0.0.1";
const MILLISECONDS = 500;

/** A port that nobody has. @returns {Promise<number>} */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

/**
 * Has a program serve at an address, and asks for its page now and then until the program has ended.
 * @template T
 * @param {(address: string) => Promise<T>} serve
 */
export async function nudged(serve) {
  const port = await freePort();
  const timer = setInterval(() => {
    get({ host: HOST, port, agent: false }, (response) => response.resume()).on("error", () => {}); // not there yet
  }, MILLISECONDS);
  try {
    return await serve(`${HOST}:${port}`);
  } finally {
    clearInterval(timer);
  }
}
