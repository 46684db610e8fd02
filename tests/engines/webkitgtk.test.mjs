/** The stories in WebKitGTK. */
import { tellIn } from "./support/engines.mjs";

tellIn("WebKitGTK");
