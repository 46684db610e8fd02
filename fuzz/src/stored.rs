//! Everything that is read back from the storage. An input is lines, an entry each: the key after that of the client, a space, the text,
//! in which `{id_token}` stands for a right one.

use super::{
    given::*,
    page::{Answers, Page, http},
    promises::assert_telling,
};
use consentry::{
    cache::{AccessToken, Account, AccountFilter, AccountKey, Cache, Consent, PendingRequest, Record, keys},
    client::{PublicClient, RedirectAnswer, RedirectRequest, SignOutRequest, SilentRequest},
    json::{self, Value},
    platform::Platform,
    protocol::{decode, encode, origin},
    secret::Secret,
};
use std::rc::Rc;

const ENVIRONMENT: &str = "login.example";
/// A token of the seeds.
const HIDDEN: &str = "hidden-stored-token-Zq8Yc";
/// How long a request is waited for, in seconds.
const LONGEST: u64 = 86_400;
const OTHERS_KEY: &str = "consentry|2|another|account|login.example|a|b";
const OTHERS_TEXT: &str = "of another client";

type Entry = (String, String);

/// Reads entries one by one, then has a page live with them until it forgets them.
pub fn stored(data: &[u8]) -> bool {
    let text = text(data);
    let prefix = keys::prefix(CLIENT_ID);
    let entries: Vec<Entry> = text
        .lines()
        .take(16)
        .filter_map(|line| line.split_once(' '))
        .map(|(key, text)| (format!("{prefix}{key}"), filled(text)))
        .filter(|(_, text)| !knows_secret(text))
        .collect();
    let is_record = assert_records(&entries);
    let are_pending = entries.iter().filter(|(_, text)| assert_pending(text)).count();
    let is_used = live(&entries);
    is_record || are_pending > 0 || is_used
}

/// Who writes what only the server's answers and this page have, or has the user return to it, knows it: that it is told then tells nobody anything.
fn knows_secret(text: &str) -> bool {
    let start_page = json::parse(text).ok().and_then(|entry| entry.text_of("startPage").map(ToOwned::to_owned));
    [CODE, REFRESH_TOKEN, ACCESS_TOKEN].iter().any(|secret| text.contains(secret))
        || start_page.is_some_and(|page| {
            [CODE, VERIFIER, REFRESH_TOKEN, ACCESS_TOKEN].iter().any(|secret| page.contains(secret))
        })
}

/// What is read is of this server, and is read as it is written.
fn assert_records(entries: &[Entry]) -> bool {
    let mut cache = Cache::new(CLIENT_ID.to_owned(), ENVIRONMENT.to_owned());
    for (key, text) in entries {
        cache.apply(key, Some(text));
    }
    let accounts = cache.accounts();
    assert!(accounts.iter().all(|account| account.key.environment == ENVIRONMENT), "nobody is of another server");
    assert!(accounts.is_sorted_by_key(|account| account.added_on));
    for account in accounts {
        assert_account(account);
    }
    if let Some(active) = cache.active() {
        assert!(accounts.iter().any(|account| account.key == active.key), "who is active is signed in");
    }
    for key in entries.iter().filter_map(|(key, _)| account_key(key)) {
        for token in cache.access_tokens(&key) {
            assert_token(token);
        }
        let consent = cache.consent(&key);
        assert!(!consent.refusals.iter().any(|refusal| refusal.scopes.is_empty()), "a refusal is of something");
        assert!(consent.granted.permissions() == consent.granted, "permissions alone are granted");
        let mut empty = Cache::new(CLIENT_ID.to_owned(), ENVIRONMENT.to_owned());
        for write in empty.put_consent(&Consent::unknown(Rc::clone(&consent.account)), &consent) {
            empty.apply(&write.key, write.text.as_ref().map(Secret::expose));
        }
        let read = empty.consent(&consent.account);
        let are_exact = is_exact(consent.asked_on) && consent.refusals.iter().all(|refusal| is_exact(refusal.on));
        assert!(read == consent || !are_exact, "{read:?} is {consent:?}");
    }
    assert_hidden(entries, &cache);
    !cache.is_empty()
}

