//! The other half of the dictionary: what goes back, in MSAL's names and shapes.

use crate::{
    cache::{AccessToken, Account, Standing},
    client::{AdminConsentResult, Challenged, Forbidden, Interaction, Plan},
    json::{Object, Value},
    protocol::{Authority, Demand},
    scope::{ScopeSet, Warning},
};

/// An `AccountInfo`.
pub fn account_record(account: &Account) -> Value {
    let claim = |name| Value::from(account.id_token.owned_claim(name));
    Object::default()
        .with("homeAccountId", account.key.home_account_id.as_str())
        .with("environment", account.key.environment.as_str())
        .with("tenantId", account.key.tenant_id.as_str())
        .with("username", account.username())
        .with("localAccountId", account.local_account_id())
        .with("loginHint", claim("login_hint"))
        .with("name", account.name())
        .with("idToken", account.id_token.expose())
        .with("idTokenClaims", account.id_token.claims().clone())
        .finish()
}

/// What an `AuthenticationResult` says of its token; times are in seconds since 1970.
pub fn token_record(token: &AccessToken, authority: &Authority) -> Value {
    Object::default()
        .with("authority", authority.as_str())
        .with("scopes", token.scopes.to_list())
        .with("accessToken", token.secret.expose())
        .with("expiresOn", token.expires_on)
        .with("refreshOn", token.refresh_on)
        .with("tokenType", "Bearer")
        .finish()
}

/// A `ConsentPlan`; its times are in seconds since 1970.
pub fn plan_record(plan: &Plan) -> Value {
    let interaction = match plan.interaction {
        Interaction::None => "none",
        Interaction::SignIn => "login",
        Interaction::Consent => "consent",
        Interaction::Admin => "admin",
        Interaction::Declined => "declined",
    };
    let request = plan.has_request().then(|| {
        let scopes = Object::default().with("scopes", plan.scopes.to_list());
        scopes.with("extraScopesToConsent", plan.extra_scopes.to_list()).finish()
    });
    let mut resources = Object::default();
    let mut token_requests = Vec::new();
    for (resource, wanted) in &plan.resources {
        resources = resources.with(resource.as_str(), resource_record(plan, wanted));
        let scope = wanted.union(&plan.default_scopes).to_parameter();
        token_requests.push(Object::default().with("resource", resource.as_str()).with("scope", scope).finish());
    }
    Object::default()
        .with("resources", resources.finish())
        .with("interaction", interaction)
        .with("request", request)
        .with("authorizeScope", plan.authorize_scope())
        .with("tokenRequests", Value::Array(token_requests))
        .finish()
}

/// A `ResourcePlan`.
fn resource_record(plan: &Plan, wanted: &ScopeSet) -> Value {
    let wanted = wanted.permissions();
    let names = |standing| wanted.only(&|scope| plan.standing(scope) == standing).names();
    let mut declined = Vec::new();
    for scope in wanted.iter() {
        if let Standing::Declined(on) = plan.standing(scope) {
            declined.push(Object::default().with("scope", scope.name()).with("on", on).finish());
        }
    }
    Object::default()
        .with("granted", names(Standing::Granted))
        .with("missing", names(Standing::Unknown))
        .with("adminOnly", names(Standing::AdminOnly))
        .with("declined", Value::Array(declined))
        .finish()
}

/// An `AdminConsentResult`.
pub fn admin_record(result: &AdminConsentResult) -> Value {
    Object::default()
        .with("scopes", Value::from(&result.scopes))
        .with("state", result.app_state.as_deref())
        .with("correlationId", result.correlation_id.as_str())
        .finish()
}

/// A window to open, or an answer to send to its opener; `null` for neither.
pub fn window_record(names: [&str; 2], values: Option<(String, String)>) -> Value {
    let [first, second] = names;
    values.map_or(Value::Null, |(one, other)| Object::default().with(first, one).with(second, other).finish())
}

/// Where it is stored who is signed in and who is chosen, and where answers are; one in the query of an address has the mark.
pub fn places_record((accounts, [chosen, carried], answers): (Vec<String>, [String; 2], [String; 2])) -> Value {
    let list = |keys: &[String]| keys.iter().map(String::as_str).collect::<Value>();
    Object::default()
        .with("places", list(&accounts))
        .with("chosen", chosen.as_str())
        .with("carried", carried.as_str())
        .with("answers", list(&answers))
        .with("mark", "state=")
        .finish()
}

/// A `ForbiddenExplanation`.
pub fn forbidden_record(forbidden: &Forbidden) -> Value {
    let (cause, advice) = forbidden.cause.text();
    Object::default()
        .with("cause", cause)
        .with("consentCanHelp", forbidden.cause.is_curable())
        .with("missingScopes", Value::from(&forbidden.missing))
        .with("advice", advice)
        .finish()
}

/// What an API wants: of what `kind`, the fields of a `request` that would meet it, and whether a token is asked for or a sign-in.
pub fn challenge_record(challenged: &Challenged) -> Value {
    let kind = match challenged.demand {
        Demand::Claims => Some("claims"),
        Demand::Authentication => Some("authentication"),
        Demand::Scope => Some("scope"),
        Demand::Token | Demand::Unsaid => Some("token"),
        Demand::Unknown => None,
    };
    let is_sign_in = challenged.demand == Demand::Authentication;
    let request = challenged.scopes.as_ref().map(|scopes| {
        let challenge = &challenged.challenge;
        let parameters = is_sign_in.then(|| {
            let acr_values = Object::default().with("acr_values", challenge.acr_values.as_deref());
            acr_values.with("max_age", challenge.max_age.as_deref()).finish()
        });
        Object::default()
            .with("scopes", scopes.to_list())
            .with("claims", challenge.claims.as_deref().filter(|_| challenged.demand == Demand::Claims))
            .with("extraQueryParameters", parameters)
            .with("forceRefresh", challenged.is_forced().then_some(true))
            .finish()
    });
    Object::default()
        .with("kind", kind)
        .with("request", request)
        .with("way", if is_sign_in { "frame" } else { "token" })
        .with("mayAsk", challenged.may_ask())
        .with("forbidden", challenged.forbidden.as_ref().map(forbidden_record))
        .finish()
}

/// A `ScopeWarning`.
pub fn warning_record(warning: &Warning) -> Value {
    let (rule, message) = warning.rule.text();
    Object::default()
        .with("rule", rule)
        .with("message", message)
        .with("scopes", warning.scopes.to_list())
        .with("instead", warning.instead.as_ref().map(ScopeSet::to_list))
        .finish()
}
