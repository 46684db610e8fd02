import { element, find } from "./dom.js";

const region = /^\/\/ #region (.+)\n([\s\S]*?)^\/\/ #endregion$/gm;
const lexeme = /(?<comment>\/\*[\s\S]*?\*\/|\/\/.*)|(?<string>"[^"\n]*"|`[^`]*`)|(?<keyword>\b(?:async|await|catch|const|export|finally|from|function|if|import|instanceof|let|new|null|return|throw|try)\b)/g;

/**
 * Shows the regions of a module's own text, so that what is shown is what runs.
 * @param {URL} url
 * @returns {Promise<(name: string) => void>}  Turns to one region.
 */
export async function showSource(url) {
  const text = await (await fetch(url)).text();
  const regions = new Map([...text.matchAll(region)].map(([, name, code]) => [name, code.trimEnd()]));
  const buttons = new Map([...regions.keys()].map((name) => [name, element("button", { type: "button", class: "choice" }, name)]));
  const turnTo = (chosen) => {
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === chosen));
    find("#source").replaceChildren(...coloured(regions.get(chosen) ?? ""));
  };
  for (const [name, button] of buttons) button.addEventListener("click", () => turnTo(name));
  find("#source-choices").replaceChildren(...buttons.values());
  turnTo("The client");
  return turnTo;
}

function* coloured(code) {
  let end = 0;
  for (const match of code.matchAll(lexeme)) {
    const [kind, text] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? ["", ""];
    yield code.slice(end, match.index);
    yield element("span", { class: `code-${kind}` }, text);
    end = match.index + text.length;
  }
  yield code.slice(end);
}
