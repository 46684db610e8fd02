import { explain, loadReasons } from "./explain.js";
import { Story } from "./story.js";
import { stop } from "./view/page.js";
import { showSource } from "./view/source.js";
import { noticeOf } from "./view/step.js";

const cannotLoad = {
  title: "The authorization core could not be loaded.",
  advice: "Nothing was signed in or changed. Check the connection, and that the browser allows WebAssembly. Then load the page again.",
  retry: "Load again",
};

/** All that has to come over the network before the page can do anything; `null` when it did not come. */
async function load() {
  try {
    const authUrl = new URL("./auth.js", import.meta.url);
    const [auth, config, turnTo] = await Promise.all([import(authUrl.href), import("/config.js"), showSource(authUrl), loadReasons()]);
    await auth.initialize();
    return new Story(auth, config.default, turnTo);
  } catch (error) {
    const explanation = explain(error);
    const isSetup = error instanceof Error && error.name === "ClientConfigurationError";
    stop(noticeOf(isSetup ? explanation : { ...explanation, ...cannotLoad }, async () => location.reload()));
    return null;
  }
}

// The Back button can bring the page back as it was when it left: busy.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

const story = await load();
await story?.begin();
