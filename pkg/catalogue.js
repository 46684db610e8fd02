/** Every error that is explained, as one list. The texts are in the other files of this name; none of them decides anything. */

import { APP } from "./catalogue-app.js";
import { OWN, UNLISTED } from "./catalogue-client.js";
import { NAMED, REFUSALS } from "./catalogue-protocol.js";
import { SIGN_IN } from "./catalogue-sign-in.js";

/** @typedef {import("./explain.js").CatalogueEntry} CatalogueEntry */
/** @typedef {Omit<Partial<CatalogueEntry>, "code" | "cause" | "remedy"> & { told?: "cause" | "remedy" }} Particulars `told`: the error's message says it better, with names. */
/** @typedef {Pick<CatalogueEntry, "topic" | "class" | "who" | "again">} Common What the rows of a group share. */
/** @typedef {Common & { rows: [number: string, code: string, cause: string, remedy: string, own?: Particulars][] }} NumberGroup */
/** @typedef {Common & { rows: [code: string, cause: string, remedy: string, own?: Particulars][] }} CodeGroup */

/** Where the platform says what it knows of one of its numbers. */
const LOOKUP = "https://login.microsoftonline.com/error?code=";

/** @param {string} number */
export const lookup = (number) => LOOKUP + number;

/** @param {CatalogueEntry & { told?: string }} entry @returns {Readonly<CatalogueEntry>} */
function entryOf({ told, ...entry }) {
  return Object.freeze(entry);
}

/** @param {NumberGroup} group */
const numbered = ({ rows, ...common }) =>
  rows.map(([number, code, cause, remedy, own]) => entryOf({ code, number, ...common, cause, remedy, documentation: lookup(number), ...own }));

/** @param {CodeGroup} group */
const coded = ({ rows, ...common }) => rows.map(([code, cause, remedy, own]) => entryOf({ code, ...common, cause, remedy, ...own }));

/** @param {CodeGroup} group */
const refusals = ({ rows, ...common }) =>
  rows.map(([outcome, cause, remedy, own]) => entryOf({ code: "", outcome, ...common, cause, remedy, ...own }));

export const numbers = [...SIGN_IN, ...APP].flatMap(numbered);
export const codes = [...NAMED, ...OWN].flatMap(coded);
export const outcomes = refusals(REFUSALS);
export const classes = coded(UNLISTED);

/** Which of its two sentences an error's own message tells better, by code. @type {ReadonlyMap<string, "cause" | "remedy">} */
export const told = new Map(OWN.flatMap(({ rows }) => rows.flatMap(([code, , , own]) => (own?.told ? [[code, own.told]] : []))));

/** @type {readonly CatalogueEntry[]} */
export const catalogue = Object.freeze([...numbers, ...codes, ...outcomes, ...classes]);
