//! An authorization server like Entra's: strict with what it is sent, and free in what it answers.

mod consents;

use crate::browser::{Answer, Browser, Pairs, Sent, field, http, pairs, seal};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use consentry::{error::BrowserError, protocol::HttpResponse};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

pub(crate) const ORIGIN: &str = "https://login.example";
pub(crate) const AUTHORITY: &str = "https://login.example/common";
pub(crate) const METADATA_URL: &str = "https://login.example/common/v2.0/.well-known/openid-configuration";
pub(crate) const TOKEN_URL: &str = "https://login.example/common/oauth2/v2.0/token";
pub(crate) const KEYS_URL: &str = "https://login.example/common/discovery/v2.0/keys";
pub(crate) const USER_INFO_URL: &str = "https://graph.example/oidc/userinfo";
pub(crate) const CLIENT_ID: &str = "6731de76-14a6-49ae-97bc-6eba6914391e";
const GRAPH: &str = "https://graph.microsoft.com";
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Somebody with an account in their home tenant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) oid: &'static str,
    pub(crate) tid: &'static str,
    pub(crate) name: &'static str,
}

pub(crate) const ALICE: User = User {
    oid: "00000000-0000-0000-66f3-3332eca7ea81",
    tid: "9122040d-6c67-4c5b-b112-36a304b66dad",
    name: "alice@contoso.example",
};
pub(crate) const BOB: User = User {
    oid: "aa0bd1c5-7c9a-4d0a-8c46-7a2b8e3b5f00",
    tid: "9122040d-6c67-4c5b-b112-36a304b66dad",
    name: "bob@contoso.example",
};

impl User {
    pub(crate) fn home_account_id(&self) -> String {
        format!("{}.{}", self.oid, self.tid)
    }

    pub(crate) fn client_info(&self) -> String {
        encode(&json!({ "uid": self.oid, "utid": self.tid }))
    }
}

type Change = Box<dyn Fn(&mut Json)>;
type Sign = Box<dyn Fn(&Json) -> String>;

