//! The users whom MSAL.js has left: taken over once, with their refresh tokens, and never again after a sign-out.

use super::{claims_of_old, hydrate, result};
use crate::{
    browser::{Dump, http},
    provider::{self, ISSUER},
    server::{ALICE, BOB, CLIENT_ID, METADATA_URL, User, claims, jwt},
    world::{Client, World, code, named, now, silent, usernames, value, wanting},
};
use consentry::{
    binding::{dictionary, elsewhere},
    cache::AccountFilter,
    client::{PublicClient, SignOutRequest},
    error::BrowserError,
};
use serde_json::{Value as Json, json};

const INDEX: &str = "msal.3.token.keys.6731de76-14a6-49ae-97bc-6eba6914391e";

/// An app whose browser MSAL.js was in.
fn left_in(location: &str) -> World {
    let world = World::keeping_in(location);
    leave(&world, location);
    world
}

fn leave(world: &World, location: &str) {
    let store = if location == "localStorage" { world.browser.local() } else { world.browser.session() };
    let mut dump = store.dump();
    dump.insert(INDEX.to_owned(), "{}".to_owned());
    store.restore(&dump);
}

fn id_token(user: User, environment: &str) -> Json {
    json!({
        "credentialType": "IdToken", "clientId": CLIENT_ID, "environment": environment, "realm": user.tid,
        "homeAccountId": user.home_account_id(), "secret": jwt(&claims_of_old(user)),
    })
}

fn refresh_token(user: User, secret: &str) -> Json {
    json!({
        "credentialType": "RefreshToken", "clientId": CLIENT_ID, "environment": "login.example",
        "homeAccountId": user.home_account_id(), "secret": secret, "expiresOn": "4000000000",
    })
}

/// The same with another field.
fn but(entry: &Json, field: &str, written: Json) -> Json {
    let mut entry = entry.clone();
    entry[field] = written;
    entry
}

fn adopt(client: &Client, entries: &[Json], active: &Json) -> Result<(), consentry::error::Error> {
    now(client.adopt(&elsewhere::left(&value(&json!({ "entries": entries, "active": active })))))
}

/// What the entries bring to an app that starts.
fn adopted(entries: &[Json]) -> Vec<String> {
    let world = left_in("localStorage");
    let client = world.client();
    let _ = adopt(&client, entries, &Json::Null);
    usernames(&client)
}

/// The texts of the storage that are not MSAL's.
fn of_ours(world: &World) -> Vec<Dump> {
    world
        .stored()
        .map(|mut dump| {
            dump.retain(|key, _| key.starts_with("consentry|"));
            dump
        })
        .into()
}

#[test]
fn users_are_taken_over_with_their_refresh_tokens() {
    for location in ["sessionStorage", "localStorage"] {
        let world = left_in(location);
        // A refresh token of the server's, by which it knows Alice.
        let (signed_in, _) = World::sign_in(&world, &["User.Read"]);
        let kept = signed_in.accounts(AccountFilter::default())[0].refresh_token.clone().expect("a refresh token");
        for store in [world.browser.session(), world.browser.local()] {
            store.restore(&Dump::new());
        }
        leave(&world, location);
        let client = world.client();
        world.token_requests();
        assert!(client.awaits_adoption());
        let entries = [
            Json::Null,
            json!("text"),
            id_token(BOB, "login.example"),
            id_token(ALICE, "LOGIN.example"),
            refresh_token(BOB, "bobs"),
            refresh_token(ALICE, kept.expose()),
        ];
        let active =
            json!({ "homeAccountId": ALICE.home_account_id(), "localAccountId": ALICE.oid, "tenantId": ALICE.tid });
        adopt(&client, &entries, &active).expect("it is stored");
        assert_eq!(world.token_requests().len(), 0, "nobody is asked");
        for page in [client, world.client()] {
            let mut users = usernames(&page);
            users.sort();
            assert_eq!(users, [ALICE.name, BOB.name], "{location}");
            assert_eq!(page.active_account().expect("she was chosen").username(), ALICE.name);
            assert!(!page.awaits_adoption(), "once is enough");
        }
        let client = world.client();
        let token = silent(&client, &wanting(&["User.Read"])).expect("her refresh token is good");
        assert!(!token.from_cache);
        assert_eq!(world.token_requests()[0].field("refresh_token"), kept.expose());
    }
}

