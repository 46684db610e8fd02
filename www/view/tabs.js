/** The inspector's tabs: one panel at a time, arrow keys between them (ARIA's pattern for tabs). */
import { find } from "./dom.js";

/** The chosen one outlives the page, which leaves now and then. */
const key = "sample.tab";

/** @param {(name: string) => void} onSelect @returns {{ select: (name: string) => void, focus: () => void, remove: (name: string) => void }} */
export function tabsView(onSelect) {
  const list = find("#tabs");
  const tabs = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=tab]")]);
  const select = (name) => {
    const chosen = tabs().find((tab) => tab.dataset.tab === name) ?? tabs()[0];
    for (const tab of tabs()) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      panelOf(tab).hidden = tab !== chosen;
    }
    sessionStorage.setItem(key, chosen.dataset.tab ?? "");
    onSelect(chosen.dataset.tab ?? "");
  };
  const chosen = () => tabs().find((tab) => tab.tabIndex === 0);
  list.addEventListener("click", ({ target }) => {
    const tab = /** @type {HTMLElement} */ (target).closest("[role=tab]");
    if (tab) select(/** @type {HTMLElement} */ (tab).dataset.tab ?? "");
  });
  list.addEventListener("keydown", (event) => {
    const next = neighbour(tabs(), chosen(), event.key);
    if (!next) return;
    event.preventDefault();
    select(next.dataset.tab ?? "");
    next.focus();
  });
  select(sessionStorage.getItem(key) ?? "");
  return {
    select,
    focus: () => chosen()?.focus(),
    remove(name) {
      const tab = find(`[data-tab=${name}]`, list);
      const panel = panelOf(tab);
      tab.remove();
      panel.remove();
      select(chosen()?.dataset.tab ?? "");
    },
  };
}

const panelOf = (tab) => find(`#${tab.getAttribute("aria-controls")}`);

/** @param {HTMLElement[]} tabs @param {HTMLElement | undefined} tab @param {string} pressed */
function neighbour(tabs, tab, pressed) {
  const at = tab ? tabs.indexOf(tab) : 0;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[pressed];
  return to === undefined ? undefined : tabs.at(to === tabs.length ? 0 : to);
}
