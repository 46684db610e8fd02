//! The cache: what is written is read again, and nothing else is.

use crate::{
    browser::TODAY,
    server::{ALICE, BOB, User, claims, jwt},
    world::set,
};
use consentry::{
    cache::{AccessToken, Account, AccountFilter, AccountKey, Cache, Record, View, Wanted, keys},
    protocol::{Authority, IdToken},
    scope::ScopeSet,
    secret::Secret,
};
use std::{collections::BTreeMap, rc::Rc};

const CLIENT: &str = "client";
const HOST: &str = "login.example";

/// Texts that would pass for the separators, the escapes or the end of a key.
const HOSTILE: [&str; 9] = ["", "|", "a|b", "%", "%7C", "%257C|", "ü|日本", "a b&c=d#e?f/g", "\u{0}\n\u{1f600}"];

fn key(environment: &str, home_account_id: &str, tenant_id: &str) -> Rc<AccountKey> {
    let [environment, home_account_id, tenant_id] = [environment, home_account_id, tenant_id].map(ToOwned::to_owned);
    Rc::new(AccountKey { environment, home_account_id, tenant_id })
}

fn account_of(user: User, key: &Rc<AccountKey>, added_on: u64) -> Record {
    let id_token = IdToken::parse(Secret::new(jwt(&claims(user, TODAY)))).expect("an ID token");
    let refresh_token = Some(Secret::new("secret-refresh".to_owned()));
    Record::Account(Rc::new(Account {
        key: Rc::clone(key),
        id_token: Rc::new(id_token),
        refresh_token,
        refresh_until: None,
        is_spent: false,
        nonce: None,
        username: None,
        name: None,
        added_on,
        view: View::default(),
    }))
}

fn token_of(account: &Rc<AccountKey>, scopes: &[&str], secret: &str, expires_on: Option<u64>) -> Record {
    let scopes = set(scopes);
    let resource = scopes.resource().expect("one API");
    let secret = Secret::new(secret.to_owned());
    Record::AccessToken(Rc::new(AccessToken {
        account: Rc::clone(account),
        resource,
        indicator: None,
        claims: None,
        scopes,
        missing: ScopeSet::default(),
        secret,
        cached_on: TODAY,
        refresh_on: None,
        expires_on,
        view: View::default(),
    }))
}

/// What a storage holds after writes.
fn stored(records: &[Record]) -> BTreeMap<String, String> {
    let cache = Cache::new(CLIENT.to_owned(), HOST.to_owned());
    let writes = records.iter().map(|record| cache.put(record));
    writes.map(|write| (write.key, write.text.expect("a text").expose().to_owned())).collect()
}

fn read(stored: &BTreeMap<String, String>) -> Cache {
    read_for(HOST, stored)
}

/// What a client of some server finds there.
fn read_for(environment: &str, stored: &BTreeMap<String, String>) -> Cache {
    let mut cache = Cache::new(CLIENT.to_owned(), environment.to_owned());
    for (key, text) in stored {
        cache.apply(key, Some(text));
    }
    cache
}

/// The token that is taken, by its text: the exact one, which has to be the one that looking through all of them finds.
fn found<'a>(cache: &'a Cache, account: &AccountKey, scopes: &ScopeSet, until: u64) -> Option<&'a str> {
    let resource = scopes.resource().expect("one API");
    let permissions = scopes.permissions();
    let wanted =
        Wanted { resource: &resource, indicator: None, claims: None, permissions: &permissions, latest: TODAY, until };
    let text = |token: &'a Rc<AccessToken>| token.secret.expose();
    let (exact, best) = (cache.exact(account, &wanted).expect("all were read"), cache.lookup(account, &wanted));
    assert!(exact.is_none() || exact.map(text) == best.map(text), "{scopes:?}");
    best.map(text)
}

fn authority() -> Authority {
    Authority::parse("https://login.example/common").expect("an authority")
}

