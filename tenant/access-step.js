/** What stands between the sign-in and the app: a second factor that can be given, or a page that there is no way past. */
import { ERRORS } from "./errors-table.js";
import { AadstsError } from "./errors.js";
import { blockedPage, secondFactorPage } from "./pages/access.js";
import { segmentOf } from "./segments.js";

const SECOND_FACTOR = [50076, 50078, 50079];
const DECLINED = 65004;

export const ACCESS_STEP = { show, decide };

function show(tenant, ctx, interaction) {
  const { code, ...place } = situation(tenant, interaction);
  if (SECOND_FACTOR.includes(code)) secondFactorPage(tenant, ctx, { ...place, mustRegister: code === 50079 });
  else blockedPage(tenant, ctx, { ...place, error: new AadstsError(code) });
}

async function decide(tenant, ctx, interaction, { action }) {
  // Without `login`, or the engine would take the one of a moment ago for the other account's.
  if (action === "use-other") return { select_account: { other: true }, login: undefined };
  const { code, user } = situation(tenant, interaction);
  if (!SECOND_FACTOR.includes(code)) return show(tenant, ctx, interaction);
  if (action !== "approve") return { error: "access_denied", error_description: String(DECLINED) };
  user.hasSecondFactor = true;
  const session = await tenant.engine.Session.findByUid(interaction.session.uid);
  const now = String(tenant.clock.seconds());
  return { login: { accountId: user.oid, amr: ["pwd", "mfa"], acr: now, ts: session.loginTs } };
}

/** The reasons of the prompt name the error: see policy.js. */
function situation({ directory }, { prompt: { reasons }, params, session }) {
  const code = Object.keys(ERRORS).map(Number).find((number) => reasons.includes(`access_${number}`));
  return { code, app: directory.app(params.client_id), segment: segmentOf(directory, params), user: directory.user(session.accountId) };
}
