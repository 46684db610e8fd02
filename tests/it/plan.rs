//! What it takes to get permissions, from what is known here: nobody is asked, and nothing is sent or written.

mod agreement;

use crate::{
    server::{ALICE, BOB},
    world::{
        Client, REDIRECT_URI, World, acquiring, asking, code, finish, literal, named, query, set, silent, value,
        wanting,
    },
};
use consentry::{
    binding::records::plan_record,
    cache::AccountFilter,
    client::{Plan, RedirectRequest, SilentRequest},
    error::Error,
    json::Value,
    scope::ScopeSet,
};
use serde_json::{Value as Json, json};

/// What an interactive request always asks for besides.
const SIGN_IN: &str = "openid profile offline_access";

/// Plans, and sees that nobody notices.
fn planned(world: &World, client: &Client, scopes: &[&str], account: Option<AccountFilter<'_>>) -> Result<Plan, Error> {
    let seen = || {
        let browser = &world.browser;
        (world.stored(), browser.network().sent().len(), browser.left().len(), browser.drawn().len())
    };
    let before = seen();
    let plan = client.plan(&set(scopes), account);
    assert_eq!(seen(), before, "nothing is sent or written");
    plan
}

/// What JavaScript is told of a plan for the only account.
fn told(world: &World, client: &Client, scopes: &[&str]) -> Json {
    literal(&plan_record(&planned(world, client, scopes, None).expect("a plan")))
}

/// Alice, who has been granted some permissions.
fn signed_in(scopes: &[&str]) -> (World, Client) {
    let world = World::new();
    let (client, _) = world.sign_in(scopes);
    (world, client)
}

fn standing(granted: &[&str], missing: &[&str], admin_only: &[&str], declined: &[&str]) -> Json {
    let declined: Vec<_> = declined.iter().map(|scope| json!({ "scope": scope, "on": 1_795_132_800 })).collect();
    json!({ "granted": granted, "missing": missing, "adminOnly": admin_only, "declined": declined })
}

#[test]
fn nothing_is_asked_for_what_is_granted() {
    let (world, client) = signed_in(&["User.Read", "Mail.Read"]);
    let expected = json!({
        "resources": { "https://graph.microsoft.com": standing(&["mail.read"], &[], &[], &[]) },
        "interaction": "none",
        "tokenRequests": [{ "resource": "https://graph.microsoft.com", "scope": format!("mail.read {SIGN_IN}") }],
    });
    assert_eq!(told(&world, &client, &["mail.read"]), expected);
}

#[test]
fn all_that_is_missing_is_in_one_request() {
    let (world, client) = signed_in(&["User.Read"]);
    let scopes = ["User.Read", "api://Orders/Read", "Mail.Read", "https://files.example//Read", "api://orders/Write"];
    let expected = json!({
        "resources": {
            "https://graph.microsoft.com": standing(&["User.Read"], &["Mail.Read"], &[], &[]),
            "api://Orders": standing(&[], &["Read", "Write"], &[], &[]),
            "https://files.example/": standing(&[], &["Read"], &[], &[]),
        },
        "interaction": "consent",
        "request": {
            "scopes": ["api://Orders/Read", "api://orders/Write"],
            "extraScopesToConsent": ["Mail.Read", "https://files.example//Read"],
        },
        "authorizeScope":
            format!("api://Orders/Read api://orders/Write {SIGN_IN} Mail.Read https://files.example//Read"),
        "tokenRequests": [
            { "resource": "https://graph.microsoft.com", "scope": format!("User.Read Mail.Read {SIGN_IN}") },
            { "resource": "api://Orders", "scope": format!("api://Orders/Read api://orders/Write {SIGN_IN}") },
            { "resource": "https://files.example/", "scope": format!("https://files.example//Read {SIGN_IN}") },
        ],
    });
    assert_eq!(told(&world, &client, &scopes), expected);
    let plan = planned(&world, &client, &scopes, None).expect("a plan");
    let order: Vec<_> = plan.resources.iter().map(|(resource, _)| resource.as_str()).collect();
    assert_eq!(order, ["https://graph.microsoft.com", "api://Orders", "https://files.example/"], "as they are named");
}

/// Makes the request of a plan: the address that the user is sent to.
fn carried_out(world: &World, client: &Client, plan: &Plan, is_sign_in: bool) -> String {
    let request = RedirectRequest {
        scopes: plan.scopes.clone(),
        extra_scopes: plan.extra_scopes.clone(),
        is_sign_in,
        ..acquiring(&[])
    };
    world.leave(client, &request)
}

