//! The authorization server of a simulation. A strict one gives each refresh token once, and ends the session when one comes twice
//! (RFC 9700 section 4.14.2); a lax one takes the same again, as the platform does. It knows whose each token is.

use super::{
    Mutation,
    chance::Chance,
    faults::{Fault, Faults},
};
use crate::{
    browser::{Answer, Browser, Pairs, Sent, field, http, pairs},
    provider::ISSUER,
    server::{self, CLIENT_ID, KEY_ID, KEYS_URL, METADATA_URL, TOKEN_URL, USER_INFO_URL, User, claims, jwk, jwt},
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
}

struct Family {
    user: usize,
    domain: usize,
    nonce: String,
    is_ended: bool,
}

pub(super) struct Server {
    pub(super) is_strict: bool,
    pub(super) faults: Faults,
    /// Of the page whose call runs: the storage, and what its clock says.
    pub(super) running: Cell<(usize, u64)>,
    chance: Rc<Chance>,
    mutation: Mutation,
    count: Cell<usize>,
    /// The tokens and codes that came twice to a server that takes each once.
    pub(super) reused: Cell<usize>,
    codes: RefCell<BTreeMap<String, (Pairs, usize, bool)>>,
    families: RefCell<Vec<Family>>,
    /// Each with its family, and whether it was used.
    refresh_tokens: RefCell<BTreeMap<String, (usize, bool)>>,
    pub(super) access_tokens: RefCell<BTreeMap<String, Access>>,
    consented: RefCell<Vec<usize>>,
    seen: RefCell<Vec<Seen>>,
}

