//! Why an API said 403: what the client was granted × what the user may, and whether consent can help.

use crate::{
    server::{ALICE, BOB},
    world::{Client, REDIRECT_URI, World, acquiring, finish, literal, named, set, silent, value, wanting},
};
use consentry::{
    binding::{dictionary::forbidden_call, records::forbidden_record},
    client::{Cause, Forbidden, ForbiddenCall, RedirectRequest, SilentRequest},
    json::Value,
    scope::ScopeSet,
};
use serde_json::json;

/// Alice with User.Read, Mail.Read and Orders.Read; who has declined Files.Read, and whom an administrator has to help with
/// User.Read.All.
fn signed_in() -> (World, Client) {
    let world = World::new();
    let request =
        RedirectRequest { extra_scopes: set(&["api://orders/Orders.Read"]), ..acquiring(&["User.Read", "Mail.Read"]) };
    world.visit_server(&world.client(), &RedirectRequest { is_sign_in: true, ..request }, REDIRECT_URI);
    finish(&world.client()).expect("the user consents");
    silent(&world.client(), &wanting(&["api://orders/Orders.Read"])).expect("a token");
    world.refused(&acquiring(&["Files.Read"]), "access_denied", "65004");
    world.refused(&acquiring(&["User.Read.All"]), "access_denied", "90094");
    let client = world.client();
    (world, client)
}

/// What is said of a call with a token for `held` that needs `needed`.
fn explained(client: &Client, held: &[&str], needed: &[&str], challenge: Option<&str>) -> Forbidden {
    let call = ForbiddenCall { account: None, token_scopes: held.to_vec(), needed: set(needed), challenge };
    client.explain_forbidden(&call)
}

#[track_caller]
fn assert_cause(found: &Forbidden, cause: Cause, missing: &[&str]) {
    assert_eq!((found.cause, &found.missing), (cause, &set(missing)));
}

#[test]
fn consent_helps_where_the_client_lacks_a_permission_and_nowhere_else() {
    let (world, client) = signed_in();
    let call = |held: &[&str], needed: &[&str]| explained(&client, held, needed, None);
    assert_cause(&call(&["User.Read"], &["Tasks.Read"]), Cause::Consent, &["Tasks.Read"]);
    assert_cause(&call(&["User.Read", "Mail.Read"], &["mail.read"]), Cause::User, &[]);
    assert_cause(&call(&["User.Read"], &["https://graph.microsoft.com/User.Read"]), Cause::User, &[]);
    assert_cause(&call(&["User.Read"], &["Mail.Read"]), Cause::StaleToken, &[]);
    assert_cause(&call(&["User.Read"], &["Files.Read", "Mail.Read"]), Cause::Declined, &["Files.Read"]);
    assert_cause(&call(&["User.Read"], &["User.Read.All"]), Cause::AdminConsent, &["User.Read.All"]);
    assert_cause(&call(&["User.Read"], &["Tasks.Read", "User.Read"]), Cause::Consent, &["Tasks.Read"]);
    assert_cause(&call(&["User.Read"], &[]), Cause::Unknown, &[]);
    assert_cause(&call(&["User.Read"], &["openid"]), Cause::Unknown, &[]);
    assert_cause(&call(&[], &["Tasks.Read"]), Cause::Consent, &["Tasks.Read"]);
    // A name without its API is Microsoft Graph's, which this token is not for.
    assert_cause(&call(&["api://orders/Orders.Read"], &["Orders.Read"]), Cause::Unknown, &[]);
    assert_cause(&call(&["api://orders/Orders.Read"], &["User.Read", "api://orders/Orders.Read"]), Cause::User, &[]);
    assert_cause(&call(&["api://orders/.default"], &["api://orders/Orders.Read"]), Cause::Unknown, &[]);
    world.browser.pass(3_600);
    assert_cause(&call(&["User.Read"], &["User.Read.All"]), Cause::Consent, &["User.Read.All"]);
}

#[test]
fn an_api_that_the_server_calls_by_another_name_is_the_one_that_was_asked() {
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["scope"] = json!("https://orders.contoso.example/Orders.Read openid"));
    let asked = "api://9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9/Orders.Read";
    let manage = "api://9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9/Orders.Manage";
    let (client, answer) = world.sign_in(&[asked]);
    let held: Vec<String> = answer.result.token.scopes.iter().map(ToString::to_string).collect();
    let held: Vec<&str> = held.iter().map(String::as_str).collect();
    assert_eq!(held[0], "https://orders.contoso.example/Orders.Read", "the server's name comes first");
    let call = |needed: &[&str], challenge| explained(&client, &held, needed, challenge);
    assert_cause(&call(&[manage], None), Cause::Consent, &[manage]);
    assert_cause(&call(&[asked], None), Cause::User, &[]);
    assert_cause(&call(&["https://orders.contoso.example/Orders.Read"], None), Cause::User, &[]);
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"Orders.Manage\"";
    assert_cause(&call(&[asked], Some(challenge)), Cause::Consent, &[manage]);
}