#[test]
fn a_plan_that_is_carried_out_sends_what_it_says_and_brings_what_it_is_for() {
    let scopes = ["User.Read", "api://orders/Read", "Mail.Read", "api://files/Read"];
    for is_sign_in in [true, false] {
        let world = World::new();
        let client = if is_sign_in { world.client() } else { world.sign_in(&["User.Read"]).0 };
        let plan = planned(&world, &client, &scopes, None).expect("a plan");
        let url = carried_out(&world, &client, &plan, is_sign_in);
        let sent: Vec<_> = query(&url).into_iter().filter(|(name, _)| name == "scope").map(|(_, sent)| sent).collect();
        assert_eq!(plan.authorize_scope().as_slice(), sent, "sign-in: {is_sign_in}");
        world.come_back(REDIRECT_URI, &world.server.authorize(&url));
        finish(&world.client()).expect("the user consents");
        world.browser.network().take_sent();
        let client = world.client();
        let mut requests = Vec::new();
        for (resource, part) in &plan.resources {
            let result = silent(&client, &SilentRequest { scopes: part.clone(), force_refresh: true, ..wanting(&[]) });
            assert_eq!(result.expect("a token").token.resource, *resource);
            requests.extend(world.token_requests().into_iter().map(|sent| sent.field("scope").to_owned()));
        }
        let record = literal(&plan_record(&plan));
        let planned: Vec<_> =
            record["tokenRequests"].as_array().expect("a list").iter().map(|request| &request["scope"]).collect();
        assert_eq!(planned, requests.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(told(&world, &client, &scopes)["interaction"], "none");
    }
}

#[test]
fn with_nobody_signed_in_it_begins_with_signing_in() {
    let world = World::new();
    let client = world.client();
    let expected = json!({
        "resources": {
            "api://orders": standing(&[], &["Read"], &[], &[]),
            "https://graph.microsoft.com": standing(&[], &["User.Read"], &[], &[]),
        },
        "interaction": "login",
        "request": { "scopes": ["api://orders/Read"], "extraScopesToConsent": ["User.Read"] },
        "authorizeScope": format!("api://orders/Read {SIGN_IN} User.Read"),
        "tokenRequests": [
            { "resource": "api://orders", "scope": format!("api://orders/Read {SIGN_IN}") },
            { "resource": "https://graph.microsoft.com", "scope": format!("User.Read {SIGN_IN}") },
        ],
    });
    assert_eq!(told(&world, &client, &["api://orders/Read", "User.Read"]), expected);
    assert!(planned(&world, &client, &["User.Read"], None).expect("a plan").consent.is_none());
    let unknown = planned(&world, &client, &["User.Read"], Some(named("nobody")));
    assert_eq!(code(unknown), "no_account_error");
}

#[test]
fn openid_connect_s_own_need_no_consent_of_their_own() {
    let world = World::new();
    let own = json!({
        "resources": { "https://graph.microsoft.com": standing(&[], &[], &[], &[]) },
        "interaction": "login",
        "request": { "scopes": [], "extraScopesToConsent": [] },
        "authorizeScope": SIGN_IN,
        "tokenRequests": [{ "resource": "https://graph.microsoft.com", "scope": SIGN_IN }],
    });
    let client = world.client();
    assert_eq!(told(&world, &client, &[]), own);
    assert_eq!(told(&world, &client, &["openid", "profile"])["interaction"], "login");
    let (world, client) = signed_in(&["User.Read"]);
    for scopes in [&[][..], &["openid", "email"]] {
        assert_eq!(told(&world, &client, scopes)["interaction"], "none", "{scopes:?}");
    }
}

#[test]
fn the_request_names_openid_connect_s_own_as_well() {
    let world = World::new();
    let client = world.client();
    let plan = planned(&world, &client, &["User.Read", "email"], None).expect("a plan");
    let asked = plan.authorize_scope().expect("a request");
    assert!(asked.split(' ').any(|scope| scope == "email"), "the user signs in with what was named: {asked}");
}

#[test]
fn what_was_declined_is_left_to_the_app() {
    let (world, _) = signed_in(&["User.Read"]);
    world.refused(&acquiring(&["Mail.Read", "Files.Read"]), "access_denied", "65004");
    let client = world.client();
    let alone = told(&world, &client, &["Mail.Read", "User.Read"]);
    assert_eq!(
        (&alone["interaction"], &alone["request"], &alone["authorizeScope"]),
        (&json!("declined"), &Json::Null, &Json::Null)
    );
    let graph = "https://graph.microsoft.com";
    assert_eq!(alone["resources"][graph], standing(&["User.Read"], &[], &[], &["Mail.Read"]));
    let more = told(&world, &client, &["Mail.Read", "Tasks.Read"]);
    assert_eq!(more["interaction"], "consent", "the rest can be asked for");
    assert_eq!(more["request"]["scopes"], json!(["Tasks.Read"]), "without it");
    assert_eq!(more["resources"][graph], standing(&[], &["Tasks.Read"], &[], &["Mail.Read"]));
}

#[test]
fn what_only_an_administrator_grants_is_told() {
    let (world, _) = signed_in(&["User.Read"]);
    world.refused(&acquiring(&["User.Read.All", "Mail.Read"]), "access_denied", "90094");
    let client = world.client();
    let graph = "https://graph.microsoft.com";
    let same = told(&world, &client, &["User.Read.All", "Mail.Read", "User.Read"]);
    assert_eq!((&same["interaction"], &same["request"]), (&json!("admin"), &Json::Null));
    assert_eq!(same["resources"][graph], standing(&["User.Read"], &[], &["User.Read.All", "Mail.Read"], &[]));
    let less = told(&world, &client, &["Mail.Read"]);
    assert_eq!(less["interaction"], "consent", "it may be the other one that needs an administrator");
    world.refused(&RedirectRequest { ask_again: true, ..acquiring(&["Files.Read"]) }, "access_denied", "65004");
    let mixed = told(&world, &world.client(), &["User.Read.All", "Mail.Read", "Files.Read"]);
    assert_eq!(mixed["interaction"], "admin", "an administrator goes before a decline");
    assert_eq!(mixed["resources"][graph], standing(&[], &[], &["User.Read.All", "Mail.Read"], &["Files.Read"]));
    world.browser.pass(3_599);
    assert_eq!(told(&world, &world.client(), &["User.Read.All", "Mail.Read"])["interaction"], "admin");
    world.browser.pass(1);
    let later = told(&world, &world.client(), &["User.Read.All", "Mail.Read", "Files.Read"]);
    assert_eq!(later["resources"][graph], standing(&[], &["User.Read.All", "Mail.Read"], &[], &["Files.Read"]));
    assert_eq!(later["request"]["scopes"], json!(["User.Read.All", "Mail.Read"]), "one may have granted it meanwhile");
}

#[test]
fn default_is_planned_for_alone() {
    let (world, client) = signed_in(&["User.Read"]);
    for scopes in
        [[".default", "User.Read"], ["api://orders/.default", "api://files/Read"], [".default", "api://a/.default"]]
    {
        assert_eq!(code(planned(&world, &client, &scopes, None)), "default_scope_mixed", "{scopes:?}");
    }
    let plan = told(&world, &client, &["api://orders/.default", "openid"]);
    assert_eq!(
        (&plan["interaction"], &plan["authorizeScope"]),
        (&json!("consent"), &json!(format!("api://orders/.default {SIGN_IN}")))
    );
    world.visit_server(&client, &acquiring(&["api://orders/.default"]), REDIRECT_URI);
    finish(&world.client()).expect("the user consents");
    assert_eq!(told(&world, &world.client(), &["api://orders/.default"])["interaction"], "none");
}

#[test]
fn a_plan_is_for_one_account() {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    let client = world.sign_in_as(BOB, &["Mail.Read"]);
    assert_eq!(code(planned(&world, &client, &["User.Read"], None)), "ambiguous_account");
    assert_eq!(code(planned(&world, &client, &["User.Read"], Some(named("nobody")))), "no_account_error");
    let of = |name| planned(&world, &client, &["User.Read"], Some(named(name))).expect("a plan").missing;
    assert_eq!((of(ALICE.name), of(BOB.name)), (set(&[]), set(&["User.Read"])));
    client.set_active_account(Some(named(BOB.name))).expect("Bob is signed in");
    assert_eq!(planned(&world, &client, &["User.Read"], None).expect("a plan").missing, set(&["User.Read"]));
}

#[test]
fn a_plan_stands_while_the_storage_can_t_be_read() {
    let (world, client) = signed_in(&["User.Read"]);
    world.browser.session().deny();
    assert!(client.plan(&set(&["User.Read"]), None).expect("a plan").missing.is_empty());
    assert_eq!(client.plan(&set(&["Mail.Read"]), None).expect("a plan").missing, set(&["Mail.Read"]));
}

#[test]
fn a_record_by_application_id_uri_can_be_planned_for_again() {
    let (world, client) = signed_in(&["User.Read"]);
    world.visit_server(&client, &asking(&["api://orders/Read"]), REDIRECT_URI);
    finish(&world.client()).expect("the user consents");
    let client = world.client();
    let granted = Value::from(&client.granted(None).expect("an account"));
    assert_eq!(literal(&granted), json!({ "https://graph.microsoft.com": ["User.Read"], "api://orders": ["Read"] }));
    let again = ScopeSet::read(&value(&literal(&granted)), "scopes").expect("scopes");
    assert!(client.plan(&again, None).expect("a plan").missing.is_empty());
}