#[test]
fn keys_survive_hostile_parts() {
    let accounts =
        HOSTILE.iter().flat_map(|one| HOSTILE.iter().flat_map(move |two| [key(HOST, one, two), key(one, two, "t")]));
    let accounts: Vec<_> = accounts.collect();
    let records: Vec<_> = accounts.iter().map(|key| account_of(ALICE, key, 1)).collect();
    let stored = stored(&records);
    let different = accounts.iter().filter(|key| accounts.iter().filter(|other| other == key).count() == 1).count();
    assert!(stored.len() >= different, "no account is stored in the place of another");
    for account in &accounts {
        let cache = read_for(&account.environment, &stored);
        assert!(
            cache.accounts().iter().all(|other| other.key.environment == account.environment),
            "and no other server's"
        );
        let found = cache.account(account).expect("what was written is read again");
        assert_eq!(found.key.parts(), account.parts());
    }
}

#[test]
fn keys_of_one_client_are_not_those_of_another() {
    for one in HOSTILE {
        for other in HOSTILE.iter().filter(|other| **other != one) {
            assert!(!keys::pending(one, "state").starts_with(&keys::prefix(other)), "{one:?} {other:?}");
            assert!(!keys::metadata(one, "x").starts_with(&keys::prefix(other)), "{one:?} {other:?}");
        }
        assert!(keys::pending(one, "a|b").starts_with(&keys::prefix(one)));
    }
    let pending = keys::pending(CLIENT, "");
    assert!(HOSTILE.iter().all(|state| keys::pending(CLIENT, state).starts_with(&pending)));
    assert_eq!(keys::pending("a|b", "c|d"), "consentry|2|a%7Cb|pending|c%7Cd");
}

#[test]
fn what_is_written_is_read_again() {
    let alice = key("login.example", "u.t", "t");
    let scopes = ["openid", "api://orders/Read", "API://orders/Write|%"];
    let records = [
        account_of(ALICE, &alice, 17),
        token_of(&alice, &scopes, "secret-access", Some(TODAY)),
        token_of(&alice, &["User.Read"], "secret-endless", None),
        Record::Active(Rc::clone(&alice)),
    ];
    let cache = read(&stored(&records));
    let account = cache.active().expect("the choice is read again");
    assert_eq!((account.added_on, account.username(), account.local_account_id()), (17, ALICE.name, ALICE.oid));
    assert_eq!(account.refresh_token.as_ref().map(Secret::expose), Some("secret-refresh"));
    assert_eq!(account.id_token.expose(), jwt(&claims(ALICE, TODAY)));
    let mut tokens: Vec<_> = cache.access_tokens(&alice).collect();
    tokens.sort_by_key(|token| token.expires_on);
    let [endless, orders] = tokens.as_slice() else { panic!("two tokens") };
    assert_eq!((endless.secret.expose(), endless.expires_on), ("secret-endless", None));
    assert_eq!((orders.secret.expose(), orders.expires_on), ("secret-access", Some(TODAY)));
    assert_eq!((orders.resource.as_str(), &orders.scopes), ("api://orders", &set(&scopes)));
}

#[test]
fn damaged_and_foreign_texts_are_as_if_they_were_not_there() {
    let alice = key("login.example", "u.t", "t");
    let good = stored(&[
        account_of(ALICE, &alice, 1),
        token_of(&alice, &["User.Read"], "secret-access", Some(TODAY)),
        Record::Active(Rc::clone(&alice)),
    ]);
    for (full_key, text) in &good {
        let half = text[..text.len() / 2].to_owned();
        for damaged in ["", "null", "7", "[]", "{}", "[7]", "answered", "{\"idToken\":7}", &half] {
            let mut cache = read(&good);
            cache.apply(full_key, Some(damaged));
            assert!(cache.active().is_none() || cache.access_tokens(&alice).next().is_none(), "{full_key}: {damaged}");
        }
        let foreign = [
            full_key.replacen("|2|", "|3|", 1),
            full_key.replacen("|client|", "|other|", 1),
            full_key.replacen("consentry", "msal", 1),
            full_key
                .replacen("|account|", "|akkount|", 1)
                .replacen("|access|", "|akkess|", 1)
                .replacen("|active", "|aktive", 1),
            // Some of an account's parts are missing.
            full_key.split('|').take(5).collect::<Vec<_>>().join("|"),
            format!(" {full_key}"),
        ];
        for foreign in foreign.iter().filter(|foreign| *foreign != full_key) {
            let mut cache = Cache::new(CLIENT.to_owned(), HOST.to_owned());
            cache.apply(foreign, Some(text));
            assert!(cache.is_empty(), "{foreign}");
        }
    }
}

