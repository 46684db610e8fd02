/** The stories in Chromium. */
import { tellIn } from "./support/engines.mjs";

tellIn("Chromium");
