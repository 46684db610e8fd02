//! An app's page, its browser and its authorization server; and what an app does there.

use crate::{
    browser::{Browser, Dump, Pairs, Sent, http, pairs},
    server::{ALICE, AUTHORITY, AuthorizationServer, CLIENT_ID, METADATA_URL, USER_INFO_URL, User, metadata},
};
use consentry::{
    binding::dictionary,
    cache::{AccountFilter, Cache, Consent},
    client::{AuthenticationResult, PublicClient, RedirectAnswer, RedirectRequest, RedirectResult, SilentRequest},
    error::Error,
    json::{self, Value},
    protocol::HttpResponse,
    scope::ScopeSet,
};
use futures::FutureExt;
use serde_json::{Value as Json, json};
use std::rc::Rc;
use url::form_urlencoded;

/// Where the user is when it begins.
pub(crate) const PAGE: &str = "https://app.example/orders#row-7";
/// That page without its fragment: the redirect URI where none is configured.
pub(crate) const REDIRECT_URI: &str = "https://app.example/orders";

pub(crate) type Client = Rc<PublicClient<Browser>>;

pub(crate) struct World {
    pub(crate) browser: Browser,
    pub(crate) server: Rc<AuthorizationServer>,
    configuration: Json,
}

impl World {
    /// An app that keeps its tokens in `sessionStorage` and has the page it is on as redirect URI.
    pub(crate) fn new() -> Self {
        World::configured(json!({ "auth": { "clientId": CLIENT_ID, "authority": AUTHORITY } }))
    }

    /// An app that keeps its tokens elsewhere.
    pub(crate) fn keeping_in(location: &str) -> Self {
        let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY });
        World::configured(json!({ "auth": auth, "cache": { "cacheLocation": location } }))
    }

    pub(crate) fn configured(configuration: Json) -> Self {
        let browser = Browser::new(PAGE);
        browser.network().serve(METADATA_URL, |_| Ok(http(200, &metadata())));
        World { server: AuthorizationServer::new(&browser), browser, configuration }
    }

    /// The client of a page that has just been loaded.
    pub(crate) fn client(&self) -> Client {
        self.client_in(&self.browser)
    }

    /// The client of a page in another tab.
    pub(crate) fn client_in(&self, tab: &Browser) -> Client {
        let client = self.client_before_it_starts(tab);
        now(client.start()).expect("there is a key");
        client
    }

    /// One that knows what can be known at once.
    pub(crate) fn client_before_it_starts(&self, tab: &Browser) -> Client {
        let config = dictionary::config(&self.configuration()).expect("the configuration is right");
        Rc::new(PublicClient::new(tab.clone(), config).expect("there is storage"))
    }

    /// What the app is configured with.
    pub(crate) fn configuration(&self) -> Value {
        value(&self.configuration)
    }

    /// Leaves the page: the authorization URL.
    pub(crate) fn leave(&self, client: &Client, request: &RedirectRequest<'_>) -> String {
        now(client.begin_redirect(request)).expect("the page is left");
        self.browser.left().last().expect("somewhere was gone to").url.clone()
    }

    /// Leaves the page, and comes back to `page` with the user's answer. The page is not the one that was left: whoever
    /// wants a client takes a [new one](Self::client).
    pub(crate) fn visit_server(&self, client: &Client, request: &RedirectRequest<'_>, page: &str) {
        let answer = self.server.authorize(&self.leave(client, request));
        self.come_back(page, &answer);
    }

    /// The server sends the user to a page with a response in its fragment.
    pub(crate) fn come_back(&self, page: &str, answer: &Pairs) {
        self.browser.open(&format!("{page}#{}", fragment(answer)));
    }

    /// Signs a user in, with consent to some scopes.
    pub(crate) fn sign_in(&self, scopes: &[&str]) -> (Client, RedirectResult) {
        self.visit_server(&self.client(), &asking(scopes), REDIRECT_URI);
        let client = self.client();
        let result = finish(&client).expect("the sign-in succeeds").expect("there was a response");
        (client, result)
    }

    /// Signs in one user more, who can choose another account.
    pub(crate) fn sign_in_as(&self, user: User, scopes: &[&str]) -> Client {
        self.server.set_user(user);
        let (client, _) = self.sign_in(scopes);
        self.server.set_user(ALICE);
        client
    }

    /// Asks somebody, whom the server refuses: what the page that they come back to is told.
    pub(crate) fn refused(&self, request: &RedirectRequest<'_>, error: &str, number: &str) -> Error {
        let url = self.leave(&self.client(), request);
        self.come_back(REDIRECT_URI, &self.server.refuse_authorization(&url, error, number));
        finish(&self.client()).expect_err("it is refused")
    }

    /// The token requests since the last time that something was taken from the network.
    pub(crate) fn token_requests(&self) -> Vec<Sent> {
        self.browser.network().take_sent().into_iter().filter(|sent| sent.form.is_some()).collect()
    }

    /// What the server of [`USER_INFO_URL`] answers.
    pub(crate) fn answer_user_info(&self, answer: impl Fn(&Sent) -> HttpResponse + 'static) {
        self.browser.network().serve(USER_INFO_URL, move |sent| Ok(answer(sent)));
    }

    /// All that is stored: of this tab, of all tabs.
    pub(crate) fn stored(&self) -> [Dump; 2] {
        [self.browser.session().dump(), self.browser.local().dump()]
    }
}