/// The account that a key names.
fn account_key(key: &str) -> Option<Rc<AccountKey>> {
    let mut parts = key.split('|').skip(4).map(decode);
    let (environment, home_account_id, tenant_id) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Rc::new(AccountKey { environment, home_account_id, tenant_id }))
}

/// A record, written and read: what is written of that is the same to the letter.
fn again(record: &Record) -> Cache {
    let mut cache = Cache::new(CLIENT_ID.to_owned(), record.account().environment.clone());
    let write = cache.put(record);
    assert!(write.key.starts_with(&keys::prefix(CLIENT_ID)));
    cache.apply(&write.key, write.text.as_ref().map(Secret::expose));
    cache
}

/// Whether `serde_json`, which stands for the browser's own JSON here, reads a time as it was written. Beyond it rounds.
fn is_exact(seconds: u64) -> bool {
    seconds < 1 << 49
}

fn assert_same(record: &Record, read: &Record) {
    let cache = Cache::new(CLIENT_ID.to_owned(), ENVIRONMENT.to_owned());
    let (one, other) = (cache.put(record), cache.put(read));
    assert_eq!((one.key, one.text.as_ref().map(Secret::expose)), (other.key, other.text.as_ref().map(Secret::expose)));
}

fn assert_account(account: &Rc<Account>) {
    let record = Record::Account(Rc::clone(account));
    let cache = again(&record);
    let read = cache.accounts().first().expect("it is read as it is written");
    assert_eq!(read.key.parts(), account.key.parts());
    let refresh_token = |account: &Account| account.refresh_token.as_ref().map(|token| token.expose().to_owned());
    assert_eq!(refresh_token(read), refresh_token(account));
    assert_eq!(read.id_token.expose(), account.id_token.expose());
    if is_exact(account.added_on) && account.refresh_until.is_none_or(is_exact) {
        assert_same(&record, &Record::Account(Rc::clone(read)));
    }
}

fn assert_token(token: &Rc<AccessToken>) {
    let record = Record::AccessToken(Rc::clone(token));
    let cache = again(&record);
    let read = cache.access_tokens(&token.account).next().expect("it is read as it is written");
    assert_eq!((&read.resource, &read.scopes, &read.missing), (&token.resource, &token.scopes, &token.missing));
    assert_eq!(read.secret.expose(), token.secret.expose());
    let times = [token.expires_on, token.refresh_on, Some(token.cached_on)];
    if times.into_iter().flatten().all(is_exact) {
        assert_same(&record, &Record::AccessToken(Rc::clone(read)));
    }
}

/// No token of a cache is printed. The input has to have it as a token alone, or else it is told as something else.
fn assert_hidden(entries: &[Entry], cache: &Cache) {
    let is_elsewhere = |(key, text): &Entry| {
        let rest = ["refreshToken", "secret"]
            .iter()
            .fold(text.clone(), |rest, name| rest.replace(&format!("\"{name}\":\"{HIDDEN}"), ""));
        rest.contains(HIDDEN) || key.contains(HIDDEN)
    };
    assert!(entries.iter().any(is_elsewhere) || !format!("{cache:?}").contains(HIDDEN));
}

