//! A refresh token of another server than the platform: the user is asked for it, and not more often than needed.

use super::{answer_said, answer_tokens, come_back, document, sign_in, world, world_with};
use crate::{
    browser::{field, http},
    server::{AUTHORITY, CLIENT_ID},
    world::{Client, World, acquiring, asking, code, finish, named, query, set, silent, value, wanting},
};
use consentry::{
    binding::dictionary,
    client::{RedirectRequest, SilentRequest},
    error::ConfigError,
    protocol::Prompt,
};
use serde_json::{Value as Json, json};

/// The parameters `prompt` and `scope` of what a request is sent as.
fn sent(world: &World, client: &Client, request: &RedirectRequest<'_>) -> (String, String) {
    let query = query(&world.leave(client, request));
    (field(&query, "prompt").to_owned(), field(&query, "scope").to_owned())
}

fn prompt(world: &World, client: &Client, request: &RedirectRequest<'_>) -> String {
    sent(world, client, request).0
}

fn signed_in(world: &World) -> Client {
    sign_in(world);
    let client = world.client();
    finish(&client).expect("the sign-in succeeds").expect("there was a response");
    client
}

#[test]
fn who_asks_for_a_refresh_token_has_the_user_asked() {
    let world = world();
    assert_eq!(prompt(&world, &world.client(), &asking(&["notes.read"])), "consent");
    for own in [Prompt::LOGIN, Prompt::NONE, Prompt::SELECT_ACCOUNT, Prompt::CREATE] {
        let request = RedirectRequest { prompt: Some(own), ..asking(&["notes.read"]) };
        assert_eq!(prompt(&world, &world.client(), &request), own.as_str(), "the app's own stands");
    }
}

#[test]
fn a_server_that_does_not_do_that_is_not_told_to() {
    let table = [
        (json!(["none", "login"]), ""),
        (json!([]), ""),
        (json!(["login", "consent"]), "consent"),
        (json!(null), "consent"),
        (json!("login"), "consent"),
    ];
    for (values, expected) in table {
        let world = world_with(&json!({}), &json!({ "prompt_values_supported": values }));
        assert_eq!(prompt(&world, &world.client(), &asking(&["notes.read"])), expected, "{values}");
    }
}

#[test]
fn the_platform_gives_it_unasked() {
    let world = World::new();
    assert_eq!(sent(&world, &world.client(), &asking(&["User.Read"])).0, "");
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(sent(&world, &client, &acquiring(&["Mail.Read"])).0, "");
}

#[test]
fn what_is_there_is_not_asked_for_again() {
    let world = world();
    let client = signed_in(&world);
    assert_eq!(prompt(&world, &client, &acquiring(&["notes.read"])), "", "it does for all of this");
    assert_eq!(prompt(&world, &client, &acquiring(&[])), "");
    let named = RedirectRequest { account: Some(named("alice@contoso.example")), ..asking(&["notes.read"]) };
    assert_eq!(prompt(&world, &client, &named), "", "nobody else may answer");
    assert_eq!(prompt(&world, &client, &acquiring(&["notes.write"])), "consent", "it may not do for more");
    assert_eq!(
        prompt(&world, &client, &acquiring(&["notes.read", "email"])),
        "consent",
        "nor for more of who they are"
    );
    assert_eq!(
        prompt(&world, &client, &acquiring(&["profile", "offline_access"])),
        "",
        "it does for what is always asked for"
    );
    let more = RedirectRequest { extra_scopes: set(&["notes.write"]), ..acquiring(&["notes.read"]) };
    assert_eq!(prompt(&world, &client, &more), "consent");
    assert_eq!(prompt(&world, &client, &asking(&["notes.read"])), "consent", "somebody else may come, who has none");
}

#[test]
fn one_that_is_gone_is_asked_for_again() {
    let world = world();
    let client = signed_in(&world);
    let refused = http(400, &json!({ "error": "invalid_grant" }));
    world.browser.network().serve("https://id.example/Realms/one/token", move |_| Ok(refused.clone()));
    let forced = SilentRequest { force_refresh: true, ..wanting(&["notes.read"]) };
    silent(&client, &forced).expect_err("the refresh token is dead");
    let url = world.leave(&client, &acquiring(&["notes.read"]));
    assert_eq!(field(&query(&url), "prompt"), "consent");
    come_back(&world, &query(&url));
    let client = world.client();
    finish(&client).expect("the sign-in succeeds").expect("there was a response");
    answer_tokens(&world, field(&query(&url), "nonce"));
    silent(&client, &forced).expect("a token by the new one");
}

#[test]
fn one_that_is_kept_speaks_of_the_sign_in_that_it_is_of() {
    let world = world();
    let first = query(&sign_in(&world));
    finish(&world.client()).expect("the sign-in succeeds").expect("there was a response");
    let second = query(&world.leave(&world.client(), &acquiring(&["notes.read"])));
    come_back(&world, &second);
    answer_said(&world, field(&second, "nonce"), None, &json!({ "auth_time": 9 }));
    finish(&world.client()).expect("it succeeds").expect("there was a response");
    let forced = SilentRequest { force_refresh: true, ..wanting(&["notes.read"]) };
    answer_tokens(&world, field(&first, "nonce"));
    for _ in 0..2 {
        silent(&world.client(), &forced).expect("of its own (OpenID Connect Core section 12.2)");
    }
    let of_the_first = json!({ "auth_time": 7 });
    answer_said(&world, field(&first, "nonce"), Some("next"), &of_the_first);
    silent(&world.client(), &forced).expect("and has the time of its own");
    answer_tokens(&world, field(&second, "nonce"));
    assert_eq!(code(silent(&world.client(), &forced)), "invalid_id_token", "of the other sign-in");
    let third = query(&world.leave(&world.client(), &acquiring(&["notes.write"])));
    come_back(&world, &third);
    finish(&world.client()).expect("it succeeds").expect("there was a response");
    silent(&world.client(), &forced).expect("the newest came with one of its own");
}