#[test]
fn what_a_wider_permission_includes_is_held() {
    let (_, client) = signed_in();
    let call = |held: &[&str], needed: &[&str]| explained(&client, held, needed, None).cause;
    assert_eq!(call(&["Mail.ReadWrite"], &["Mail.Read"]), Cause::User);
    assert_eq!(call(&["User.Read.All"], &["User.ReadBasic.All"]), Cause::User);
    assert_eq!(call(&["Mail.Read"], &["Mail.ReadWrite"]), Cause::Consent);
    let custom = ["api://orders/Tasks.ReadWrite"];
    assert_eq!(
        call(&custom, &["api://orders/Tasks.Read"]),
        Cause::Consent,
        "what another API's names mean is its own affair"
    );
}

#[test]
fn a_wider_permission_that_came_after_the_token_needs_only_a_new_token() {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    let (client, _) = world.sign_in(&["Mail.ReadWrite"]);
    assert_cause(&explained(&client, &["User.Read"], &["Mail.Read"], None), Cause::StaleToken, &[]);
    let forced = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    let token = silent(&client, &forced).expect("a token");
    let held: Vec<String> = token.token.scopes.iter().map(ToString::to_string).collect();
    let held: Vec<&str> = held.iter().map(String::as_str).collect();
    assert_eq!(explained(&client, &held, &["Mail.Read"], None).cause, Cause::User, "which has it");
}

