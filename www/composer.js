import { composerView } from "./view/composer.js";

/** What a person types becomes the requests that would be sent, or the reason why none would. */
export class Composer {
  #view;
  /** What is shown now, as text: a click must not meet another button than the one it began on. */
  #shown = "";
  #look = 0;

  /**
   * @param {typeof import("./auth.js")} auth
   * @param {typeof import("/config.js").default} config
   */
  constructor(auth, config) {
    this.auth = auth;
    this.#view = composerView(examplesOf(config), () => this.render());
  }

  async render() {
    const look = (this.#look += 1);
    this.#view.setLooking(true);
    const text = this.#view.text().trim();
    const result = text ? await this.#resultOf(text) : null;
    // A newer text is being looked at.
    if (look !== this.#look) return;
    this.#view.setLooking(false);
    const shown = JSON.stringify([text, result]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#view.show(result);
  }

  async #resultOf(text) {
    try {
      const scopes = read(text);
      const [plan, warnings] = await Promise.all([this.auth.plan(scopes), this.auth.review(scopes)]);
      return { plan, warnings };
    } catch (error) {
      return { error };
    }
  }
}

/** An object of names by Application ID URI, or scopes with spaces, commas or line breaks between them. */
function read(text) {
  return text.startsWith("{") ? JSON.parse(text) : text.split(/[\s,]+/).filter(Boolean);
}

function examplesOf({ graph, orders }) {
  return [
    { label: "Two APIs", text: `Mail.Read Calendars.Read\n${orders.resource}/Orders.Read` },
    { label: "By API", text: JSON.stringify({ [graph.resource]: ["User.Read"], [orders.resource]: ["Orders.Read", "Orders.Write"] }, null, 2) },
    { label: "OpenID Connect", text: "openid profile email User.Read" },
    { label: "One too many", text: "Mail.Read, Mail.ReadWrite" },
    { label: "Double slash", text: "https://contoso.example/stock//Items.Read" },
    { label: "All that is registered", text: `${graph.resource}/.default` },
    { label: ".default and a name", text: `${graph.resource}/.default\nMail.Read` },
    { label: "Only an ID", text: orders.resource.replace("api://", "") },
    { label: "address", text: "openid address" },
  ];
}
