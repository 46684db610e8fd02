//! The authorization server of a simulation. A strict one gives each refresh token once, and ends the session when one comes twice
//! (RFC 9700 section 4.14.2); a lax one takes the same again, as the platform does. It knows whose each token is.

use super::{
    Mutation,
    chance::Chance,
    documents::strict_metadata,
    faults::{Fault, Faults},
    limits::{End, Limits, Running},
};
use crate::{
    browser::{Answer, Browser, Pairs, Sent, field, http, pairs},
    provider::ISSUER,
    server::{self, KEY_ID, KEYS_URL, METADATA_URL, TOKEN_URL, USER_INFO_URL, User, claims, jwk, jwt},
};
use serde_json::{Value as Json, json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

pub(super) const USERS: [User; 3] = [
    server::ALICE,
    server::BOB,
    User {
        oid: "cc3ab1c5-1c9a-4d0a-9c46-7a2b8e3b5f11",
        tid: "9122040d-6c67-4c5b-b112-36a304b66dad",
        name: "carol@contoso.example",
    },
];

/// Of this permission a refresh token brings nothing before the user has consented to it.
pub(super) const NEEDS_CONSENT: &str = "api://orders/orders.write";
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// An access token that it gave.
pub(super) struct Access {
    pub(super) user: usize,
    pub(super) scopes: Vec<String>,
    pub(super) indicator: String,
    /// When it ends, by the clock of the page that it went to.
    pub(super) ends_on: u64,
}

/// A token request of the call that runs, as the server saw it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) user: usize,
    pub(super) is_code: bool,
    /// Tokens were given.
    pub(super) is_given: bool,
    pub(super) has_refresh_token: bool,
    /// The server has ended the session since.
    pub(super) is_ended: bool,
    /// The client can't know whether the refresh token was used.
    pub(super) is_doubtful: bool,
    pub(super) is_faulty: bool,
    /// The code came to a hidden frame.
    pub(super) is_framed: bool,
    /// When the new refresh token ends.
    pub(super) ends_at: Option<u64>,
    /// The refresh token that came had ended when it was sent.
    pub(super) is_over: bool,
    /// The server had asked the page to be left alone by this request.
    pub(super) is_unwanted: bool,
}

/// An authorization code, and what it was given for.
struct Code {
    request: Pairs,
    user: usize,
    is_used: bool,
    is_framed: bool,
}

struct Family {
    user: usize,
    end: Option<End>,
    domain: usize,
    nonce: String,
    is_ended: bool,
}

pub(super) struct Server {
    pub(super) is_strict: bool,
    pub(super) faults: Faults,
    /// The page whose call runs.
    pub(super) running: Cell<Running>,
    pub(super) limits: Limits,
    pub(super) chance: Rc<Chance>,
    mutation: Mutation,
    count: Cell<usize>,
    /// The tokens and codes that came twice to a server that takes each once.
    pub(super) reused: Cell<usize>,
    codes: RefCell<BTreeMap<String, Code>>,
    families: RefCell<Vec<Family>>,
    /// Each with its family, and whether it was used.
    refresh_tokens: RefCell<BTreeMap<String, (usize, bool)>>,
    pub(super) access_tokens: RefCell<BTreeMap<String, Access>>,
    pub(super) consented: RefCell<Vec<usize>>,
    /// Who has a session with the server in this browser.
    pub(super) session: Cell<Option<usize>>,
    /// When the refresh token ends that is being given.
    given_end: Cell<Option<u64>>,
    seen: RefCell<Vec<Seen>>,
}