pub(crate) struct AuthorizationServer {
    /// Who is at the keyboard.
    user: Cell<User>,
    /// The permissions that were consented to, by a user or by an administrator for everybody, in lower case and each with
    /// its Application ID URI.
    consented: RefCell<Vec<(Option<&'static str>, String)>>,
    /// What users leave out of what they consent to.
    unticked: RefCell<Vec<String>>,
    /// Whether it grants what is asked for, and not all that was consented to.
    is_exact: Cell<bool>,
    /// The codes that were not redeemed yet, each with its request and its user.
    codes: RefCell<Vec<(String, Pairs, User)>>,
    /// The refresh tokens: using one does not end it.
    refresh_tokens: RefCell<Vec<(String, User)>>,
    /// All codes and tokens that it gave out, ever.
    secrets: RefCell<Vec<String>>,
    change_claims: RefCell<Change>,
    /// Makes an ID token of its claims.
    sign: RefCell<Sign>,
    change_tokens: RefCell<Change>,
    /// What it answers to every token request in place of tokens.
    instead: RefCell<Option<Answer>>,
    /// What it answers to token requests with such a text in their `scope`.
    instead_for: RefCell<Vec<(&'static str, Answer)>>,
}

impl AuthorizationServer {
    /// A server on the network of a browser.
    pub(crate) fn new(browser: &Browser) -> Rc<Self> {
        let server = Rc::new(AuthorizationServer {
            user: Cell::new(ALICE),
            consented: RefCell::default(),
            unticked: RefCell::default(),
            is_exact: Cell::new(false),
            codes: RefCell::default(),
            refresh_tokens: RefCell::default(),
            secrets: RefCell::default(),
            change_claims: RefCell::new(Box::new(|_| {})),
            sign: RefCell::new(Box::new(jwt)),
            change_tokens: RefCell::new(Box::new(|_| {})),
            instead: RefCell::default(),
            instead_for: RefCell::default(),
        });
        browser.network().serve(KEYS_URL, |_| Ok(http(200, &json!({ "keys": [jwk(KEY_ID)] }))));
        let tokens = Rc::clone(&server);
        browser.network().serve(TOKEN_URL, move |request| tokens.token(request));
        server
    }

    /// Somebody else is at the keyboard.
    pub(crate) fn set_user(&self, user: User) {
        self.user.set(user);
    }

    /// Changes the claims of ID tokens before they are signed.
    pub(crate) fn change_claims(&self, change: impl Fn(&mut Json) + 'static) {
        *self.change_claims.borrow_mut() = Box::new(change);
    }

    /// Signs ID tokens in another way.
    pub(crate) fn sign_by(&self, sign: impl Fn(&Json) -> String + 'static) {
        *self.sign.borrow_mut() = Box::new(sign);
    }

    /// Changes token responses before they are sent.
    pub(crate) fn change_tokens(&self, change: impl Fn(&mut Json) + 'static) {
        *self.change_tokens.borrow_mut() = Box::new(change);
    }

    /// Answers every token request like this.
    pub(crate) fn answer(&self, answer: HttpResponse) {
        self.instead.replace(Some(Ok(answer)));
    }

    /// Answers every token request with an OAuth error.
    pub(crate) fn refuse(&self, error: &str, suberror: &str) {
        self.answer(http(400, &json!({ "error": error, "suberror": suberror })));
    }

    /// Answers every token request for one API like this.
    pub(crate) fn answer_for(&self, resource: &'static str, answer: Answer) {
        self.instead_for.borrow_mut().push((resource, answer));
    }

    /// Answers no token request.
    pub(crate) fn fail(&self, error: BrowserError) {
        self.instead.replace(Some(Err(error)));
    }

    /// Answers token requests with tokens again.
    pub(crate) fn recover(&self) {
        self.instead.replace(None);
        self.instead_for.take();
    }

    /// All codes and tokens that it gave out, ever.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.secrets.borrow().clone()
    }

    /// The user consents to what a request asks for: the parameters of the response.
    pub(crate) fn authorize(&self, authorization_url: &str) -> Pairs {
        let (endpoint, query) = authorization_url.split_once('?').expect("the request is in the query");
        assert_eq!(endpoint, "https://login.example/common/oauth2/v2.0/authorize");
        let request = pairs(query);
        assert_eq!(field(&request, "client_id"), CLIENT_ID);
        self.consent(self.user.get(), field(&request, "scope"));
        let code = self.new_secret("code");
        let state = field(&request, "state").to_owned();
        self.codes.borrow_mut().push((code.clone(), request, self.user.get()));
        [("code", code), ("state", state), ("session_state", "b5a1c64d".to_owned())]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    }

    fn new_secret(&self, kind: &str) -> String {
        let mut secrets = self.secrets.borrow_mut();
        let secret = format!("secret-{kind}-{}", secrets.len() + 1);
        secrets.push(secret.clone());
        secret
    }

    fn token(&self, request: &Sent) -> Answer {
        assert_eq!(request.field("client_id"), CLIENT_ID);
        if let Some(answer) = self.instead.borrow().clone() {
            return answer;
        }
        let instead_for = self.instead_for.borrow();
        if let Some((_, answer)) = instead_for.iter().find(|(resource, _)| request.field("scope").contains(resource)) {
            return answer.clone();
        }
        let granted = match request.field("grant_type") {
            "authorization_code" => self.redeem(request),
            "refresh_token" => self.refresh(request),
            other => panic!("grant_type {other}"),
        };
        Ok(granted.map_or_else(|refusal| http(400, &refusal), |tokens| http(200, &tokens)))
    }

    /// RFC 6749 section 4.1.3 and RFC 7636 section 4.6.
    fn redeem(&self, request: &Sent) -> Result<Json, Json> {
        let mut codes = self.codes.borrow_mut();
        let at = codes.iter().position(|(code, ..)| code == request.field("code"));
        let (_, asked, user) = codes.remove(at.ok_or_else(|| invalid_grant("bad_token"))?);
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(request.field("code_verifier")));
        if field(&asked, "code_challenge") != challenge
            || field(&asked, "redirect_uri") != request.field("redirect_uri")
        {
            return Err(invalid_grant(""));
        }
        self.tokens(request, user, Some(field(&asked, "nonce")))
    }

    fn refresh(&self, request: &Sent) -> Result<Json, Json> {
        let at = self.refresh_tokens.borrow().iter().position(|(token, _)| token == request.field("refresh_token"));
        let at = at.ok_or_else(|| invalid_grant("bad_token"))?;
        let user = self.refresh_tokens.borrow()[at].1;
        self.tokens(request, user, None)
    }

