/** What an app is doing with its user, told from the events of the client: the wrappers show it. */

import { EventType, InteractionStatus, InteractionType } from "./constants.js";

const { AcquireToken, HandleRedirect, Logout, None } = InteractionStatus;

/** @type {Record<string, string>} */
const BEGINNINGS = {
  [EventType.ACQUIRE_TOKEN_START]: AcquireToken,
  [EventType.HANDLE_REDIRECT_START]: HandleRedirect,
  [EventType.LOGOUT_START]: Logout,
};
/** @type {Record<string, string>} */
const ENDS = {
  [EventType.ACQUIRE_TOKEN_SUCCESS]: AcquireToken,
  [EventType.ACQUIRE_TOKEN_FAILURE]: AcquireToken,
  [EventType.RESTORE_FROM_BFCACHE]: AcquireToken,
  [EventType.HANDLE_REDIRECT_END]: HandleRedirect,
  [EventType.LOGOUT_END]: Logout,
};
const SHOWN = [InteractionType.Redirect, InteractionType.Popup];

export class EventMessageUtils {
  /**
   * @param {{ eventType: string, interactionType: string | null }} message
   * @param {string} [current]
   * @returns {string | null} `null` where nothing changes: what ends is only what is under way
   */
  static getInteractionStatusFromEvent({ eventType, interactionType }, current) {
    const begun = BEGINNINGS[eventType];
    const ended = ENDS[eventType];
    if ((begun ?? ended) === AcquireToken && !SHOWN.includes(interactionType ?? "")) return null;
    if (begun) return begun;
    return ended && (!current || current === ended) ? None : null;
  }
}
