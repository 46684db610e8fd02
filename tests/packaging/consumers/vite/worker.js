import { run } from "./app.js";

run(undefined, "memoryStorage").then((outcome) => postMessage(outcome));
