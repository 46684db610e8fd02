import wasm from "consentry/consentry.wasm"; // its address, by the loader `file`
import { run, show } from "./app.js";

async function inServiceWorker() {
  navigator.serviceWorker.register("/service-worker.js");
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  active.postMessage(new URL(wasm, import.meta.url).href, [port2]);
  return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
}

show(run(new URL(wasm, import.meta.url)));
show(inServiceWorker(), "serviceWorker");
