import { run } from "./app.js";

onmessage = ({ data, ports: [port] }) => run(data, "memoryStorage").then((outcome) => port.postMessage(outcome));
