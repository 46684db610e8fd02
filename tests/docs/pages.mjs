/** The pages of the documentation, their anchors and their links. */
import { readdir, readFile } from "node:fs/promises";

const ROOT = new URL("../../", import.meta.url);
/** Beside those of docs/. */
const PAGES = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md", "fuzz/README.md", "tenant/README.md"];

/** By path from the root. @returns {Promise<Map<string, string>>} */
export async function pages() {
  const names = (await readdir(new URL("docs/", ROOT), { recursive: true })).filter((name) => name.endsWith(".md"));
  const paths = [...PAGES, ...names.map((name) => `docs/${name.replaceAll("\\", "/")}`).sort()];
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(new URL(path, ROOT), "utf8")])));
}

/** A heading's anchor, as GitHub makes it. @param {string} title */
export const anchorOf = (title) => title.trim().toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-");

/** What is no code. @param {string} markdown */
const proseOf = (markdown) => markdown.replaceAll(/^\s*(```|~~~)[^]*?^\s*\1\s*$/gm, "");

/** All anchors of a page: of its headings, where a second one of the same title counts on, and those that are written out. */
export function anchorsIn(markdown) {
  const seen = new Map();
  const anchors = new Set([...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id));
  for (const [, title] of proseOf(markdown).matchAll(/^#+ (.+)$/gm)) {
    const anchor = anchorOf(title);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    anchors.add(count ? `${anchor}-${count}` : anchor);
  }
  return anchors;
}

/** Where the links of a page lead, but for those to the web: pictures and files too. */
export const linksIn = (markdown) =>
  [...proseOf(markdown).replaceAll(/`[^`\n]*`/g, "``").matchAll(/\]\(((?!https?:|mailto:)[^)\s]+)\)/g)].map(([, target]) => target);
