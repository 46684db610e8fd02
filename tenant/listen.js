/** HTTP servers on the loopback interface. */
import { createServer } from "node:http";

/**
 * Opens the ports first and answers later: a server's own URL is needed to build what it answers. All ports open, or none.
 * @param {number[]} ports 0: any free port
 */
export async function listen(ports) {
  const opened = await Promise.allSettled(ports.map(open));
  const servers = opened.flatMap(({ value }) => value ?? []);
  const failure = opened.find(({ status }) => status === "rejected");
  if (failure) {
    await Promise.all(servers.map((server) => server.stop()));
    throw failure.reason;
  }
  return servers;
}

async function open(port) {
  let answer = (request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => {
    // Everyone behind this takes the target apart.
    if (URL.canParse(request.url, "http://localhost")) answer(request, response);
    else response.writeHead(400).end();
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${server.address().port}`,
    /** @param {import("node:http").RequestListener} listener */
    answerWith: (listener) => { answer = listener; },
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
