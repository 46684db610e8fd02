/**
 * What can be set at the start and changed while the tenant runs.
 *
 * @typedef {object} Settings
 * @property {boolean} userConsent whether users may consent, or administrators only. Default: true
 * @property {boolean} granularConsent whether the consent page lets the user leave permissions out. Default: false
 * @property {number | null} accessTokenSeconds lifetime of access tokens. Default: `null`, as on the platform: 60 to 90 minutes, for clients
 *   that answer claims challenges 20 to 28 hours
 * @property {"interaction_required" | "consent_required"} silentConsentError what prompt=none gets where consent is missing: the
 *   platform was seen to send either. Default: interaction_required
 * @property {number} loopLimit from how many like token requests within five minutes on a client is taken to loop; 0: never. Default: 0
 * @property {boolean} thirdPartyCookies `false`: as in a browser that sends no cookies to frames of another site. Default: true
 * @property {"same-origin" | "same-origin-allow-popups" | null} openerPolicy the Cross-Origin-Opener-Policy of the pages. Default: none
 */

const isBoolean = (value) => typeof value === "boolean";
const isOneOf = (...values) => (value) => values.includes(value);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

/** By setting: its default, and which values it takes. */
const SETTINGS = {
  userConsent: [true, isBoolean],
  granularConsent: [false, isBoolean],
  accessTokenSeconds: [null, (value) => value === null || (isCount(value) && value > 0)],
  silentConsentError: ["interaction_required", isOneOf("interaction_required", "consent_required")],
  loopLimit: [0, isCount],
  thirdPartyCookies: [true, isBoolean],
  openerPolicy: [null, isOneOf("same-origin", "same-origin-allow-popups", null)],
};

/**
 * @param {Record<string, unknown>} options of `start()`, of which the settings are taken
 * @returns {{ current: Settings, change(settings: Partial<Settings>): void, reset(): void }}
 */
export function createSettings(options) {
  const known = Object.entries(SETTINGS).map(([name, [preset]]) => [name, options[name] ?? preset]);
  const initial = Object.fromEntries(known);
  const settings = {
    current: {},
    change(changed) {
      const [name, value] = Object.entries(changed).find(([key, wanted]) => !Object.hasOwn(SETTINGS, key) || !SETTINGS[key][1](wanted)) ?? [];
      if (name !== undefined) throw new Error(`The tenant has no such setting: ${name} = ${JSON.stringify(value)}.`);
      Object.assign(settings.current, changed);
    },
    reset() { settings.current = { ...initial }; },
  };
  settings.reset();
  settings.change(initial);
  return settings;
}
