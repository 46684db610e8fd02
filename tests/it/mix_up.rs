//! Two servers on one page (RFC 9700 section 4.4): what one answers is never sent to the other.

use crate::{
    browser::{Browser, field, http, pairs},
    world::{PAGE, asking, code, finish, now, value},
};
use consentry::{
    binding::dictionary,
    client::{PublicClient, RedirectRequest},
};
use serde_json::{Value as Json, json};
use std::rc::Rc;

const HONEST: &str = "https://honest.example";
const EVIL: &str = "https://evil.example";

fn browser(names: [bool; 2]) -> Browser {
    let browser = Browser::new(PAGE);
    for (issuer, is_named) in [HONEST, EVIL].into_iter().zip(names) {
        let document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "authorization_response_iss_parameter_supported": is_named,
        });
        let address = format!("{issuer}/.well-known/openid-configuration");
        browser.network().serve(&address, move |_| Ok(http(200, &document)));
        browser.network().serve(&format!("{issuer}/keys"), |_| Ok(http(200, &json!({ "keys": [] }))));
        browser.network().serve(&format!("{issuer}/token"), |_| Ok(http(400, &json!({ "error": "invalid_grant" }))));
    }
    browser
}

fn client(browser: &Browser, issuer: &str, redirect_uri: Option<&str>) -> Rc<PublicClient<Browser>> {
    let auth = json!({ "clientId": "app", "authority": issuer, "redirectUri": redirect_uri });
    configured(browser, json!({ "auth": auth, "system": { "protocolMode": "OIDC" } }))
}

fn configured(browser: &Browser, configuration: Json) -> Rc<PublicClient<Browser>> {
    let config = dictionary::config(&value(&configuration)).expect("the configuration is right");
    Rc::new(PublicClient::new(browser.clone(), config).expect("there is storage"))
}

/// What beginning a sign-in comes to.
fn begun(client: &PublicClient<Browser>) -> String {
    let outcome = now(client.begin_redirect(&asking(&["notes.read"])));
    if outcome.is_ok() { String::new() } else { code(outcome) }
}

#[test]
fn servers_that_do_not_name_themselves_have_a_redirect_uri_each() {
    let [one, other] = ["https://app.example/one", "https://app.example/other"];
    let here = "https://app.example/orders";
    let shared = "redirect_uri_shared";
    let table = [
        (Some(one), Some(other), ""),
        (Some(one), Some(one), shared),
        (Some("/one"), Some(one), shared),
        (Some("https://app.example/one?server=1"), Some("https://app.example/one?server=2"), shared),
        (None, None, shared),
        (None, Some(here), shared),
        (Some(here), None, shared),
        (Some(one), None, ""),
    ];
    for (mine, others, expected) in table {
        let browser = browser([false, false]);
        let (honest, evil) = (client(&browser, HONEST, others), client(&browser, EVIL, mine));
        assert_eq!((begun(&evil).as_str(), begun(&honest).as_str()), (expected, expected), "{mine:?} and {others:?}");
        assert_eq!(browser.left().is_empty(), expected == shared, "nobody is asked");
    }
}

#[test]
fn a_request_s_own_redirect_uri_counts() {
    let browser = browser([false, false]);
    let (honest, evil) = (client(&browser, HONEST, None), client(&browser, EVIL, Some("/evil")));
    let to = |uri| RedirectRequest { redirect_uri: Some(uri), ..asking(&["notes.read"]) };
    assert!(now(evil.begin_redirect(&to("/callback"))).is_ok());
    assert_eq!(code(now(honest.begin_redirect(&to("https://app.example/callback?from=evil")))), "redirect_uri_shared");
    assert!(now(honest.begin_redirect(&to("/own"))).is_ok());
    let url = browser.left().last().expect("somewhere was gone to").url.clone();
    let query = pairs(url.split_once('?').expect("a query").1);
    browser.open(&format!("https://app.example/callback#code=c&state={}&session_state=s", field(&query, "state")));
    assert_eq!(code(finish(&honest)), "response_issuer_mismatch", "it came to where the other one's go");
}

#[test]
fn who_names_itself_may_share() {
    let browser = browser([true, false]);
    let (honest, evil) = (client(&browser, HONEST, None), client(&browser, EVIL, None));
    assert_eq!(begun(&evil), "redirect_uri_shared", "whether the other one does is not known yet");
    assert_eq!(begun(&honest), "");
    assert_eq!(begun(&evil), "", "its answers will say that they are not this one's");
}

#[test]
fn clients_that_are_gone_or_of_the_same_server_are_no_others() {
    let browser = browser([false, false]);
    drop(client(&browser, EVIL, None));
    let (one, another) = (client(&browser, HONEST, None), client(&browser, HONEST, None));
    assert_eq!((begun(&one).as_str(), begun(&another).as_str()), ("", ""));
}

#[test]
fn the_platform_s_servers_do_not_pose_as_each_other() {
    let browser = browser([false, false]);
    let platform = |authority| configured(&browser, json!({ "auth": { "clientId": "app", "authority": authority } }));
    let (one, _other) = (
        platform("https://login.microsoftonline.com/common"),
        platform("https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_signin"),
    );
    assert_eq!(begun(&one), "");
    let _stranger = client(&browser, EVIL, None);
    assert_eq!(begun(&one), "redirect_uri_shared");
}

#[test]
fn an_answer_at_another_server_s_address_is_that_server_s() {
    let browser = browser([false, false]);
    let [own, others] = ["https://app.example/evil", "https://app.example/honest"];
    // The user chose one server, which sends them on to the other with the state of the first.
    let attack = |landing: &str| {
        let asks = client(&browser, EVIL, Some(own));
        let _other = client(&browser, HONEST, Some(others));
        assert_eq!(begun(&asks), "");
        let url = browser.left().last().expect("somewhere was gone to").url.clone();
        let query = pairs(url.split_once('?').expect("a query").1);
        browser.open(&format!("{landing}#code=honest-code&state={}&session_state=s", field(&query, "state")));
        browser.network().take_sent();
        let outcome = match finish(&asks) {
            Ok(_) => String::new(),
            refused => code(refused),
        };
        let sent = browser.network().take_sent();
        (outcome, sent.iter().any(|sent| sent.form.is_some()), browser.address())
    };
    let (outcome, is_sent, address) = attack(others);
    assert_eq!((outcome.as_str(), is_sent, address.as_str()), ("response_issuer_mismatch", false, others));
    // A page that is no redirect URI of anybody's may be where the app's own server has sent the user on to.
    for landing in [own, "https://app.example/evil/", "https://app.example/"] {
        assert_eq!(attack(landing).0, "", "{landing}");
    }
}

#[test]
fn a_client_of_the_same_id_leaves_the_other_s_answer_alone() {
    let browser = browser([true, true]);
    let (one, other) = (client(&browser, HONEST, None), client(&browser, EVIL, None));
    assert_eq!((begun(&one).as_str(), begun(&other).as_str()), ("", ""));
    let url = browser.left().first().expect("somewhere was gone to").url.clone();
    let query = pairs(url.split_once('?').expect("a query").1);
    let address = format!("https://app.example/orders#code=c&state={}&iss={HONEST}", field(&query, "state"));
    browser.open(&address);
    assert!(finish(&other).expect("it is not for this one").is_none());
    assert_eq!(browser.address(), address);
    assert_eq!(code(finish(&one)), "invalid_grant", "this one sends the code");
}
