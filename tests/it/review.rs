//! Least privilege: what a request could do without, and what is as small as it can be.

use crate::{
    server::CLIENT_ID,
    world::{World, literal, set},
};
use consentry::{
    binding::records::warning_record,
    scope::{Scope, ScopeSet},
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};
use serde_json::{Value as Json, json};

/// The warnings about a request, each with its rule, its scopes and the smaller request, `?` where nobody can tell.
fn found(scopes: &[&str], granted: &[&str], is_sign_in: bool) -> Vec<(String, String, String)> {
    let warnings = set(scopes).review(CLIENT_ID, &set(granted), is_sign_in);
    let told = warnings.iter().map(|warning| {
        let (rule, message) = warning.rule.text();
        assert!(message.len() > 20 && !message.ends_with('.'), "{message}");
        let instead = warning.instead.as_ref().map(ScopeSet::to_parameter);
        (rule.to_owned(), warning.scopes.to_parameter(), instead.unwrap_or_else(|| "?".to_owned()))
    });
    told.collect()
}

#[track_caller]
fn assert_found(scopes: &[&str], is_sign_in: bool, expected: &[(&str, &str, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(rule, scopes, instead)| ((*rule).into(), (*scopes).into(), (*instead).into())).collect();
    assert_eq!(found(scopes, &[], is_sign_in), expected, "{scopes:?}");
}

#[test]
fn a_small_request_is_left_alone() {
    let own = format!("{CLIENT_ID}/access_as_user");
    let requests: [&[&str]; 20] = [
        &[],
        &["openid", "profile", "email", "offline_access"],
        &["User.Read"],
        &["User.Read", "Mail.Read", "Calendars.Read", "openid"],
        &["Mail.ReadWrite", "Mail.Send"],
        &["Mail.Read", "Mail.Read.Shared"],
        &["Files.Read.All", "Files.Read.Selected"],
        &["User.Read", "User.ReadBasic.All"],
        &["User.Read.All", "Group.Read.All"],
        &["https://graph.microsoft.com/User.Read"],
        &["Directory.AccessAsUser.All", "Directory.Read.All"],
        &["api://orders/Orders.Read"],
        &["api://orders/access_as_user"],
        &["api://6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001/access_as_user"],
        &["https://contoso.example/orders/Read"],
        &["https://contoso.example//user_impersonation"],
        &["api://orders/Orders.Read", "User.Read"],
        &["api://orders/Read", "api://files/Write"],
        &["Chat.Read", "ChannelMessage.Send", "Team.ReadBasic.All"],
        &[&own],
    ];
    for scopes in requests {
        assert_found(scopes, false, &[]);
        if set(scopes).resources().len() < 2 {
            assert_found(scopes, true, &[]);
        }
    }
    assert_found(&[&format!("{CLIENT_ID}/.default")], false, &[]);
}

#[test]
fn a_permission_beside_one_that_includes_it_is_redundant() {
    let rule = "redundant_scope";
    assert_found(
        &["Mail.Read", "mail.readwrite", "User.Read"],
        false,
        &[(rule, "Mail.Read", "mail.readwrite User.Read")],
    );
    assert_found(&["User.Read", "User.Read.All"], false, &[(rule, "User.Read", "User.Read.All")]);
    assert_found(
        &["Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite", "openid"],
        true,
        &[(rule, "Mail.ReadBasic Mail.Read", "Mail.ReadWrite openid")],
    );
    // Whether another API takes one name for part of another is its own affair.
    assert_found(&["api://orders/Orders.Read", "API://ORDERS/Orders.ReadWrite.All"], false, &[]);
    assert_found(&["api://orders/Mail.Read", "api://files/Mail.ReadWrite"], false, &[]);
}

#[test]
fn default_asks_for_all_that_is_registered() {
    let rule = "default_scope".to_owned();
    let asked = "api://orders/.default";
    assert_eq!(found(&[asked], &[], false), [(rule.clone(), asked.to_owned(), "?".to_owned())]);
    let granted = ["api://orders/Read", "User.Read", asked];
    assert_eq!(found(&[asked], &granted, false), [(rule, asked.to_owned(), "api://orders/Read".to_owned())]);
    assert_found(
        &["https://graph.microsoft.com/.DEFAULT"],
        true,
        &[("default_scope", "https://graph.microsoft.com/.DEFAULT", "?")],
    );
}

#[test]
fn a_name_without_an_api_is_microsoft_graph_s() {
    let rule = "unqualified_scope";
    assert_found(&["access_as_user"], false, &[(rule, "access_as_user", "?")]);
    assert_found(
        &["api://orders/Orders.Read", "Orders.Write", "User.Read"],
        false,
        &[(rule, "Orders.Write", "api://orders/Orders.Read User.Read api://orders/Orders.Write")],
    );
    assert_found(&["https://graph.microsoft.com/access_as_user"], false, &[]);
    assert_found(&["User.Read", "api://orders/Orders.Read"], false, &[]);
}

#[test]
fn signing_in_is_for_one_api() {
    let scopes = ["User.Read", "api://orders/Read", "openid", "Mail.Read", "api://files/Read"];
    let expected = ("many_resources", "api://orders/Read api://files/Read", "User.Read openid Mail.Read");
    assert_found(&scopes, true, &[expected]);
    assert_found(&scopes, false, &[]);
    assert_found(
        &["https://graph.microsoft.com/User.Read", "mail.read", "00000003-0000-0000-c000-000000000000/Files.Read"],
        true,
        &[],
    );
}

#[test]
fn a_token_to_the_app_itself_is_asked_for_by_its_client_id() {
    let rule = "own_resource";
    let (own, right) = (format!("api://{CLIENT_ID}/Read"), format!("{CLIENT_ID}/Read"));
    assert_found(&[&own, "User.Read"], false, &[(rule, &own, &format!("User.Read {right}"))]);
    assert_found(&[&right], false, &[]);
    let default = format!("API://{}/.default", CLIENT_ID.to_uppercase());
    assert_found(&[&default], false, &[(rule, &default, &format!("{CLIENT_ID}/.default"))]);
    assert_eq!(set(&["api://my-app/Read"]).review("my-app", &ScopeSet::default(), false), [], "only a GUID is a name");
    assert_eq!(set(&["openid"]).review("my-app", &ScopeSet::default(), true), []);
}

#[test]
fn each_rule_has_its_say() {
    let own = format!("api://{CLIENT_ID}/Tasks.Read");
    let scopes = ["Mail.Read", "Mail.ReadWrite", "access", &own];
    let rules: Vec<_> = found(&scopes, &[], true).into_iter().map(|(rule, ..)| rule).collect();
    assert_eq!(rules, ["redundant_scope", "unqualified_scope", "many_resources", "own_resource"]);
}

#[test]
fn a_warning_is_a_plain_record() {
    let warnings = set(&["Mail.Read", "Mail.ReadWrite"]).review(CLIENT_ID, &ScopeSet::default(), false);
    let record = literal(&warning_record(&warnings[0]));
    assert_eq!(
        (&record["rule"], &record["scopes"], &record["instead"]),
        (&json!("redundant_scope"), &json!(["Mail.Read"]), &json!(["Mail.ReadWrite"]))
    );
    assert!(record["message"].as_str().is_some_and(|message| message.contains("leave it out")));
    assert_eq!(record.as_object().map(serde_json::Map::len), Some(4));
    let unclear = set(&["access_as_user"]).review(CLIENT_ID, &ScopeSet::default(), false);
    assert_eq!(literal(&warning_record(&unclear[0]))["instead"], Json::Null, "only the developer can tell");
}

#[test]
fn a_client_reviews_with_what_is_granted_and_says_whether_it_warns() {
    let world = World::new();
    assert_eq!(world.client().review(&set(&["api://orders/.default"]), false)[0].instead, None);
    let (client, _) = world.sign_in(&["api://orders/Read"]);
    assert_eq!(client.review(&set(&["api://orders/.default"]), false)[0].instead, Some(set(&["api://orders/Read"])));
    assert!(!client.warns(), "not on a page of the world");
    let table = [
        ("http://localhost:8080/", Json::Null, true),
        ("http://127.0.0.1/", Json::Null, true),
        ("https://[::1]:8443/x", Json::Null, true),
        ("https://localhost.evil.example/", Json::Null, false),
        ("https://app.example/", json!(true), true),
        ("http://localhost/", json!(false), false),
    ];
    for (page, configured, warns) in table {
        let auth = json!({ "clientId": CLIENT_ID, "authority": crate::server::AUTHORITY });
        let world = World::configured(json!({ "auth": auth, "system": { "scopeWarnings": configured } }));
        world.browser.open(page);
        assert_eq!(world.client().warns(), warns, "{page} {configured}");
    }
}

fn scope(text: &str) -> Scope {
    Scope::parse(text, "scopes").expect("it is well formed")
}

#[test]
fn a_permission_includes_another_by_their_names() {
    let included = [
        ("Mail.ReadWrite", "Mail.Read"),
        ("Mail.ReadWrite", "Mail.ReadBasic"),
        ("Mail.Read", "mail.READBASIC"),
        ("User.Read.All", "User.Read"),
        ("User.ReadWrite.All", "User.Read"),
        ("User.ReadWrite.All", "User.ReadBasic.All"),
    ];
    let apart = [
        ("api://orders/Orders.ReadWrite", "api://orders/Orders.Read"),
        ("Mail.Read", "Mail.Read"),
        ("Mail.Read", "MAIL.read"),
        ("Mail.Send", "Mail.Read"),
        ("Mail.ReadWrite", "Mail.Send"),
        ("Mail.ReadWrite", "Calendars.Read"),
        ("Mail.Read.Shared", "Mail.Read"),
        ("User.ReadBasic.All", "User.Read"),
        ("User.Read", "User.ReadBasic.All"),
        ("Files.Read.All", "Files.Read.Selected"),
        ("Mail.ReadWrite", "api://orders/Mail.Read"),
        ("api://orders/Orders.ReadWrite", "api://orders/Orders.Read"),
        ("Read", "openid"),
        ("openid", "profile"),
        (".default", "Mail.Read"),
        ("Mail.Readers", "Mail.Read"),
    ];
    for (wide, narrow) in included {
        assert!(scope(wide).includes(&scope(narrow)) && !scope(narrow).includes(&scope(wide)), "{wide} {narrow}");
    }
    for (one, other) in apart {
        assert!(!scope(one).includes(&scope(other)), "{one} {other}");
    }
}

fn permission() -> impl Strategy<Value = Scope> {
    let part = || select(vec!["Mail", "Read", "ReadWrite", "readbasic", "All", "ALL", "Shared", "read"]);
    let api = select(vec!["", "api://orders/"]);
    (api, vec(part(), 1..5)).prop_map(|(api, parts)| scope(&[api, &parts.join(".")].concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(20), cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn inclusion_is_an_order(one in permission(), two in permission(), three in permission()) {
        prop_assert!(!one.includes(&one));
        prop_assert!(!(one.includes(&two) && two.includes(&one)));
        prop_assert!(!(one.includes(&two) && two.includes(&three)) || one.includes(&three), "{one} {two} {three}");
        prop_assert!(!one.includes(&two) || one.resource() == two.resource());
    }

    #[test]
    fn a_smaller_request_leaves_the_rest(scopes in vec(permission(), 0..6), is_sign_in in any::<bool>()) {
        let asked: ScopeSet = scopes.into_iter().collect();
        for warning in asked.review(CLIENT_ID, &ScopeSet::default(), is_sign_in) {
            prop_assert!(asked.is_superset(&warning.scopes) && !warning.scopes.is_empty());
            let Some(instead) = warning.instead else { continue };
            prop_assert!(instead.is_superset(&asked.difference(&warning.scopes)));
            prop_assert!(instead.len() <= asked.len());
            prop_assert!(!instead.iter().any(|scope| warning.scopes.contains(scope)));
        }
    }
}