/// A request is read as it is written, and not for ever.
fn assert_pending(text: &str) -> bool {
    let kept = json::parse(text).unwrap_or(Value::Null);
    let Some(pending) = PendingRequest::read(&kept, NOW) else { return false };
    let end = pending.created_on.saturating_add(LONGEST);
    assert!(NOW < end && PendingRequest::read(&kept, end).is_none(), "it is forgotten after a day");
    let verifier = pending.verifier.expose();
    assert!((43..=128).contains(&verifier.len()), "{verifier}");
    let written = pending.to_text();
    let again = json::parse(&written).expect("it is JSON");
    let again = PendingRequest::read(&again, NOW).expect("it is a request");
    assert!(again.to_text() == written || !is_exact(pending.created_on), "{written}");
    assert_eq!((&again.scopes, &again.extra_scopes), (&pending.scopes, &pending.extra_scopes));
    assert_eq!(again.asked().permissions(), pending.asked());
    let same = |one: &PendingRequest<'_>, other: &PendingRequest<'_>| {
        [one.nonce, one.redirect_uri, one.authority, one.start_page]
            == [other.nonce, other.redirect_uri, other.authority, other.start_page]
            && [one.app_state, one.claims, one.home_account_id]
                == [other.app_state, other.claims, other.home_account_id]
    };
    assert!(same(&again, &pending) && again.verifier.expose() == verifier && again.is_silent == pending.is_silent);
    let is_said = written.matches(verifier).count() > 1;
    assert!(is_said || !format!("{pending:?}").contains(verifier), "a verifier is not printed");
    true
}

fn page(entries: &[Entry]) -> Page {
    let metadata = format!(
        r#"{{"issuer":"{ISSUER}","authorization_endpoint":"https://login.example/authorize","token_endpoint":"{TOKEN_URL}","jwks_uri":"https://login.example/keys"}}"#
    );
    let tokens = filled(
        r#"{"token_type":"Bearer","access_token":"a","expires_in":3600,"id_token":"{id_token}","refresh_token":"r"}"#,
    );
    let answers =
        Answers { metadata: http(200, &metadata), keys: http(200, &filled(KEYS)), tokens: http(200, &tokens) };
    // An answer to the first request that is kept, and one of an administrator.
    let encoded = |text: &str| {
        let mut encoded = String::new();
        encode(text, &mut encoded);
        encoded
    };
    let pending = keys::pending(CLIENT_ID, "");
    let state = entries.iter().find_map(|(key, _)| key.strip_prefix(&pending)).map(decode).unwrap_or_default();
    let admin = entries.iter().rfind(|(key, _)| *key == keys::admin_consent(CLIENT_ID, AUTHORITY));
    let admin = admin.and_then(|(_, text)| json::parse(text).ok()).unwrap_or(Value::Null);
    let admins = admin.text_of("state").unwrap_or_default();
    let query = format!("admin_consent=True&state={}", encoded(admins));
    let page = Page::new(&format!("{REDIRECT_URI}?{query}#code=c&state={}", encoded(&state)), answers);
    page.put(OTHERS_KEY, OTHERS_TEXT);
    for (key, text) in entries {
        page.put(key, text);
    }
    page
}

/// A page's life with what is stored, from an answer to the last sign-out. Whether anything of it was used.
fn live(entries: &[Entry]) -> bool {
    let page = page(entries);
    let authority = authority();
    let client = client(&page, &authority, None);
    let is_there = |kinds: &[&str]| !page.entries(kinds).is_empty();
    let is_answered = is_there(&["pending", "response", "admin"]) && take_answers(&page, &client);
    let is_kept = ask_silently(&page, &client);
    let is_stopped = is_there(&["interactions"]) && ask(&page, &client);
    if let Err(error) = now(client.sign_out(SignOutRequest::default())) {
        assert_telling(&error, &[]);
    }
    now(client.clear(None)).expect("there is storage");
    assert_forgotten(&page, &client);
    is_answered || is_kept || is_stopped
}

/// Twice: what is to be taken up on another page is taken up there.
fn take_answers(page: &Page, client: &PublicClient<Page>) -> bool {
    let mut is_answered = false;
    for _ in 0..2 {
        match now(client.finish_redirect(RedirectAnswer { hash: None, return_to_start: true })) {
            Ok(result) => is_answered |= result.is_some(),
            Err(failure) => assert_telling(&failure.error, &[]),
        }
        match now(client.finish_admin_consent(None)) {
            Ok(result) => is_answered |= result.is_some(),
            Err(failure) => assert_telling(&failure.error, &[]),
        }
        for url in page.left() {
            let seen = page.resolve(&url).expect("it was left for");
            assert_eq!(origin(&seen), origin(REDIRECT_URI), "what is stored leads to no other origin");
            page.open(&seen);
        }
    }
    is_answered
}