impl Server {
    pub(super) fn new(browser: &Browser, is_strict: bool, mutation: Mutation, chance: &Rc<Chance>) -> Rc<Self> {
        let server = Rc::new(Server {
            is_strict,
            faults: Faults::default(),
            running: Cell::default(),
            chance: Rc::clone(chance),
            mutation,
            count: Cell::default(),
            reused: Cell::default(),
            codes: RefCell::default(),
            families: RefCell::default(),
            refresh_tokens: RefCell::default(),
            access_tokens: RefCell::default(),
            consented: RefCell::default(),
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
        let mut answer = vec![("state", field(&request, "state").to_owned())];
        if self.is_strict {
            answer.push(("iss", ISSUER.to_owned()));
        }
        if is_declined {
            answer.push(("error", "access_denied".to_owned()));
        } else {
            if field(&request, "scope").contains(NEEDS_CONSENT) {
                self.consented.borrow_mut().push(user);
            }
            let code = self.new_secret("code");
            answer.push(("code", code.clone()));
            self.codes.borrow_mut().insert(code, (request, user, false));
        }
        answer.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Ends a user's sessions.
    pub(super) fn end_sessions(&self, user: usize) {
        let mut families = self.families.borrow_mut();
        families.iter_mut().filter(|family| family.user == user).for_each(|family| family.is_ended = true);
    }

    /// What the call that ran has asked since this was asked last.
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
        let user = self.user_of(sent);
        let mut seen = Seen {
            user: user.unwrap_or_default(),
            is_code: sent.field("grant_type") == "authorization_code",
            is_given: false,
            has_refresh_token: false,
            is_ended: false,
            is_doubtful: fault.is_some_and(Fault::is_doubtful),
            is_faulty: fault.is_some(),
        };
        let answer = if fault.is_some_and(|fault| !fault.is_processed()) {
            self.spend(sent, seen.is_doubtful);
            None
        } else {
            let granted = if seen.is_code { self.redeem(sent) } else { self.refresh(sent) };
            seen.is_given = granted.is_ok();
            seen.has_refresh_token = granted.as_ref().is_ok_and(|tokens| tokens.get("refresh_token").is_some());
            Some(granted.map_or_else(|refusal| http(400, &refusal), |tokens| http(200, &tokens)))
        };
        if user.is_some() {
            self.seen.borrow_mut().push(seen);
        }
        match (fault, answer) {
            (None, Some(answer)) => Ok(answer),
            (fault, _) => fault.map_or_else(|| Ok(http(500, &json!({}))), |fault| fault.answer()),
        }
    }

    fn user_of(&self, sent: &Sent) -> Option<usize> {
        if sent.field("grant_type") == "authorization_code" {
            return self.codes.borrow().get(sent.field("code")).map(|(_, user, _)| *user);
        }
        let family = self.refresh_tokens.borrow().get(sent.field("refresh_token"))?.0;
        Some(self.families.borrow()[family].user)
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
        let (request, user, is_used) = codes.get_mut(sent.field("code")).ok_or_else(|| refused("invalid_grant"))?;
        if std::mem::replace(is_used, true) {
            self.reused.set(self.reused.get() + 1);
            return Err(refused("invalid_grant"));
        }
        let nonce = field(request, "nonce").to_owned();
        let has_refresh_token = !self.is_strict || field(request, "prompt") == "consent" || !self.chance.is(30);
        let mut families = self.families.borrow_mut();
        let domain = self.running.get().0;
        families.push(Family { user: *user, domain, nonce: nonce.clone(), is_ended: false });
        let family = has_refresh_token.then_some(families.len() - 1);
        Ok(self.give(sent, *user, family, Some(&nonce)))
    }

    fn refresh(&self, sent: &Sent) -> Result<Json, Json> {
        let known = self.refresh_tokens.borrow().get(sent.field("refresh_token")).copied();
        let (family, was_used) = known.ok_or_else(|| refused("invalid_grant"))?;
        let mut families = self.families.borrow_mut();
        if was_used && self.is_strict {
            self.reused.set(self.reused.get() + 1);
            families[family].is_ended = true;
        }
        let Family { user, domain, ref nonce, is_ended } = families[family];
        if is_ended || self.mutation == Mutation::ForgetfulServer && self.chance.is(20) {
            return Err(refused("invalid_grant"));
        }
        assert_eq!(domain, self.running.get().0, "a refresh token stays in its storage");
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
        Ok(self.give(sent, user, (self.is_strict || self.chance.is(60)).then_some(family), nonce.as_deref()))
    }

    fn give(&self, sent: &Sent, user: usize, family: Option<usize>, nonce: Option<&str>) -> Json {
        let asked = sent.field("scope").split(' ');
        let mut scopes: Vec<String> = asked.filter(|scope| !OPENID_SCOPES.contains(scope)).map(bare).collect();
        if !self.consented.borrow().contains(&user) {
            scopes.retain(|scope| scope != NEEDS_CONSENT);
        }
        let is_mixed = self.mutation == Mutation::MixingServer && self.chance.is(20);
        let access_token = self.new_secret("access");
        let access = Access {
            user: if is_mixed { (user + 1) % USERS.len() } else { user },
            scopes: scopes.clone(),
            indicator: sent.field("resource").to_owned(),
            ends_on: self.running.get().1 + self.lifetime(),
        };
        self.access_tokens.borrow_mut().insert(access_token.clone(), access);
        let mut tokens = json!({ "token_type": "Bearer", "access_token": access_token, "expires_in": self.lifetime() });
        if !self.is_strict || self.chance.is(50) {
            scopes.extend(OPENID_SCOPES.map(ToOwned::to_owned));
            tokens["scope"] = json!(scopes.join(" "));
        }
        if let Some(family) = family {
            let refresh_token = self.new_secret("refresh");
            tokens["refresh_token"] = json!(refresh_token);
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

    fn user_info(&self, sent: &Sent) -> Answer {
        if let Some(answer) = self.faults.of_get(&self.chance) {
            return answer;
        }
        let access_tokens = self.access_tokens.borrow();
        let access =
            access_tokens.get(sent.bearer.as_deref().unwrap_or_default()).expect("the token is of this server");
        if self.chance.is(10) {
            return Ok(http(401, &json!({})));
        }
        Ok(http(200, &json!({ "sub": self.subject(access.user), "email": USERS[access.user].name })))
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

fn strict_metadata() -> Json {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/auth"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/me"),
        "jwks_uri": "https://keys.example/one",
        "end_session_endpoint": format!("{ISSUER}/end"),
        "authorization_response_iss_parameter_supported": true,
    })
}

/// The configuration of an app of this server's.
pub(super) fn configuration(is_strict: bool, location: &str, is_sealed: bool) -> Json {
    let authority = if is_strict { ISSUER } else { server::AUTHORITY };
    json!({
        "auth": { "clientId": CLIENT_ID, "authority": authority },
        "cache": { "cacheLocation": location, "encryption": is_sealed },
        "system": { "protocolMode": if is_strict { "OIDC" } else { "AAD" } },
    })
}
