import { read } from "./api.js";
import { setStatus } from "./view/page.js";
import { setBusy } from "./view/step.js";
import { addTrace } from "./view/trace.js";

/** What brings the user back here, before the order's number. */
const word = "cancel";

/** An order is taken back: the API wants a permission of its own for it, and another proof of who the user is. */
export class Cancel {
  /**
   * @param {import("./story.js").Story} story
   * @param {import("./steps.js").Step} step
   */
  constructor(story, step) {
    this.story = story;
    this.auth = story.auth;
    this.step = step;
  }

  /** The order that an answer is for; `undefined` for one to another question. @param {{ state?: string } | null} answer */
  orderOf(answer) {
    const [name, id] = (answer?.state ?? "").split(" ");
    return name === word ? id : undefined;
  }

  /** @param {string} id @param {HTMLElement} button */
  async press(id, button) {
    this.story.turnTo("Ask in a window");
    setBusy(button, true);
    const isOver = await this.#send(id, (url) => this.auth.callInWindow(url, { method: "DELETE", state: `${word} ${id}` }));
    setBusy(button, !isOver);
  }

  /** The user is back. What the API may still want, a click has to begin. */
  async goOn(id, result) {
    this.story.turnTo("Ask in a window");
    addTrace({ title: "Cancel an order", api: this.step.api }, "after you were asked", result);
    await this.story.open(this.story.profile);
    await this.story.open(this.step);
    await this.#send(id, (url) => this.auth.call(url, { method: "DELETE" }));
  }

  /** Whether the page stays. */
  async #send(id, call) {
    setStatus(`Cancelling order ${id}…`);
    try {
      const answer = await read(this.auth, call(this.step.cancel.url(id)));
      if (!answer) {
        setStatus("Leaving to ask you…");
        return false;
      }
      await this.story.open(this.step);
      this.story.focus(this.step);
      setStatus(`Order ${id} is cancelled.`);
    } catch (error) {
      await this.fail(id, error);
    }
    return true;
  }

  /** @param {string} id @param {any} error */
  fail(id, error) {
    const retry = (button) => (error.outcome === "declined" ? this.#askAgain(id) : this.press(id, button));
    return this.story.fail(this.step, error, { scope: this.step.cancel.scope, retry });
  }

  /** Who declined is asked once more only because they say so. */
  async #askAgain(id) {
    setStatus("Leaving to ask you…");
    await this.auth.tokenFor([this.step.cancel.scope], { state: `${word} ${id}`, askAgain: true }).catch((error) => this.fail(id, error));
  }
}
