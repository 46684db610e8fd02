/**
 * Every refusal of the tenant, one row each. An error is a row, not code: what raises it names its number only.
 *
 * @typedef {object} ErrorRow
 * @property {string} error the OAuth error, at the token endpoint and in a redirect
 * @property {string} text
 * @property {string} [authorize] the OAuth error in a redirect, where it is another
 * @property {string} [silent] the same with prompt=none
 * @property {true} [page] shown on a page: the authorization endpoint redirects with prompt=none only
 * @property {number} [status] of the token endpoint. Default 400
 * @property {string} [suberror] of the token endpoint
 * @property {string} [subcode] `error_subcode` of a redirect
 * @property {true} [untraced] what answers is in front of the service: no trace id and no correlation id
 * @property {[string, RegExp]} [engine] which error of the engine it stands for: the OAuth error and a pattern in its description
 * @property {true} [inferred] the platform's `error` or its place is not known for sure
 */

const SIGN_IN_AGAIN = "Sign in again.";

/** @type {Record<number, ErrorRow>} */
export const ERRORS = {
  16000: { error: "interaction_required", text: "None of the accounts that are signed in can be used here without asking: choose another one." },
  16001: { error: "interaction_required", text: "The account that was chosen cannot be used here.", page: true, inferred: true },
  28000: { error: "invalid_request", text: "The scope names more than one resource; a token is for one resource only.", inferred: true },
  28002: { error: "invalid_scope", text: "The scope is not valid for an access token.", inferred: true },
  28003: { error: "invalid_request", text: "The scope of a request that redeems a code cannot be empty." },
  50011: {
    error: "invalid_request", text: "The redirect URI of the request is not registered for the application.", page: true,
    engine: ["invalid_redirect_uri", /./],
  },
  50020: { error: "invalid_grant", authorize: "access_denied", text: "The account is not in the tenant: sign in with another one.", inferred: true },
  50034: { error: "invalid_grant", text: "The account does not exist in the directory.", page: true },
  50049: { error: "invalid_instance", text: "The host of the authority is not known." },
  50053: { error: "invalid_grant", text: "The account is locked, because sign-in failed too often.", page: true },
  50057: { error: "invalid_grant", silent: "interaction_required", text: "The account is disabled.", page: true, inferred: true },
  50058: {
    error: "login_required", text: "A silent request was sent, but no user is signed in who could answer it.",
    engine: ["login_required", /./],
  },
  50059: { error: "invalid_request", text: "Neither the request nor the account says which tenant is meant.", page: true, inferred: true },
  50076: {
    error: "invalid_grant", authorize: "interaction_required", suberror: "basic_action",
    text: "A second factor is needed for the resource.",
  },
  50078: {
    error: "invalid_grant", authorize: "interaction_required", suberror: "basic_action",
    text: "The second factor was given too long ago.",
  },
  50079: {
    error: "invalid_grant", authorize: "interaction_required", suberror: "basic_action",
    text: "A second factor is needed, and the user has to register one first.",
  },
  50097: { error: "invalid_grant", authorize: "interaction_required", text: "The device has to be authenticated.", inferred: true },
  50105: { error: "invalid_grant", silent: "interaction_required", text: "The user is not assigned to the application.", page: true },
  50126: { error: "invalid_grant", text: "The user name or the password is wrong.", page: true },
  50132: { error: "invalid_grant", authorize: "login_required", text: `The password was changed since the sign-in. ${SIGN_IN_AGAIN}`, inferred: true },
  50133: { error: "invalid_grant", authorize: "login_required", text: `The session was revoked. ${SIGN_IN_AGAIN}`, inferred: true },
  50140: { error: "interaction_required", text: "The user was asked whether to stay signed in.", inferred: true },
  50147: { error: "invalid_request", text: "The code challenge is malformed.", engine: ["invalid_request", /code_challenge (?!is required|method)/], inferred: true },
  50173: { error: "invalid_grant", text: `What was granted was revoked; the user's tokens are valid from a later time on. ${SIGN_IN_AGAIN}` },
  50194: { error: "invalid_request", text: "The application is of a single tenant: it cannot be used at 'common' or 'organizations'.", page: true },
  50196: { error: "invalid_grant", text: "The client sent the same request again and again; it was stopped.", inferred: true },
  50199: { error: "interaction_required", text: "The user has to confirm that they know the application.", inferred: true },
  53000: {
    error: "invalid_grant", authorize: "interaction_required", suberror: "additional_action",
    text: "The device does not comply with the tenant's rules.", inferred: true,
  },
  53001: {
    error: "invalid_grant", authorize: "interaction_required", suberror: "additional_action",
    text: "The device has not joined the tenant's domain.", inferred: true,
  },
  53003: { error: "invalid_grant", silent: "access_denied", suberror: "message_only", text: "Conditional Access blocks the sign-in.", page: true, inferred: true },
  54005: {
    error: "invalid_grant", text: "The authorization code was redeemed before. Ask for a new one.",
    engine: ["invalid_grant", /already consumed/],
  },
  65001: {
    error: "invalid_grant", authorize: "interaction_required", suberror: "consent_required",
    text: "Neither the user nor an administrator has consented to what the application asks for.",
    engine: ["consent_required", /./],
  },
  65002: { error: "invalid_client", text: "The application is not preauthorized for the resource.", status: 401, inferred: true },
  65004: {
    // The device code flow has a word of its own for it, and is the only one to hear of it at the token endpoint.
    error: "authorization_declined", authorize: "access_denied", subcode: "cancel", text: "The user declined to consent.",
    engine: ["access_denied", /no scope was granted|End-User aborted/],
  },
  65005: { error: "invalid_client", text: "The permissions that are registered for the application are malformed.", status: 401, inferred: true },
  70000: {
    error: "invalid_grant", text: "The code or refresh token is malformed, unknown, or was issued to another client.",
    engine: ["invalid_grant", /(?<!device code )not found|client mismatch|accountId mismatch/],
  },
  70001: { error: "unauthorized_client", text: "The application is disabled.", page: true, inferred: true },
  70003: { error: "unsupported_grant_type", text: "The grant type is not supported.", engine: ["unsupported_grant_type|unauthorized_client", /grant/] },
  70007: { error: "unsupported_response_mode", text: "The response mode is not supported for the response type.", engine: ["unsupported_response_mode|invalid_request", /response_mode/], inferred: true },
  70008: { error: "invalid_grant", text: "The code or refresh token has expired.", engine: ["invalid_grant", /code is expired/] },
  70011: { error: "invalid_scope", text: "The scope of the request is not valid.", engine: ["invalid_scope", /./] },
  70016: { error: "authorization_pending", text: "The user has not yet finished on the other device.", engine: ["authorization_pending", /./] },
  70018: { error: "bad_verification_code", text: "The device code is not known.", engine: ["invalid_grant", /device code not found/], inferred: true },
  70019: { error: "expired_token", text: "The device code has expired.", engine: ["expired_token", /./], inferred: true },
  70043: {
    error: "invalid_grant", authorize: "login_required", suberror: "token_expired",
    text: `The tenant limits how long a sign-in counts, and it is over. ${SIGN_IN_AGAIN}`,
  },
  90002: { error: "invalid_request", text: "The tenant does not exist.", inferred: true },
  90006: { error: "server_error", text: "The service failed for the moment.", status: 500, inferred: true },
  90009: { error: "invalid_request", text: "The application asks for a token for itself: name the resource by the client id, not by its URI." },
  90014: { error: "invalid_request", text: "A required field is missing.", inferred: true },
  90015: { error: "invalid_request", text: "The query string is too long.", page: true, inferred: true },
  90023: { error: "invalid_request", text: "The request is not valid." },
  90024: { error: "server_error", text: "The request budget is used up, or the service is busy.", status: 500, inferred: true },
  90033: { error: "server_error", text: "The tenant failed to answer.", status: 500, inferred: true },
  90055: { error: "temporarily_unavailable", text: "There are too many requests.", status: 429, inferred: true },
  90093: { error: "access_denied", text: "Only an administrator can consent for the whole organization.", inferred: true },
  90094: { error: "access_denied", text: "An administrator has to approve what the application asks for.", inferred: true },
  90095: { error: "access_denied", text: "The user has asked an administrator for approval.", inferred: true },
  90099: { error: "access_denied", text: "The application is not authorized in the partner's tenant.", inferred: true },
  500011: { error: "invalid_resource", text: "The resource does not exist in the tenant." },
  500112: {
    error: "invalid_grant", text: "The redirect URI is not the one that the authorization code was issued to.", inferred: true,
    engine: ["invalid_grant", /redirect_uri mismatch/],
  },
  500113: { error: "invalid_request", text: "No redirect URI is registered for the application.", page: true, inferred: true },
  500208: { error: "invalid_request", text: "The domain is not one that the account may sign in with.", page: true, inferred: true },
  501481: {
    error: "invalid_grant", text: "The code verifier does not match the code challenge of the authorization request.",
    engine: ["invalid_(grant|request)", /code_verifier/],
  },
  530032: { error: "invalid_grant", silent: "access_denied", suberror: "message_only", text: "A security policy of the tenant blocks the sign-in.", page: true, inferred: true },
  530034: { error: "invalid_grant", silent: "access_denied", suberror: "message_only", text: "A delegated administrator was blocked because of a risk.", page: true, inferred: true },
  530084: { error: "invalid_grant", silent: "access_denied", text: "The tenant protects its tokens: this application cannot have one.", page: true, inferred: true },
  650051: { error: "invalid_client", text: "The application cannot be set up in the tenant.", status: 401, inferred: true },
  650052: { error: "invalid_client", text: "The organization has no subscription to the service.", status: 401 },
  650053: { error: "invalid_client", text: "The application asks for a permission that the resource does not have.", status: 401 },
  650056: { error: "invalid_client", text: "No permissions are registered for the application.", status: 401 },
  650057: { error: "invalid_client", text: "The resource is not among the permissions that are registered for the application.", status: 401 },
  700005: { error: "invalid_grant", text: "The code was issued at another tenant's endpoint.", inferred: true },
  700011: { error: "unauthorized_client", text: "The application does not exist.", page: true, inferred: true },
  700016: {
    error: "unauthorized_client", text: "The application is not registered in the tenant.", page: true,
    engine: ["invalid_client", /./],
  },
  700022: { error: "invalid_request", text: "The authorization endpoint gives tokens for one resource only.", inferred: true },
  700023: { error: "invalid_client", text: "The client assertion is not for this endpoint.", status: 401, inferred: true },
  700025: { error: "invalid_client", text: "The client is public; it must not send a secret or an assertion.", status: 401 },
  700054: {
    error: "unsupported_response_type", text: "The response type is not enabled for the application.",
    engine: ["unsupported_response_type|invalid_request", /^(?!missing required).*response_type/],
  },
  700082: {
    error: "invalid_grant", suberror: "bad_token",
    text: "The refresh token has expired, because it was not used for 90.00:00:00.",
  },
  700084: {
    error: "invalid_grant", suberror: "bad_token",
    text: "The refresh token was issued to a single-page app: it has a fixed lifetime of 24 hours, which is over.",
  },
  900144: { error: "invalid_request", text: "A required parameter is missing.", engine: ["invalid_request", /missing required (?!.*redirect_uri)|no client authentication/] },
  900561: { error: "invalid_request", text: "The token endpoint answers POST requests only.", status: 405, inferred: true },
  900971: { error: "invalid_request", text: "The request has no redirect URI.", page: true, engine: ["invalid_request", /missing required .*redirect_uri/] },
  901002: { error: "invalid_request", text: "The parameter 'resource' is not supported: name the resource in the scope." },
  1002016: { error: "invalid_request", text: "The connection uses a version of TLS that is no longer supported.", untraced: true },
  7000215: { error: "invalid_client", text: "The client secret is wrong.", status: 401 },
  7000218: { error: "invalid_client", text: "The request needs a client secret or assertion: the client is confidential.", status: 401 },
  9001023: { error: "invalid_request", text: "The grant type is not supported at this endpoint.", inferred: true },
  9002325: { error: "invalid_request", text: "A redirect URI of type 'spa' requires Proof Key for Code Exchange (code_challenge)." },
  9002326: {
    error: "invalid_request", text: "A token can be redeemed from a browser only at the origin of a redirect URI of type 'spa'.",
    engine: ["invalid_request", /^origin .* not allowed/],
  },
  9002327: { error: "invalid_request", text: "A code or refresh token of a redirect URI of type 'spa' can be redeemed only from a browser (Origin)." },
};
