//! What a refusal means for the app: who has to act, and what would mend it.
//!
//! Decided on `error`, `suberror` and `claims`. The server's own number only says which of several explanations fits: it
//! never makes a refusal one that can be asked again, or one that can't.

use super::ServerReply;

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user has not been asked yet.
    ConsentRequired,
    /// The user declined.
    Declined,
    /// An administrator has to grant it.
    AdminConsentRequired,
    /// A policy of the organization forbids it.
    Blocked,
    /// The app registration or the request is wrong.
    Misconfigured,
}

/// Errors that nobody but a developer or an administrator can mend, and what to look at.
const MISCONFIGURED: [(&str, &str); 8] = [
    ("invalid_client", CLIENT),
    ("invalid_request", "compare the request with the app registration"),
    ("invalid_resource", RESOURCE),
    ("invalid_scope", "check the names of the permissions and of their APIs"),
    ("invalid_target", "check `resource` of the request, and that the app may ask for that API"),
    ("unauthorized_client", CLIENT),
    ("unsupported_grant_type", CLIENT),
    ("unsupported_response_type", CLIENT),
];
const CLIENT: &str = "check `auth.clientId`, and that the app is registered as a single-page app in this tenant";
const RESOURCE: &str = "check the Application ID URI: the tenant of `auth.authority` has no such API";
const SPA: &str = "register the redirect URI as type spa (single-page application)";
const SUBSCRIBE: &str = "an administrator has to add the API to the organization first";
const PERMISSION: &str = "add a permission of this API to the app registration";

/// What mends the errors of the Microsoft identity platform, by number.
const REMEDIES: [(&str, &str); 20] = [
    ("28000", "ask for a token of one API at a time"),
    ("50011", "register the redirect URI, as type spa"),
    ("50194", "the app is for one tenant only: name it in `auth.authority`"),
    ("50196", "the app asks in a loop: stop when a request fails"),
    ("65002", "the API has to preauthorize this app"),
    ("65005", PERMISSION),
    ("70011", "write each scope as `<Application ID URI>/<permission>`, and `.default` alone"),
    ("90002", "check the tenant in `auth.authority`"),
    ("90009", "ask for a token to the app itself by its client ID: `<client ID>/<permission>`"),
    ("500011", RESOURCE),
    ("650051", SUBSCRIBE),
    ("650052", SUBSCRIBE),
    ("650053", "check the permission's name: the API does not have it"),
    ("650056", "add a permission to the app registration, or let an administrator consent"),
    ("650057", PERMISSION),
    ("700016", CLIENT),
    ("901002", "leave out the parameter `resource`: the scopes name the API"),
    ("7000218", SPA),
    ("9002326", SPA),
    ("9002327", "redeem it in the page that asked; for a server or a native app register a redirect URI of that type"),
];

/// Numbers of refusals that only an administrator can lift.
const ADMIN: [&str; 4] = ["90093", "90094", "90095", "90099"];
/// Numbers of refusals by policy, beside those that start with 53.
const POLICY: [&str; 3] = ["50020", "50057", "50105"];

impl Outcome {
    /// Its name in JavaScript.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::ConsentRequired => "consent_required",
            Outcome::Declined => "declined",
            Outcome::AdminConsentRequired => "admin_consent_required",
            Outcome::Blocked => "blocked",
            Outcome::Misconfigured => "misconfigured",
        }
    }

    /// The refusal of that name: what asking again at once would only repeat.
    pub fn refusal(name: &str) -> Option<Self> {
        let refusals = [Outcome::Declined, Outcome::AdminConsentRequired, Outcome::Blocked];
        refusals.into_iter().find(|outcome| outcome.name() == name)
    }

    /// What a reply means.
    pub(super) fn of(reply: &ServerReply) -> Option<Self> {
        let is_denied = reply.error() == "access_denied";
        let lacks_consent = reply.error() == "consent_required" || reply.sub_error() == "consent_required";
        if reply.is_decided && (is_denied || lacks_consent) {
            let number = reply.number();
            return Some(match number {
                _ if ADMIN.contains(&number) => Outcome::AdminConsentRequired,
                _ if POLICY.contains(&number) || number.starts_with("53") => Outcome::Blocked,
                _ => Outcome::Declined,
            });
        }
        if lacks_consent {
            return Some(Outcome::ConsentRequired);
        }
        // A message is all that there is to show.
        if is_denied || reply.sub_error() == "message_only" && reply.claims().is_empty() {
            return Some(Outcome::Blocked);
        }
        let is_wrong = !reply.needs_user() && MISCONFIGURED.iter().any(|(error, _)| *error == reply.error());
        is_wrong.then_some(Outcome::Misconfigured)
    }
}

impl ServerReply {
    /// What to change, where the app is misconfigured.
    pub(super) fn remedy(&self) -> Option<&'static str> {
        self.outcome.filter(|outcome| *outcome == Outcome::Misconfigured)?;
        let by = |key: &str, table: &[(&str, &'static str)]| {
            table.iter().find(|(name, _)| *name == key).map(|(_, remedy)| *remedy)
        };
        by(self.number(), &REMEDIES).or_else(|| by(self.error(), &MISCONFIGURED))
    }
}