/// Whose token, with which scopes, living beyond when: and which it is.
type Lookup<'a> = (&'a Rc<AccountKey>, &'a [&'a str], u64, Option<&'a str>);

#[test]
fn a_token_is_found_by_account_api_scopes_and_life() {
    let [alice, bob] = [key(HOST, "alice.t", "t"), key(HOST, "bob.t", "t")];
    let records = [
        token_of(&alice, &["openid", "User.Read"], "narrow", Some(100)),
        token_of(&alice, &["User.Read", "Mail.Read"], "wide", Some(200)),
        token_of(&alice, &["User.Read", "Mail.Read", "Mail.Send"], "widest", Some(300)),
        token_of(&alice, &["Files.Read"], "endless", None),
        token_of(&alice, &["api://orders/Read"], "orders", Some(200)),
        token_of(&bob, &["User.Read"], "bob's", Some(200)),
    ];
    let cache = read(&stored(&records));
    let find = |account: &Rc<AccountKey>, scopes: &[&str], until| found(&cache, account, &set(scopes), until);
    let table: [Lookup<'_>; 15] = [
        (&alice, &["User.Read"], 0, Some("narrow")),
        (&alice, &["user.read", "openid", "profile"], 0, Some("narrow")),
        (&alice, &["https://graph.microsoft.com/User.Read"], 99, Some("narrow")),
        (&alice, &["User.Read"], 100, Some("wide")),
        (&alice, &["User.Read"], 200, Some("widest")),
        (&alice, &["User.Read"], 300, None),
        (&alice, &["Mail.Read"], 0, Some("wide")),
        (&alice, &["Mail.Send", "User.Read"], 0, Some("widest")),
        (&alice, &["Mail.Send", "Files.Read"], 0, None),
        (&alice, &["Files.Read"], 0, None),
        (&alice, &["openid"], 0, Some("narrow")),
        (&alice, &["api://ORDERS/read"], 0, Some("orders")),
        (&alice, &["api://orders/Write"], 0, None),
        (&bob, &["User.Read"], 0, Some("bob's")),
        (&bob, &["Mail.Read"], 0, None),
    ];
    for (account, scopes, until, expected) in table {
        assert_eq!(find(account, scopes, until), expected, "{scopes:?} beyond {until}");
    }
    assert_eq!(find(&key(HOST, "alice.t", "u"), &["User.Read"], 0), None, "the tenant tells accounts apart");
    let nothing = ScopeSet::default();
    assert!(found(&cache, &bob, &nothing, 0).is_some(), "any of the API's, where no permission is named");
}

#[test]
fn a_token_without_claims_goes_before_one_with() {
    let alice = key(HOST, "alice.t", "t");
    let with_claims = |record: Record| match record {
        Record::AccessToken(token) => Record::AccessToken(Rc::new(AccessToken {
            claims: Some("{}".to_owned()),
            ..Rc::into_inner(token).expect("one")
        })),
        other => other,
    };
    // The one with claims has fewer permissions, and lives longer.
    let narrow = with_claims(token_of(&alice, &["User.Read", "Mail.Read"], "with", Some(300)));
    let wide = token_of(&alice, &["User.Read", "Mail.Read", "Mail.Send"], "without", Some(200));
    let cache = read(&stored(&[narrow, wide]));
    assert_eq!(found(&cache, &alice, &set(&["User.Read"]), 0), Some("without"));
    assert_eq!(found(&cache, &alice, &set(&["User.Read"]), 200), Some("with"));
}

#[test]
fn a_token_takes_the_place_of_the_one_with_the_same_permissions() {
    let alice = key(HOST, "alice.t", "t");
    let records = [
        token_of(&alice, &["A.Read", "B.Read", "openid"], "first", Some(300)),
        token_of(&alice, &["b.read", "A.Read", "profile"], "second", Some(200)),
    ];
    let cache = read(&stored(&records));
    assert_eq!(found(&cache, &alice, &set(&["A.Read", "B.Read"]), 0), Some("second"));
    assert_eq!(cache.access_tokens(&alice).count(), 1);
}

