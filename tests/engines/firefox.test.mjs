/** The stories in Firefox. */
import { tellIn } from "./support/engines.mjs";

tellIn("Firefox");