/// A request that shows the user the server's pages.
pub(crate) fn asking<'a>(scopes: &[&str]) -> RedirectRequest<'a> {
    RedirectRequest {
        scopes: set(scopes),
        is_sign_in: true,
        correlation_id: "correlation-redirect",
        ..RedirectRequest::default()
    }
}

/// A request of somebody who is signed in that shows them the server's pages.
pub(crate) fn acquiring<'a>(scopes: &[&str]) -> RedirectRequest<'a> {
    RedirectRequest { is_sign_in: false, ..asking(scopes) }
}

/// A request that shows nothing.
pub(crate) fn wanting<'a>(scopes: &[&str]) -> SilentRequest<'a> {
    SilentRequest { scopes: set(scopes), correlation_id: "correlation-silent", ..SilentRequest::default() }
}

pub(crate) fn set(scopes: &[&str]) -> ScopeSet {
    ScopeSet::parse(scopes.iter().copied(), "scopes").expect("the scopes are well formed")
}

/// The entries that say what is granted to the only account of a client.
pub(crate) fn grants(client: &Client, granted: &ScopeSet) -> Dump {
    let key = Rc::clone(&client.accounts(AccountFilter::default())[0].key);
    let unknown = Consent::unknown(Rc::clone(&key));
    let cache = Cache::new(CLIENT_ID.to_owned(), key.environment.clone());
    let writes = cache.put_consent(&unknown, &Consent { granted: granted.permissions(), ..unknown.clone() });
    writes.into_iter().filter_map(|write| Some((write.key, write.text?.expose().to_owned()))).collect()
}

/// What the page does when it is loaded.
pub(crate) fn finish(client: &Client) -> Result<Option<RedirectResult>, Error> {
    now(client.finish_redirect(RedirectAnswer { hash: None, return_to_start: true })).map_err(|failure| failure.error)
}

pub(crate) fn silent(client: &Client, request: &SilentRequest<'_>) -> Result<AuthenticationResult, Error> {
    now(client.acquire_silent(request))
}

/// The tokens of a result, by their text.
pub(crate) fn access_token(result: &AuthenticationResult) -> &str {
    result.token.secret.expose()
}

/// The names of those who are signed in.
pub(crate) fn usernames(client: &Client) -> Vec<String> {
    client.accounts(AccountFilter::default()).iter().map(|account| account.username().to_owned()).collect()
}

pub(crate) fn named(username: &str) -> AccountFilter<'_> {
    AccountFilter { username: Some(username), ..AccountFilter::default() }
}

/// The outcome of a call that has nothing to wait for.
pub(crate) fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("no answer is held back")
}

/// The parameters of an address.
pub(crate) fn query(url: &str) -> Pairs {
    pairs(url.split_once('?').expect("there is a query").1)
}

/// A response as the server writes it.
pub(crate) fn fragment(answer: &Pairs) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish()
}

/// Our JSON of a JSON literal.
pub(crate) fn value(json: &Json) -> Value {
    json::parse(&json.to_string()).expect("it is JSON")
}

/// What JavaScript is given, as a JSON literal.
pub(crate) fn literal(value: &Value) -> Json {
    serde_json::from_str(&json::text(value)).expect("it is JSON")
}

/// The code of the error that a call failed with.
#[track_caller]
pub(crate) fn code<T>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.code().to_owned(),
    }
}