#[test]
fn of_equal_tokens_the_one_that_lives_longest_is_taken() {
    let alice = key(HOST, "alice.t", "t");
    let records = [
        token_of(&alice, &["A.Read", "B.Read"], "first", Some(100)),
        token_of(&alice, &["A.Read", "C.Read"], "second", Some(300)),
        token_of(&alice, &["A.Read", "D.Read"], "third", Some(200)),
    ];
    let cache = read(&stored(&records));
    assert_eq!(found(&cache, &alice, &set(&["A.Read"]), 0), Some("second"));
}

#[test]
fn accounts_are_oldest_first() {
    let keys = ["c.t", "a.t", "b.t", "d.t"].map(|home| key(HOST, home, "t"));
    let records: Vec<_> = keys.iter().zip([30, 20, 10, 20]).map(|(key, added)| account_of(BOB, key, added)).collect();
    let cache = read(&stored(&records));
    let order: Vec<_> = cache.accounts().iter().map(|account| account.key.home_account_id.clone()).collect();
    assert_eq!(order, ["b.t", "a.t", "d.t", "c.t"], "of the same age in the order in which they were read");
}

#[test]
fn the_active_account_is_one_that_is_signed_in() {
    let [alice, bob] = [key(HOST, "alice.t", "t"), key(HOST, "bob.t", "t")];
    let mut cache = read(&stored(&[account_of(ALICE, &alice, 1), Record::Active(Rc::clone(&bob))]));
    assert!(cache.active().is_none());
    for (key, text) in stored(&[account_of(BOB, &bob, 2)]) {
        cache.apply(&key, Some(&text));
    }
    assert_eq!(cache.active().map(|account| account.username()), Some(BOB.name));
    cache.retain(&|account| *account != *bob);
    assert!(cache.active().is_none() && cache.account(&bob).is_none() && cache.account(&alice).is_some());
    cache.retain(&|_| false);
    assert!(cache.accounts().is_empty());
}

#[test]
fn an_account_is_keyed_by_client_info_then_object_id_then_subject() {
    let token = |remove: &[&str]| {
        let mut claims = claims(ALICE, TODAY);
        for claim in remove {
            claims[*claim] = serde_json::Value::Null;
        }
        IdToken::parse(Secret::new(jwt(&claims))).expect("an ID token")
    };
    let info = consentry::protocol::ClientInfo::parse(&BOB.client_info()).expect("client info");
    let home = |token: &IdToken, info| Account::key_of(token, info, &authority()).home_account_id;
    assert_eq!(home(&token(&[]), Some(&info)), BOB.home_account_id());
    assert_eq!(home(&token(&[]), None), ALICE.home_account_id());
    assert_eq!(home(&token(&["oid"]), None), format!("pairwise-{}", ALICE.oid));
    let key = Account::key_of(&token(&[]), None, &authority());
    assert_eq!((key.environment.as_str(), key.tenant_id.as_str()), ("login.example", ALICE.tid));
}

#[test]
fn a_filter_fits_where_all_that_is_given_is_equal() {
    let Record::Account(alice) = account_of(ALICE, &key("login.example", "u.t", "t"), 1) else { panic!("an account") };
    let all = AccountFilter {
        environment: Some("LOGIN.example"),
        home_account_id: Some("u.t"),
        tenant_id: Some("t"),
        local_account_id: Some(ALICE.oid),
        username: Some("Alice@contoso.example"),
        name: Some("A Name"),
        login_hint: None,
        upn: None,
        sid: None,
    };
    assert!(all.fits(&alice));
    let other = Some("other");
    let wrong = [
        AccountFilter { environment: other, ..all },
        AccountFilter { home_account_id: other, ..all },
        AccountFilter { tenant_id: other, ..all },
        AccountFilter { local_account_id: other, ..all },
        AccountFilter { username: other, ..all },
        AccountFilter { name: other, ..all },
        AccountFilter { login_hint: other, ..all },
    ];
    assert!(wrong.iter().all(|filter| !filter.fits(&alice)));
}
