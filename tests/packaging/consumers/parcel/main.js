import { run, show } from "./app.js";

show(run());
