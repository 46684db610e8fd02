import { find } from "./view/dom.js";
import { tourView } from "./view/tour.js";

/**
 * @typedef {object} Stop
 * @property {string} title
 * @property {string} text  What to do, and what to look at.
 * @property {string} tab  Where to look.
 * @property {string} [step]  Where to do it.
 */

/** @type {Stop[]} */
const stops = [
  { title: "Before anything", tab: "permissions", text: "Nobody is signed in. Permissions lists what this page can ever ask for, and that nothing of it has been asked." },
  { title: "Sign in", tab: "timeline", step: "profile", text: "Sign in. The page leaves with one request: read its parameters in the timeline when you are back. One permission, a hashed secret, and no token anywhere in the address." },
  { title: "From code to tokens", tab: "timeline", text: "Below it: the code that came back, the POST that redeemed it with the secret, and what was written to the storage, by kind. No value of a secret is shown, or kept for showing." },
  { title: "Who you are", tab: "accounts", text: "The account comes from the ID token. Each claim has its meaning; key your users by homeAccountId." },
  { title: "One more permission", tab: "permissions", step: "mail", text: "Show your mail. Only now you are asked for Mail.Read; watch its mark fill when you are back. Decline it, and it says so and is not asked again by itself." },
  { title: "Another API", tab: "tokens", step: "orders", text: "Show your orders. There are two tokens now: compare aud and scp. Neither is good for the other API." },
  { title: "An API that wants more", tab: "timeline", step: "orders", text: "Cancel an order. A window asks for the permission, then for a second factor, as the API says 401 with claims. The call goes on by itself." },
  { title: "Not yours to grant", tab: "permissions", step: "all-orders", text: "Show all orders. Only an administrator can allow that: there is a link for one, and no dead end." },
  { title: "Break something", tab: "break", text: "Revoke the session, spoil a signature, cut the connection. Then try it: what can be mended silently is, and the rest is said with its reason and its remedy." },
  { title: "Sign out", tab: "timeline", text: "Sign out, above. The timeline shows what is removed before the page leaves to end the session at the server." },
];

/** Where the tour is, while it is taken: the page leaves now and then. */
const key = "sample.tour";

/** A guided order through the page, which works as well without. */
export class Tour {
  /** @param {ReturnType<typeof import("./view/tabs.js").tabsView>} tabs */
  constructor(tabs) {
    this.tabs = tabs;
    this.view = tourView({ begin: () => this.#go(0), move: (by) => this.#go(this.at + by), show: () => this.#show(), end: () => this.#end() });
    const kept = Number(sessionStorage.getItem(key) ?? NaN);
    this.at = Number.isInteger(kept) && kept in stops ? kept : 0;
    if (sessionStorage.getItem(key) !== null) this.#render();
  }

  #go(at) {
    this.at = at;
    sessionStorage.setItem(key, String(at));
    this.#render();
    this.tabs.select(stops[at].tab);
    this.view.focus();
  }

  #show() {
    const { tab, step } = stops[this.at];
    this.tabs.select(tab);
    if (step) find(`#${step}-title`).focus();
    else this.tabs.focus();
  }

  #end() {
    sessionStorage.removeItem(key);
    this.view.hide();
  }

  #render() {
    this.view.show(stops[this.at], this.at, stops.length);
  }
}
