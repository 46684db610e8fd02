import { explain, loadReasons } from "./explain.js";
import { Story } from "./story.js";
import { Tour } from "./tour.js";
import { stop } from "./view/page.js";
import { showSource } from "./view/source.js";
import { noticeOf } from "./view/step.js";
import { tabsView } from "./view/tabs.js";
import { showLastLeg, showTimeline } from "./view/timeline.js";
import { observeClient, observePage } from "./watch/observe.js";
import { Timeline } from "./watch/timeline.js";

const cannotLoad = {
  title: "The authorization core could not be loaded.",
  advice: "Nothing was signed in or changed. Check the connection, and that the browser allows WebAssembly. Then load the page again.",
  retry: "Load again",
};

/** All that has to come over the network before the page can do anything; `null` when it did not come. */
async function load() {
  try {
    const { default: config } = await import("/config.js");
    const timeline = watchPage(config);
    const authUrl = new URL("./auth.js", import.meta.url);
    const [auth, turnTo] = await Promise.all([import(authUrl.href), showSource(authUrl), loadReasons()]);
    observeClient(timeline, auth);
    await auth.initialize();
    const tabs = tabsView((name) => name === "timeline" && showLastLeg());
    new Tour(tabs);
    return new Story(auth, config, turnTo, tabs);
  } catch (error) {
    const explanation = explain(error);
    const isSetup = error instanceof Error && error.name === "ClientConfigurationError";
    stop(noticeOf(isSetup ? explanation : { ...explanation, ...cannotLoad }, async () => location.reload()));
    return null;
  }
}

/** @param {typeof import("/config.js").default} config */
function watchPage({ authority, graph, orders }) {
  const timeline = new Timeline();
  observePage(timeline, { server: new URL(authority).origin, apis: [{ ...graph, name: "Microsoft Graph" }, { ...orders, name: "Orders API" }] });
  showTimeline(timeline);
  return timeline;
}

// The Back button can bring the page back as it was when it left: busy.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

const story = await load();
await story?.begin();