/// Each refresh token that is sent is one of somebody who is signed in at this server.
fn ask_silently(page: &Page, client: &PublicClient<Page>) -> bool {
    for account in client.accounts(AccountFilter::default()) {
        let filter = Some(AccountFilter::from(&*account.key));
        let wanted = scopes(&["User.Read", "Mail.Read"]);
        let plan = client.plan(&wanted, filter).expect("it is somebody who is signed in");
        assert!(wanted.is_superset(&plan.missing) && wanted.is_superset(&plan.scopes.permissions()));
        let tokens: Vec<_> =
            client.accounts(AccountFilter::default()).iter().filter_map(|kept| kept.refresh_token.clone()).collect();
        let sent = page.posts().len();
        let request =
            SilentRequest { scopes: wanted, account: filter, correlation_id: "c", ..SilentRequest::default() };
        match now(client.acquire_silent(&request)) {
            Ok(result) => assert!(result.from_cache || page.posts().len() == sent + 1),
            Err(error) => assert_telling(&error, &[]),
        }
        for post in page.posts().iter().skip(sent) {
            assert!(tokens.iter().any(|token| token.expose() == post.field("refresh_token")), "it is nobody's");
        }
    }
    let asked_for = |end: &str| page.got().iter().any(|url| url.ends_with(end));
    let is_remembered = !asked_for("openid-configuration") || !asked_for("keys");
    is_remembered && !page.posts().is_empty()
}

/// Whatever is stored, a page that asks without a click is stopped.
fn ask(page: &Page, client: &PublicClient<Page>) -> bool {
    page.leave_alone();
    let before = page.left().len();
    let request = RedirectRequest { scopes: scopes(&["User.Read"]), is_sign_in: true, ..RedirectRequest::default() };
    let outcomes: Vec<_> = (0..6).map(|_| now(client.begin_redirect(&request))).collect();
    outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).for_each(|error| assert_telling(error, &[]));
    assert!(outcomes[5].is_err() && page.left().len() <= before + 5, "a loop is stopped");
    if outcomes[0].is_ok() {
        let kept = page.text(&keys::interactions(CLIENT_ID)).and_then(|text| json::parse(&text).ok());
        let begun = kept.as_ref().and_then(|kept| kept.member("begun")?.as_array()).expect("it is counted");
        assert!((1..=5).contains(&begun.len()), "what is counted does not grow");
    }
    outcomes[0].is_err()
}

/// All that is the client's is gone, damaged or not; what is another's stays.
fn assert_forgotten(page: &Page, client: &PublicClient<Page>) {
    assert!(client.accounts(AccountFilter::default()).is_empty() && client.active_account().is_none());
    let [account, access, consent, grant] = keys::records(CLIENT_ID);
    let gone = [
        account,
        access,
        consent,
        grant,
        keys::signing_keys(CLIENT_ID, ""),
        keys::pending(CLIENT_ID, ""),
        keys::active(CLIENT_ID),
    ];
    let others =
        [keys::response(CLIENT_ID, AUTHORITY), keys::admin_consent(CLIENT_ID, AUTHORITY), keys::stamp(CLIENT_ID)];
    for key in page
        .entries(&["account", "access", "consent", "grant", "keys", "pending"])
        .keys()
        .filter(|key| *key != OTHERS_KEY)
    {
        assert!(!gone.iter().any(|prefix| key.starts_with(prefix)), "{key} is left");
    }
    for key in gone.iter().skip(6).chain(&others) {
        assert!(page.text(key).is_none(), "{key} is left");
    }
    assert_eq!(page.text(OTHERS_KEY).as_deref(), Some(OTHERS_TEXT), "what is another client's is left alone");
}