#[test]
fn what_is_not_this_client_s_at_this_server_is_left_alone() {
    let right = id_token(ALICE, "login.example");
    assert_eq!(adopted(std::slice::from_ref(&right)), [ALICE.name]);
    let mut foreign = claims(ALICE, 0);
    foreign["iss"] = json!("https://evil.example/v2.0");
    let mut of_another = claims(ALICE, 0);
    of_another["aud"] = json!("another");
    for entry in [
        but(&right, "clientId", json!("another")),
        but(&right, "environment", json!("login.evil.example")),
        but(&right, "environment", json!("login.example:8443")),
        but(&right, "environment", json!("login.example/common/x")),
        but(&right, "environment", json!("")),
        but(&right, "credentialType", json!("AccessToken")),
        but(&right, "homeAccountId", json!(BOB.home_account_id())),
        but(&right, "homeAccountId", json!(7)),
        but(&right, "secret", json!("eyJ.not.one")),
        but(&right, "secret", json!({ "a": [] })),
        but(&right, "secret", json!(jwt(&foreign))),
        but(&right, "secret", json!(jwt(&of_another))),
    ] {
        assert!(adopted(std::slice::from_ref(&entry)).is_empty(), "{entry}");
        assert_eq!(adopted(&[entry.clone(), right.clone()]), [ALICE.name], "one that is wrong costs no other: {entry}");
    }
}

#[test]
fn the_names_of_a_cloud_are_one_server() {
    let tid = ALICE.tid;
    let app = |authority: String| {
        let config = json!({ "auth": { "clientId": CLIENT_ID, "authority": authority } });
        let world = World::configured(config.clone());
        leave(&world, "sessionStorage");
        let config = dictionary::config(&value(&config)).expect("it is right");
        let client = Client::new(PublicClient::new(world.browser.clone(), config).expect("there is storage"));
        (world, client)
    };
    let of_cloud = |issuer: &str, environment: &str| {
        let mut said = claims(ALICE, 1);
        said["iss"] = json!(format!("https://{issuer}/{tid}/v2.0"));
        but(&id_token(ALICE, environment), "secret", json!(jwt(&said)))
    };
    for environment in ["login.windows.net", "login.microsoftonline.com", "sts.windows.net"] {
        let (world, client) = app(format!("https://login.microsoftonline.com/{tid}"));
        adopt(&client, &[of_cloud("login.microsoftonline.com", environment)], &Json::Null).expect("it is stored");
        assert_eq!(usernames(&client), [ALICE.name], "{environment}");
        assert!(world.browser.network().sent().is_empty(), "what the cloud's metadata says is known");
    }
    let (_, client) = app(format!("https://login.microsoftonline.us/{tid}"));
    adopt(&client, &[of_cloud("login.microsoftonline.com", "login.windows.net")], &Json::Null).expect("nothing");
    assert!(usernames(&client).is_empty());
}

#[test]
fn a_user_flow_takes_over_its_own_users() {
    let own = format!("{}-B2C_1_susi.{}", ALICE.oid, ALICE.tid);
    for (home, is_own) in [
        (own.clone(), true),
        (own.to_lowercase(), true),
        (own.replace("susi", "edit"), false),
        (ALICE.home_account_id(), false),
        (format!("-b2c_1_susi.{}", ALICE.tid), false),
    ] {
        let world = World::configured(json!({ "auth": {
            "clientId": CLIENT_ID, "authority": "https://login.example/contoso/b2c_1_susi",
            "authorityMetadata": crate::server::metadata().to_string(),
        } }));
        leave(&world, "sessionStorage");
        let client = world.client();
        let entry = but(&id_token(ALICE, "login.example"), "homeAccountId", json!(home));
        adopt(&client, &[entry], &Json::Null).expect("no error");
        assert_eq!(usernames(&client).len(), usize::from(is_own), "{home}");
    }
}

#[test]
fn another_provider_s_users_are_known_by_their_subject() {
    for (home, is_right) in [("alice", true), ("mallory", false)] {
        let world = provider::world();
        leave(&world, "sessionStorage");
        let mut said = claims(ALICE, 1);
        said["iss"] = json!(ISSUER);
        said["sub"] = json!("alice");
        let entry = but(&id_token(ALICE, "id.example"), "secret", json!(jwt(&said)));
        let client = world.client();
        adopt(&client, &[but(&entry, "homeAccountId", json!(home))], &Json::Null).expect("no error");
        assert_eq!(usernames(&client).len(), usize::from(is_right), "{home}");
    }
}

type SignOut = fn(&Client);