impl Server {
    pub(super) fn new(browser: &Browser, is_strict: bool, mutation: Mutation, chance: &Rc<Chance>) -> Rc<Self> {
        let server = Rc::new(Server {
            is_strict,
            faults: Faults::default(),
            running: Cell::default(),
            limits: Limits::new(chance, mutation),
            chance: Rc::clone(chance),
            mutation,
            count: Cell::default(),
            reused: Cell::default(),
            codes: RefCell::default(),
            families: RefCell::default(),
            refresh_tokens: RefCell::default(),
            access_tokens: RefCell::default(),
            consented: RefCell::default(),
            session: Cell::default(),
            given_end: Cell::default(),
            seen: RefCell::default(),
        });
        let mut key = jwk(KEY_ID);
        if is_strict {
            key.as_object_mut().expect("an object").remove("issuer");
        }
        let documents = [json!({ "keys": [key] }), if is_strict { strict_metadata() } else { server::metadata() }];
        let urls = if is_strict {
            ["https://keys.example/one".to_owned(), format!("{ISSUER}/.well-known/openid-configuration")]
        } else {
            [KEYS_URL.to_owned(), METADATA_URL.to_owned()]
        };
        for (url, document) in urls.iter().zip(documents) {
            let this = Rc::clone(&server);
            browser
                .network()
                .serve(url, move |_| this.faults.of_get(&this.chance).unwrap_or_else(|| Ok(http(200, &document))));
        }
        let token_url = if is_strict { format!("{ISSUER}/token") } else { TOKEN_URL.to_owned() };
        let this = Rc::clone(&server);
        browser.network().serve(&token_url, move |sent| this.token(sent));
        let this = Rc::clone(&server);
        let user_info_url = if is_strict { format!("{ISSUER}/me") } else { USER_INFO_URL.to_owned() };
        browser.network().serve(&user_info_url, move |sent| this.user_info(sent));
        server
    }

    /// The user has answered at the authorization endpoint: the parameters of the response.
    pub(super) fn authorize(&self, url: &str, user: usize, is_declined: bool) -> Pairs {
        let request = pairs(url.split_once('?').expect("the request is in the query").1);
        if is_declined {
            return self.respond(&request, "error", "access_denied");
        }
        if field(&request, "scope").contains(NEEDS_CONSENT) {
            self.consented.borrow_mut().push(user);
        }
        self.session.set(Some(user));
        self.grant(request, user, false)
    }

    /// A response with a code.
    pub(super) fn grant(&self, request: Pairs, user: usize, is_framed: bool) -> Pairs {
        let code = self.new_secret("code");
        let answer = self.respond(&request, "code", &code);
        self.codes.borrow_mut().insert(code, Code { request, user, is_used: false, is_framed });
        answer
    }

