/**
 * What the entry lends to the parts that come later. Imported by both, each of these scripts would be a file of its own in a bundle, and one more way to the
 * server before a page has its token.
 */

import { abortable, pause } from "./abort.js";
import { BrowserAuthError, BrowserConfigurationAuthError, ClientAuthError, ClientConfigurationError, ServerError } from "./errors.js";
import { EventType } from "./events.js";
import { moduleOf } from "./module.js";
import { isOnline } from "./navigation.js";
import { keys, PREFIX, pull, read, settle, write } from "./storage.js";
import { open, seal } from "./vault.js";

/** To the whole core and to its part: core-lent.js, part-lent.js. */
export const toCore = { BrowserConfigurationAuthError, ClientConfigurationError, isOnline, keys, moduleOf, open, PREFIX, pull, read, seal, settle, write };

/** To what calls APIs, beside how the core is called: calls-lent.js. */
export const toCalls = { abortable, BrowserAuthError, ClientAuthError, ClientConfigurationError, EventType, pause, ServerError };