#[test]
fn who_has_signed_out_is_not_brought_back() {
    let entries = [id_token(ALICE, "login.example"), refresh_token(ALICE, "secret-msal")];
    let ways: [SignOut; 4] = [
        |client| now(client.sign_out(SignOutRequest::default())).expect("out"),
        |client| now(client.clear(None)).expect("out"),
        |client| now(client.clear(Some(named(ALICE.name)))).expect("out"),
        |client| now(client.sign_out_silently()).expect("out"),
    ];
    for location in ["sessionStorage", "localStorage"] {
        for (way, sign_out) in ways.iter().enumerate() {
            for is_adopted in [true, false] {
                let world = left_in(location);
                let client = world.client();
                if is_adopted {
                    adopt(&client, &entries, &Json::Null).expect("it is stored");
                } else {
                    // MSAL's cache could not be read that day, and the user has signed in here.
                    hydrate(&client, &result(&world), &json!({})).expect("it fits");
                }
                assert!(!client.awaits_adoption(), "somebody is there");
                sign_out(&client);
                let next = world.client();
                assert!(!next.awaits_adoption(), "{location}, way {way}, {is_adopted}");
                adopt(&next, &entries, &Json::Null).expect("nothing to do");
                assert!(usernames(&next).is_empty() && usernames(&client).is_empty());
                assert!(of_ours(&world).iter().flat_map(Dump::values).all(|text| !text.contains("secret-msal")));
            }
        }
    }
}

#[test]
fn where_msal_was_not_nothing_is_awaited_and_nothing_is_left_by_a_sign_out() {
    for location in ["sessionStorage", "localStorage", "memoryStorage"] {
        let world = World::keeping_in(location);
        let mut dump = Dump::new();
        dump.insert("msal.3.token.keys.another".to_owned(), "{}".to_owned());
        dump.insert(format!("{INDEX}.more"), "{}".to_owned());
        world.browser.local().restore(&dump);
        world.browser.session().restore(&dump);
        let client = world.client();
        assert!(!client.awaits_adoption(), "{location}");
        hydrate(&client, &result(&world), &json!({})).expect("it fits");
        now(client.clear(None)).expect("out");
        assert!(of_ours(&world).iter().flat_map(Dump::keys).all(|key| !key.contains("taken")), "{location}");
    }
    let world = left_in("sessionStorage");
    world.browser.session().deny();
    let config = dictionary::config(&world.configuration()).expect("it is right");
    assert_eq!(
        PublicClient::new(world.browser.clone(), config).err().map(|error| error.code().to_owned()).as_deref(),
        Some("storage_not_supported")
    );
}

#[test]
fn what_can_not_be_checked_or_stored_yet_is_tried_again() {
    let entries = [id_token(ALICE, "login.example")];
    let world = left_in("sessionStorage");
    world.browser.network().serve(METADATA_URL, |_| Err(BrowserError::Offline));
    let client = world.client();
    assert_eq!(code(adopt(&client, &entries, &Json::Null)), "no_network_connectivity");
    assert!(client.awaits_adoption(), "the next page tries again");
    world.browser.network().serve(METADATA_URL, |_| Ok(http(200, &crate::server::metadata())));
    world.browser.session().set_room(0);
    assert_eq!(code(adopt(&client, &entries, &Json::Null)), "cache_quota_exceeded");
    assert!(client.awaits_adoption() && usernames(&client).is_empty() && usernames(&world.client()).is_empty());
    world.browser.session().set_room(100_000);
    adopt(&client, &entries, &Json::Null).expect("there is room");
    assert_eq!(usernames(&client), [ALICE.name]);
}

#[test]
fn other_people_s_entries_cost_no_request() {
    let world = left_in("sessionStorage");
    let client = world.client();
    adopt(&client, &[but(&id_token(ALICE, "login.example"), "clientId", json!("another"))], &Json::Null)
        .expect("nothing");
    assert!(world.browser.network().sent().is_empty());
}

#[test]
fn two_pages_that_start_at_once_take_over_once() {
    let world = left_in("localStorage");
    let (one, other) = (world.client(), world.client_in(&world.browser.new_tab("https://app.example/")));
    let entries = [id_token(ALICE, "login.example")];
    adopt(&one, &entries, &Json::Null).expect("it is stored");
    now(one.clear(None)).expect("out");
    adopt(&other, &entries, &Json::Null).expect("nothing to do");
    assert!(usernames(&other).is_empty(), "she has signed out in between");
}