#[test]
fn the_api_s_own_words_count() {
    let (_, client) = signed_in();
    let held = ["api://orders/Orders.Read"];
    let call = |needed: &[&str], challenge| explained(&client, &held, needed, Some(challenge));
    let lacking = r#"Bearer error="insufficient_scope", scope="Orders.Write api://orders/Orders.Read""#;
    assert_cause(&call(&[], lacking), Cause::Consent, &["api://orders/Orders.Write"]);
    assert_cause(
        &call(&["api://orders/Orders.Delete"], lacking),
        Cause::Consent,
        &["api://orders/Orders.Delete", "api://orders/Orders.Write"],
    );
    assert_cause(&call(&[], "Bearer error=\"insufficient_scope\""), Cause::Unknown, &[]);
    let held_already = r#"Bearer error="insufficient_scope", scope="Orders.Read""#;
    assert_cause(&call(&[], held_already), Cause::Unknown, &[]);
    assert_cause(&call(&[], r#"Bearer scope="Orders.Read""#), Cause::User, &[]);
    assert_cause(&call(&["api://orders/Orders.Read"], held_already), Cause::Unknown, &[]);
    assert_cause(&call(&["api://orders/Orders.Read"], "Bearer realm=\"x\""), Cause::User, &[]);
    let claims =
        r#"Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==", scope="Orders.Write""#;
    assert_cause(&call(&["api://orders/Orders.Write"], claims), Cause::ClaimsChallenge, &[]);
    assert_cause(&call(&[], r#"DPoP error="insufficient_claims""#), Cause::Unknown, &[]);
}

#[test]
fn it_is_explained_for_the_account_of_the_token() {
    let (world, _) = signed_in();
    let client = world.sign_in_as(BOB, &["User.Read"]);
    let of = |name, needed: &[&str]| {
        let call = ForbiddenCall {
            account: Some(named(name)),
            token_scopes: vec!["User.Read"],
            needed: set(needed),
            challenge: None,
        };
        client.explain_forbidden(&call).cause
    };
    assert_eq!((of(ALICE.name, &["Files.Read"]), of(BOB.name, &["Files.Read"])), (Cause::Declined, Cause::Consent));
    assert_eq!((of(ALICE.name, &["Mail.Read"]), of(BOB.name, &["Mail.Read"])), (Cause::StaleToken, Cause::Consent));
    assert_eq!(of("nobody", &["Files.Read"]), Cause::Consent, "of whom nothing is known");
    let unclear = explained(&client, &["User.Read"], &["Files.Read"], None);
    assert_eq!(unclear.cause, Cause::Consent);
}

#[test]
fn it_asks_nobody_and_writes_nothing() {
    let (world, client) = signed_in();
    let seen = || (world.stored(), world.browser.network().sent().len(), world.browser.left().len());
    let before = seen();
    for needed in ["Tasks.Read", "Files.Read", "User.Read.All", "Mail.Read"] {
        let _ =
            explained(&client, &["User.Read"], &[needed], Some("Bearer error=\"insufficient_scope\", scope=\"A.B\""));
    }
    assert_eq!(seen(), before);
}

#[test]
fn each_cause_has_a_name_and_advice() {
    let causes = [
        (Cause::Consent, "consent", true),
        (Cause::AdminConsent, "admin_consent", true),
        (Cause::Declined, "declined", true),
        (Cause::StaleToken, "stale_token", false),
        (Cause::ClaimsChallenge, "claims_challenge", false),
        (Cause::User, "user", false),
        (Cause::Unknown, "unknown", false),
    ];
    for (cause, name, can_help) in causes {
        let record = literal(&forbidden_record(&Forbidden { cause, missing: set(&["User.Read"]) }));
        assert_eq!((&record["cause"], &record["consentCanHelp"]), (&json!(name), &json!(can_help)));
        assert!(record["advice"].as_str().is_some_and(|advice| advice.len() > 30 && !advice.ends_with('.')), "{name}");
        assert_eq!(record["missingScopes"], json!({ "https://graph.microsoft.com": ["User.Read"] }));
    }
    let none = forbidden_record(&Forbidden { cause: Cause::User, missing: ScopeSet::default() });
    assert_eq!(literal(&none)["missingScopes"], json!({}), "empty, and there");
}

#[test]
fn a_call_is_read_field_by_field() {
    let (_, client) = signed_in();
    let told = |call: serde_json::Value| {
        let call = value(&call);
        forbidden_call(&call).map(|call| client.explain_forbidden(&call).cause)
    };
    let token = json!({ "scopes": ["User.Read"], "account": { "username": ALICE.name } });
    assert_eq!(
        told(json!({ "token": token, "scopes": { "https://graph.microsoft.com": ["Files.Read"] } })),
        Ok(Cause::Declined)
    );
    assert_eq!(told(json!({ "token": token, "scopes": ["Tasks.Read"], "wwwAuthenticate": null })), Ok(Cause::Consent));
    assert_eq!(told(json!({ "token": token, "wwwAuthenticate": "Bearer scope=\"Mail.Read\"" })), Ok(Cause::StaleToken));
    assert_eq!(told(json!({})), Ok(Cause::Unknown));
    assert_eq!(
        told(json!({ "token": { "scopes": [7, null, "User.Read"] }, "scopes": ["User.Read"] })),
        Ok(Cause::User)
    );
    assert!(told(json!({ "token": token, "scopes": ["a b"] })).is_err());
}

#[test]
fn a_huge_challenge_is_cut_off() {
    let (_, client) = signed_in();
    let many: Vec<_> = (0..100_000).map(|number| format!("P{number}")).collect();
    let ended = format!("Bearer scope=\"{}\"", many[..100].join(" "));
    assert_eq!(explained(&client, &["api://orders/Orders.Read"], &[], Some(&ended)).missing.len(), 100);
    let endless = format!("Bearer scope=\"{}\"", many.join(" "));
    assert_eq!(explained(&client, &["api://orders/Orders.Read"], &[], Some(&endless)).missing.len(), 0, "half is none");
}

#[test]
fn what_an_api_writes_that_is_no_scope_is_left_out() {
    let (_, client) = signed_in();
    let held = ["api://orders/Orders.Read"];
    let hostile =
        "Bearer error=\"insufficient_scope\", scope=\"<script> a\\\\b // /x javascript:alert(1) openid .. A\u{0}B\"";
    let found = explained(&client, &held, &[], Some(hostile));
    let record = forbidden_record(&found);
    let Some(Value::Object(by_resource)) = record.member("missingScopes") else { panic!("{record:?}") };
    assert!(by_resource.iter().all(|(resource, _)| resource == "api://orders"), "{by_resource:?}");
}

#[test]
fn an_api_speaks_of_its_own_permissions_only() {
    let (_, client) = signed_in();
    let held = ["api://orders/Orders.Read"];
    let foreign = "Bearer error=\"insufficient_scope\", scope=\"https://graph.microsoft.com/Directory.ReadWrite.All\"";
    assert_cause(&explained(&client, &held, &[], Some(foreign)), Cause::Unknown, &[]);
    let both = "Bearer error=\"insufficient_scope\", scope=\"Orders.Write https://graph.microsoft.com/Mail.Send\"";
    assert_cause(&explained(&client, &held, &[], Some(both)), Cause::Consent, &["api://orders/Orders.Write"]);
}