    pub(super) fn respond(&self, request: &Pairs, name: &str, value: &str) -> Pairs {
        let mut answer = vec![("state", field(request, "state")), (name, value)];
        if self.is_strict {
            answer.push(("iss", ISSUER));
        }
        answer.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    pub(super) fn end_sessions(&self, user: usize) {
        let mut families = self.families.borrow_mut();
        families.iter_mut().filter(|family| family.user == user).for_each(|family| family.is_ended = true);
        self.session.set(self.session.get().filter(|of| *of != user));
    }

    pub(super) fn take_seen(&self) -> Vec<Seen> {
        self.seen.take()
    }

    /// How long its access tokens live, in seconds.
    pub(super) fn lifetime(&self) -> u64 {
        if self.is_strict { 600 } else { 3600 }
    }

    fn new_secret(&self, kind: &str) -> String {
        self.count.set(self.count.get() + 1);
        format!("secret-{kind}-{}", self.count.get())
    }

    fn token(&self, sent: &Sent) -> Answer {
        let fault = self.faults.of_post(&self.chance);
        let (user, running) = (self.user_of(sent), self.running.get());
        let is_code = sent.field("grant_type") == "authorization_code";
        let mut seen = Seen {
            user: user.unwrap_or_default(),
            is_code,
            is_given: false,
            has_refresh_token: false,
            is_ended: false,
            is_doubtful: fault.is_some_and(Fault::is_doubtful),
            is_faulty: fault.is_some(),
            is_framed: self.codes.borrow().get(sent.field("code")).is_some_and(|code| code.is_framed),
            ends_at: None,
            is_over: self.family_of(sent).is_some_and(|family| self.is_over(family)),
            is_unwanted: !is_code && user.is_some_and(|user| self.limits.is_unwanted(self.running.get(), user, sent)),
        };
        let answer = if fault.is_some_and(|fault| !fault.is_processed()) {
            self.spend(sent, seen.is_doubtful);
            None
        } else {
            let granted = if seen.is_code { self.redeem(sent) } else { self.refresh(sent) };
            seen.is_given = granted.is_ok();
            seen.has_refresh_token = granted.as_ref().is_ok_and(|tokens| tokens.get("refresh_token").is_some());
            seen.ends_at = self.given_end.take().filter(|_| seen.has_refresh_token);
            Some(granted.map_or_else(|refusal| http(400, &refusal), |tokens| http(200, &tokens)))
        };
        if user.is_some() {
            self.seen.borrow_mut().push(seen);
        }
        match (fault, answer) {
            (None, Some(answer)) => Ok(answer),
            (fault, _) => {
                let answer = fault.map_or_else(|| Ok(http(500, &json!({}))), Fault::answer);
                if is_code { answer } else { self.limits.begin(running, seen.user, sent, answer) }
            }
        }
    }

    fn user_of(&self, sent: &Sent) -> Option<usize> {
        if sent.field("grant_type") == "authorization_code" {
            return self.codes.borrow().get(sent.field("code")).map(|code| code.user);
        }
        Some(self.families.borrow()[self.family_of(sent)?].user)
    }

    fn family_of(&self, sent: &Sent) -> Option<usize> {
        Some(self.refresh_tokens.borrow().get(sent.field("refresh_token"))?.0)
    }

    fn is_over(&self, family: usize) -> bool {
        self.families.borrow()[family].end.is_some_and(|end| end.is_past(self.running.get()))
    }

    /// A strict server's refresh token comes; with `is_used` nobody can be sure that it was not used.
    fn spend(&self, sent: &Sent, is_used: bool) {
        if let Some((_, was_used)) = self.refresh_tokens.borrow_mut().get_mut(sent.field("refresh_token"))
            && self.is_strict
        {
            self.reused.set(self.reused.get() + usize::from(*was_used));
            *was_used |= is_used;
        }
    }

    fn redeem(&self, sent: &Sent) -> Result<Json, Json> {
        let mut codes = self.codes.borrow_mut();
        let Code { request, user, is_used, is_framed } =
            codes.get_mut(sent.field("code")).ok_or_else(|| refused("invalid_grant"))?;
        if std::mem::replace(is_used, true) {
            self.reused.set(self.reused.get() + 1);
            return Err(refused("invalid_grant"));
        }
        let nonce = field(request, "nonce").to_owned();
        let has_refresh_token = !self.is_strict || field(request, "prompt") == "consent" || !self.chance.is(30);
        let mut families = self.families.borrow_mut();
        let Running { domain, .. } = self.running.get();
        families.push(Family { user: *user, end: None, domain, nonce: nonce.clone(), is_ended: false });
        let family = has_refresh_token.then_some(families.len() - 1);
        drop(families);
        let is_mixed = *is_framed && self.mutation == Mutation::MixingFrame;
        Ok(self.give(sent, (*user, is_mixed), family, Some(&nonce)))
    }

    fn refresh(&self, sent: &Sent) -> Result<Json, Json> {
        let known = self.refresh_tokens.borrow().get(sent.field("refresh_token")).copied();
        let (family, was_used) = known.ok_or_else(|| refused("invalid_grant"))?;
        let mut families = self.families.borrow_mut();
        if was_used && self.is_strict {
            self.reused.set(self.reused.get() + 1);
            families[family].is_ended = true;
        }
        let is_over = families[family].end.is_some_and(|end| end.is_past_at_server(self.running.get()));
        let Family { user, domain, ref nonce, is_ended, .. } = families[family];
        if is_ended || is_over || self.mutation == Mutation::ForgetfulServer && self.chance.is(20) {
            return Err(refused("invalid_grant"));
        }
        assert_eq!(domain, self.running.get().domain, "a refresh token stays in its storage");
        if sent.field("scope").contains(NEEDS_CONSENT) && !self.consented.borrow().contains(&user) {
            return Err(if self.is_strict {
                refused("invalid_scope")
            } else {
                json!({ "error": "invalid_grant", "suberror": "consent_required" })
            });
        }
        if self.mutation == Mutation::TellingServer && self.chance.is(20) {
            let of_another = self.access_tokens.borrow().keys().next().cloned();
            return Err(json!({ "error": "invalid_request", "error_description": of_another }));
        }
        self.spend(sent, true);
        // Repeated or left out, in each answer anew (OpenID Connect Core section 12.2).
        let nonce = (self.is_strict && self.chance.is(50)).then(|| nonce.clone());
        drop(families);
        let family = (self.is_strict || self.chance.is(60)).then_some(family);
        Ok(self.give(sent, (user, false), family, nonce.as_deref()))
    }

    fn give(&self, sent: &Sent, of: (usize, bool), family: Option<usize>, nonce: Option<&str>) -> Json {
        let (user, is_mixed) = of;
        let asked = sent.field("scope").split(' ');
        let mut scopes: Vec<String> = asked.filter(|scope| !OPENID_SCOPES.contains(scope)).map(bare).collect();
        if !self.consented.borrow().contains(&user) {
            scopes.retain(|scope| scope != NEEDS_CONSENT);
        }
        let is_mixed = is_mixed || self.mutation == Mutation::MixingServer && self.chance.is(20);
        let access_token = self.new_secret("access");
        let access = Access {
            user: if is_mixed { (user + 1) % USERS.len() } else { user },
            scopes: scopes.clone(),
            indicator: sent.field("resource").to_owned(),
            ends_on: self.running.get().time + self.lifetime(),
        };
        self.access_tokens.borrow_mut().insert(access_token.clone(), access);
        let mut tokens = json!({ "token_type": "Bearer", "access_token": access_token, "expires_in": self.lifetime() });
        if !self.is_strict || self.chance.is(50) {
            scopes.extend(OPENID_SCOPES.map(ToOwned::to_owned));
            tokens["scope"] = json!(scopes.join(" "));
        }
        if self.chance.is(40) {
            tokens["refresh_in"] = json!(90);
        }
        if let Some(family) = family {
            let refresh_token = self.new_secret("refresh");
            tokens["refresh_token"] = json!(refresh_token);
            self.limit(&mut tokens, family);
            self.refresh_tokens.borrow_mut().insert(refresh_token, (family, false));
        }
        if !self.is_strict {
            tokens["client_info"] = json!(USERS[user].client_info());
        }
        if !self.is_strict || nonce.is_some() || self.chance.is(50) {
            tokens["id_token"] = json!(self.id_token(user, nonce, sent.at));
        }
        tokens
    }

    /// Tells when the refresh token ends: another server's next one lives anew, the platform's no longer than the first.
    fn limit(&self, tokens: &mut Json, family: usize) {
        let running = self.running.get();
        let end = &mut self.families.borrow_mut()[family].end;
        if self.is_strict || end.is_none() {
            *end = self.limits.end(running);
        }
        if let Some(end) = end {
            tokens["refresh_token_expires_in"] = json!(self.limits.told(*end, running));
            self.given_end.set(Some(end.at));
        }
    }

    fn id_token(&self, user: usize, nonce: Option<&str>, now: u64) -> String {
        let mut said = claims(USERS[user], now);
        if self.is_strict {
            said["iss"] = json!(ISSUER);
            said["sub"] = json!(USERS[user].oid);
        }
        if let Some(nonce) = nonce {
            said["nonce"] = json!(nonce);
        }
        jwt(&said)
    }

    /// What the ID tokens and userinfo of a user say in `sub`.
    pub(super) fn subject(&self, user: usize) -> String {
        if self.is_strict { USERS[user].oid.to_owned() } else { format!("pairwise-{}", USERS[user].oid) }
    }

    pub(super) fn home_account_id(&self, user: usize) -> String {
        if self.is_strict { USERS[user].oid.to_owned() } else { USERS[user].home_account_id() }
    }
}

/// A permission without the API that is meant where none is named.
pub(super) fn bare(scope: &str) -> String {
    scope.trim_start_matches("https://graph.microsoft.com/").to_owned()
}

fn refused(error: &str) -> Json {
    json!({ "error": error })
}
