//! Encryption at rest, for apps in Rust: what is sealed, who can open it, and how long.

use crate::{here, js};
use consentry::{
    error::BrowserError,
    platform::{Browser, Entry, Platform, Vault},
};
use std::{cell::RefCell, collections::BTreeSet, rc::Rc};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

const STAYS: Vault<'_> = Vault { owner: "owner", outlives_browser: true };
const OF_SESSION: Vault<'_> = Vault { owner: "session", outlives_browser: false };

fn entries<const N: usize>(texts: [(&str, &str); N]) -> Vec<Entry> {
    texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}

/// Sealed texts under the names of what was sealed.
async fn sealed(browser: &Browser, vault: &Vault<'_>, plain: &[Entry]) -> Vec<Entry> {
    let texts = browser.seal(vault, plain).await.expect("there is a key");
    plain.iter().map(|(name, _)| name.clone()).zip(texts).collect()
}

async fn opened(browser: &Browser, vault: &Vault<'_>, sealed: &[Entry]) -> Vec<Option<String>> {
    browser.open(vault, sealed).await.expect("there is a key")
}

fn texts(plain: &[Entry]) -> Vec<Option<String>> {
    plain.iter().map(|(_, text)| Some(text.clone())).collect()
}

#[wasm_bindgen_test]
async fn what_is_sealed_has_no_plain_text_and_opens_on_every_page() {
    let plain = entries([("one", "a token"), ("two", "\u{feff}\u{fc}ml\u{e4}ute \u{1f511}"), ("three", "")]);
    let sealed = sealed(&here(), &STAYS, &plain).await;
    for (_, text) in &sealed {
        let (id, rest) = text.strip_prefix('~').and_then(|text| text.split_once('.')).expect("it names its key");
        assert!(id.len() == 11 && rest.len() >= 38, "{text}");
        assert!(!text.contains("token"));
    }
    assert_eq!(opened(&here(), &STAYS, &sealed).await, texts(&plain));
    assert_ne!(sealed, self::sealed(&here(), &STAYS, &plain).await, "never the same twice");
}

#[wasm_bindgen_test]
async fn what_was_moved_edited_or_never_sealed_opens_nowhere() {
    let sealed = sealed(&here(), &STAYS, &entries([("one", "a token")])).await;
    let [(_, text)] = sealed.as_slice() else { panic!("there is one") };
    let flip = |at: usize| {
        let mut letters: Vec<char> = text.chars().collect();
        letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
        letters.into_iter().collect::<String>()
    };
    let (head, vector, cut) = (flip(1), flip(14), &text[..text.len() - 4]);
    let others = [
        ("two", text.as_str()),
        ("one", &head),
        ("one", &vector),
        ("one", cut),
        ("one", ""),
        ("one", "~"),
        ("one", "a token"),
        ("one", "~AAAAAAAAAAA."),
        ("one", "~AAAAAAAAAAA.AAAA"),
    ];
    let entries = entries(others);
    assert_eq!(opened(&here(), &STAYS, &entries).await, vec![None; entries.len()]);
    let another_s = Vault { owner: "somebody else", ..STAYS };
    assert_eq!(opened(&here(), &another_s, &sealed).await, [None]);
}

#[wasm_bindgen_test]
async fn a_key_of_a_session_is_gone_with_its_mark() {
    let plain = entries([("one", "a token")]);
    let page = here();
    let sealed = sealed(&page, &OF_SESSION, &plain).await;
    assert_eq!(opened(&here(), &OF_SESSION, &sealed).await, texts(&plain), "another page of the same session");
    // The browser was closed, and started anew.
    js(
        "document.cookie.split('; ').forEach((cookie) => { document.cookie = cookie.split('=')[0] + '=; Path=/; Max-Age=0'; })",
    );
    assert_eq!(opened(&page, &OF_SESSION, &sealed).await, texts(&plain), "while a page lives, it is its session");
    js(
        "document.cookie.split('; ').forEach((cookie) => { document.cookie = cookie.split('=')[0] + '=; Path=/; Max-Age=0'; })",
    );
    assert_eq!(opened(&here(), &OF_SESSION, &sealed).await, [None]);
    let later = self::sealed(&here(), &OF_SESSION, &plain).await;
    assert_eq!(opened(&here(), &OF_SESSION, &later).await, texts(&plain), "the new session has a key of its own");
}

#[wasm_bindgen_test]
async fn pages_that_seal_at_once_agree_on_a_key() {
    js("indexedDB.deleteDatabase('consentry')");
    let plain = entries([("one", "a token")]);
    let done = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..3 {
        let (done, plain) = (Rc::clone(&done), plain.clone());
        spawn_local(async move {
            let entries = sealed(&here(), &STAYS, &plain).await;
            done.borrow_mut().extend(entries);
        });
    }
    // The database is asked after those before.
    while done.borrow().len() < 3 {
        sealed(&here(), &STAYS, &plain).await;
    }
    let all = done.take();
    let keys: BTreeSet<_> = all.iter().filter_map(|(_, text)| text.split('.').next()).collect();
    assert_eq!(keys.len(), 1);
    assert_eq!(opened(&here(), &STAYS, &all).await, [texts(&plain), texts(&plain), texts(&plain)].concat());
}

#[wasm_bindgen_test]
async fn a_browser_that_keeps_no_key_says_so() {
    js("Object.defineProperty(window, 'indexedDB', { get() { throw new Error('denied'); }, configurable: true })");
    let refused = here().seal(&STAYS, &entries([("one", "a token")])).await;
    js("delete window.indexedDB");
    assert_eq!(refused, Err(BrowserError::NoStorageKey));
}
