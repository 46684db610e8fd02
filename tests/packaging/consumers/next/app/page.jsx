import { version } from "consentry";
import { Client } from "./client.jsx";

/** Rendered on the server, which imports the package as well. */
export default function Page() {
  return <main data-version={version}><Client /></main>;
}