#[test]
fn its_id_tokens_may_leave_out_the_nonce_and_repeat_it_later() {
    let said = |auth_time: u64| json!({ "auth_time": auth_time });
    let unsaid = |auth_time: u64| json!({ "nonce": null, "auth_time": auth_time });
    let another = || json!({ "nonce": "another", "auth_time": 7 });
    let sequences = [
        (vec![said(7), unsaid(7), unsaid(7), said(7)], true),
        (vec![unsaid(7), another()], false),
        (vec![said(7), another()], false),
        (vec![unsaid(7), unsaid(8)], false),
        (vec![unsaid(7), said(8)], false),
        (vec![unsaid(7), said(7), said(8)], false),
    ];
    for (answers, is_right) in sequences {
        let world = world();
        let asked = query(&sign_in(&world));
        finish(&world.client()).expect("the sign-in succeeds").expect("there was a response");
        let forced = SilentRequest { force_refresh: true, ..wanting(&["notes.read"]) };
        let last = answers.len() - 1;
        for (number, more) in answers.iter().enumerate() {
            answer_said(&world, field(&asked, "nonce"), Some("next"), more);
            let outcome = silent(&world.client(), &forced);
            if number < last || is_right {
                outcome.expect("a token (OpenID Connect Core section 12.2)");
            } else {
                assert_eq!(code(outcome), "invalid_id_token", "{answers:?}");
            }
        }
    }
}

#[test]
fn asking_for_it_by_itself_asks_nothing_that_was_declined() {
    let world = world();
    world.browser.set_user_active(false);
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    let asked = query(&url);
    assert_eq!(field(&asked, "prompt"), "consent");
    let answer = [("error", "access_denied"), ("state", field(&asked, "state")), ("iss", super::ISSUER)];
    let answer = answer.map(|(name, value)| (name.to_owned(), value.to_owned()));
    world.come_back(crate::world::REDIRECT_URI, &answer.into());
    finish(&world.client()).expect_err("the user declined");
    let again = crate::world::now(world.client().begin_redirect(&asking(&["notes.read"])));
    assert_eq!(code(again), "access_denied", "as the app has not said to");
}

#[test]
fn an_app_can_do_without_it() {
    let with = |scopes: Json| world_with(&json!({ "OIDCOptions": { "defaultScopes": scopes } }), &json!({}));
    let table = [
        (json!(["openid", "profile"]), "", "notes.read openid profile"),
        (json!([]), "", "notes.read openid"),
        (json!(["email"]), "", "notes.read openid email"),
        (json!(["offline_access", "OPENID"]), "consent", "notes.read openid offline_access"),
    ];
    for (scopes, prompt, scope) in table {
        let world = with(scopes);
        assert_eq!(sent(&world, &world.client(), &asking(&["notes.read"])), (prompt.into(), scope.into()));
    }
    let world = with(json!(["openid"]));
    let request = asking(&["notes.read", "offline_access"]);
    assert_eq!(prompt(&world, &world.client(), &request), "consent", "one request can ask for it");
    let client = signed_in(&world);
    let plan = client.plan(&set(&["notes.write"]), None).expect("a plan");
    assert_eq!(plan.authorize_scope().as_deref(), Some("notes.write openid"), "a plan says what is sent");
    world.token_requests();
    silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["notes.read"]) }).expect("a token");
    assert_eq!(world.token_requests()[0].field("scope"), "notes.read openid");
}

#[test]
fn default_scopes_are_a_list_of_scopes_and_other_servers_alone() {
    let config = |options: Json, mode: &str| {
        let authority = if mode == "OIDC" { super::ISSUER } else { AUTHORITY };
        let auth = json!({ "clientId": CLIENT_ID, "authority": authority, "OIDCOptions": options });
        dictionary::config(&value(&json!({ "auth": auth, "system": { "protocolMode": mode } })))
    };
    let field = "auth.OIDCOptions.defaultScopes";
    let expected = "an array of strings, or one for each Application ID URI";
    assert_eq!(
        config(json!({ "defaultScopes": "openid" }), "OIDC").err(),
        Some(ConfigError::Field { field, expected })
    );
    assert_eq!(
        config(json!({ "defaultScopes": ["a b"] }), "OIDC").err(),
        Some(ConfigError::ScopeMalformed { field, scope: "a b".to_owned() })
    );
    let expected = "an object";
    let wrong = Some(ConfigError::Field { field: "auth.OIDCOptions", expected });
    assert_eq!(config(json!(["openid"]), "OIDC").err(), wrong);
    let platform = config(json!({ "defaultScopes": ["openid"] }), "AAD").expect("a configuration");
    assert_eq!(platform.default_scopes.to_parameter(), "openid profile offline_access");
    assert!(document(super::ISSUER).get("prompt_values_supported").is_none(), "which is how most servers are");
}