    /// The tokens for one API, with all that was consented to for it.
    fn tokens(&self, request: &Sent, user: User, nonce: Option<&str>) -> Result<Json, Json> {
        let asked: Vec<String> = permissions(request.field("scope")).map(qualified).collect();
        let resource = asked.first().map_or(GRAPH, |scope| resource(scope));
        if asked.iter().any(|scope| !self::resource(scope).eq_ignore_ascii_case(resource)) {
            return Err(json!({ "error": "invalid_request", "error_description": "AADSTS28000: several resources" }));
        }
        let consented = self.consented_for(user);
        let is_granted = |scope: &str| consented.contains(&qualified(scope).to_ascii_lowercase());
        // A code brings what the user has left.
        if nonce.is_none() && !asked.iter().all(|scope| is_granted(scope)) {
            return Err(invalid_grant("consent_required"));
        }
        let scopes = request.field("scope").split(' ');
        let mut granted: Vec<&str> =
            scopes.filter(|scope| OPENID_SCOPES.contains(scope) || is_granted(scope)).collect();
        if !self.is_exact.get() {
            granted.extend(consented.iter().filter(|scope| self::resource(scope) == resource).map(String::as_str));
        }
        let mut tokens = json!({
            "token_type": "Bearer",
            "scope": granted.join(" "),
            "expires_in": 3600,
            "access_token": self.new_secret("access"),
            "refresh_token": self.new_secret("refresh"),
            "id_token": self.id_token(user, nonce, request.at),
            "client_info": user.client_info(),
        });
        (self.change_tokens.borrow())(&mut tokens);
        if let Some(token) = tokens["refresh_token"].as_str() {
            self.refresh_tokens.borrow_mut().push((token.to_owned(), user));
        }
        Ok(tokens)
    }

    fn id_token(&self, user: User, nonce: Option<&str>, now: u64) -> String {
        let mut claims = claims(user, now);
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        (self.change_claims.borrow())(&mut claims);
        let token = (self.sign.borrow())(&claims);
        self.secrets.borrow_mut().push(token.clone());
        token
    }
}

/// The metadata of [`AUTHORITY`].
pub(crate) fn metadata() -> Json {
    json!({
        "issuer": "https://login.example/{tenantid}/v2.0",
        "authorization_endpoint": "https://login.example/common/oauth2/v2.0/authorize",
        "token_endpoint": TOKEN_URL,
        "jwks_uri": KEYS_URL,
        "userinfo_endpoint": USER_INFO_URL,
        "end_session_endpoint": "https://login.example/common/oauth2/v2.0/logout",
    })
}

/// What an ID token says, but for the nonce.
pub(crate) fn claims(user: User, now: u64) -> Json {
    json!({
        "iss": format!("{ORIGIN}/{}/v2.0", user.tid),
        "aud": CLIENT_ID,
        "sub": format!("pairwise-{}", user.oid),
        "oid": user.oid,
        "tid": user.tid,
        "name": "A Name",
        "preferred_username": user.name,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
    })
}

/// An ID token of the server's.
pub(crate) fn jwt(claims: &Json) -> String {
    jwt_by(KEY_ID, &json!({ "typ": "JWT", "alg": "RS256", "kid": KEY_ID }), claims)
}

/// A token with any header, sealed by a key.
pub(crate) fn jwt_by(key_id: &str, header: &Json, claims: &Json) -> String {
    let text = format!("{}.{}", encode(header), encode(claims));
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(seal(&modulus(key_id), &text)))
}

pub(crate) fn jwt_of(header: &Json, claims: &Json, signature: &str) -> String {
    format!("{}.{}.{signature}", encode(header), encode(claims))
}

/// The name of the key that the server signs with, until it takes another.
pub(crate) const KEY_ID: &str = "1";

/// 2,048 bits that only the key of this name has.
fn modulus(key_id: &str) -> String {
    format!("{key_id:0>342}")
}

/// A public key of this name, as the platform shows it.
pub(crate) fn jwk(key_id: &str) -> Json {
    let issuer = "https://login.example/{tenantid}/v2.0";
    json!({ "kty": "RSA", "use": "sig", "kid": key_id, "n": modulus(key_id), "e": "AQAB", "issuer": issuer })
}

/// base64url of JSON.
pub(crate) fn encode(json: &Json) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json.to_string())
}

fn invalid_grant(suberror: &str) -> Json {
    json!({ "error": "invalid_grant", "suberror": suberror, "error_description": "AADSTS65001: refused" })
}

fn permissions(scope: &str) -> impl Iterator<Item = &str> {
    scope.split(' ').filter(|scope| !OPENID_SCOPES.contains(scope))
}

fn qualified(scope: &str) -> String {
    if scope.contains('/') { scope.to_owned() } else { format!("{GRAPH}/{scope}") }
}

fn resource(scope: &str) -> &str {
    scope.rsplit_once('/').map_or("", |(resource, _)| resource)
}
