/** The code blocks of the documentation. */
import { pages } from "./pages.mjs";

/**
 * @typedef {object} Block
 * @property {string} page path of the Markdown file, from the root
 * @property {number} line of the first line of code, from 1
 * @property {string} language
 * @property {string} [file] the name that other blocks of the page import it by
 * @property {string} code
 */

/**
 * A block is fenced by three backticks, followed by its language and, where other blocks import it, by a file name.
 * @param {string} page
 * @param {string} markdown
 * @returns {Block[]}
 */
export function blocksIn(page, markdown) {
  const blocks = [];
  let open;
  for (const [index, text] of markdown.split("\n").entries()) {
    const fence = /^\s*(?:```|~~~)\s*(.*)$/.exec(text);
    if (!fence) open?.lines.push(text);
    else if (open) {
      const { lines, ...block } = open;
      blocks.push({ ...block, code: `${lines.join("\n")}\n` });
      open = undefined;
    } else {
      const [language, file] = fence[1].split(" ");
      open = { page, line: index + 2, language, file, lines: [] };
    }
  }
  if (open) throw new Error(`${page}:${open.line}: the block has no end`);
  return blocks;
}

/** Of README.md and of every page in docs/. */
export async function documentedBlocks() {
  return [...(await pages())].filter(([page]) => page === "README.md" || page.startsWith("docs/")).flatMap(([page, text]) => blocksIn(page, text));
}
