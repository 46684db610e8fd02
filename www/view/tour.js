import { find } from "./dom.js";
import { onPress } from "./step.js";

/** @param {{ begin: () => void, move: (by: number) => void, show: () => void, end: () => void }} does */
export function tourView({ begin, move, show, end }) {
  const [card, beginning, back, on] = ["#tour", "#tour-begin", "#tour-back", "#tour-on"].map((id) => find(id));
  const isOn = (isTaken) => {
    card.hidden = !isTaken;
    beginning.hidden = isTaken;
  };
  onPress(beginning, async () => begin());
  onPress(back, async () => move(-1));
  onPress(on, async () => (on.hasAttribute("data-last") ? leave() : move(1)));
  onPress(find("#tour-show"), async () => show());
  onPress(find("#tour-end"), async () => leave());
  const leave = () => {
    end();
    beginning.focus();
  };
  return {
    /** @param {import("../tour.js").Stop} stop @param {number} at @param {number} count */
    show({ title, text, step }, at, count) {
      isOn(true);
      find("#tour-count").textContent = `Tour, ${at + 1} of ${count}`;
      find("#tour-title").textContent = title;
      find("#tour-text").textContent = text;
      find("#tour-show .button-label").textContent = step ? "Take me there" : "Show me";
      back.hidden = at === 0;
      on.toggleAttribute("data-last", at === count - 1);
      find(".button-label", on).textContent = at === count - 1 ? "Finish" : "Next";
    },
    hide: () => isOn(false),
    focus: () => find("#tour-title").focus(),
  };
}
