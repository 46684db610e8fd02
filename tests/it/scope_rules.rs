//! The platform's rules for scopes, each by what the client does about it.

use crate::{
    browser::{Pairs, Sent, field},
    server::CLIENT_ID,
    world::{Client, REDIRECT_URI, World, asking, code, finish, now, query, set, silent, wanting},
};
use consentry::{
    client::{RedirectRequest, SilentRequest},
    error::Error,
    scope::{ApplicationIdUri, GRAPH, Scope, ScopeSet},
};

/// A rule, what is seen of it, and what is to be seen.
struct Rule {
    rule: &'static str,
    seen: fn() -> Vec<String>,
    expected: &'static [&'static str],
}

const RULES: [Rule; 13] = [
    Rule {
        rule: "a scope is an Application ID URI and a permission, cut at the last slash",
        seen: || {
            let guid = "6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001/access_as_user";
            ["https://graph.microsoft.com/Mail.Read", &format!("api://{guid}"), guid, "https://contoso.com/orders/Read"]
                .map(cut)
                .to_vec()
        },
        expected: &[
            "https://graph.microsoft.com | Mail.Read",
            "api://6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001 | access_as_user",
            "6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001 | access_as_user",
            "https://contoso.com/orders | Read",
        ],
    },
    Rule {
        rule: "without an Application ID URI a permission is Microsoft Graph's",
        seen: || {
            let (world, client) = signed_in(&["User.Read"], &[]);
            vec![cut("User.Read"), acquired(&world, &client, &["https://graph.microsoft.com/User.Read"])]
        },
        expected: &["https://graph.microsoft.com | User.Read", "from the cache"],
    },
    Rule {
        rule: "OpenID Connect's scopes alone are for Microsoft Graph; address and phone are not supported",
        seen: || {
            let mut seen = sent(&["email", "openid"], &[]);
            seen.push(api(&["openid", "profile", "email", "offline_access"]));
            seen.extend(["address", "phone"].map(|scope| api(&[scope])));
            seen
        },
        expected: &[
            "authorize: email openid profile offline_access",
            "code: email openid profile offline_access",
            "refresh: email openid profile offline_access",
            GRAPH,
            "unsupported_scope",
            "unsupported_scope",
        ],
    },
    Rule {
        rule: "OpenID Connect's scopes go with any API and are no second one",
        seen: || sent(&["openid", "api://orders/Read", "profile", "email", "offline_access"], &[]),
        expected: &[
            "authorize: openid api://orders/Read profile email offline_access",
            "code: openid api://orders/Read profile email offline_access",
            "refresh: openid api://orders/Read profile email offline_access",
        ],
    },
    Rule {
        rule: "an authorization request may name several APIs, a token request names one",
        seen: || {
            let mut seen = sent(&["User.Read"], &["api://orders/Read", "https://contoso.com/Read"]);
            seen.extend(sent(&["User.Read", "api://orders/Read"], &[]));
            let (world, client) = signed_in(&["User.Read"], &["api://orders/Read"]);
            seen.push(acquired(&world, &client, &["api://orders/Read", "User.Read"]));
            seen.push(acquired(&world, &client, &["api://orders/Read"]));
            seen
        },
        expected: &[
            "authorize: User.Read openid profile offline_access api://orders/Read https://contoso.com/Read",
            "code: User.Read openid profile offline_access",
            "refresh: User.Read openid profile offline_access",
            "several_resources",
            "several_resources",
            "refresh: api://orders/Read openid profile offline_access",
        ],
    },
    Rule {
        rule: ".default goes with no permission by name, of whatever API; OpenID Connect's scopes may accompany it",
        seen: || {
            let mut seen = sent(&["api://orders/.default", "email"], &[]);
            let mixed: [(&[&str], &[&str]); 4] = [
                (&["api://orders/.default", "api://orders/Read"], &[]),
                (&["api://orders/.default"], &["User.Read"]),
                (&["User.Read"], &["api://orders/.default"]),
                (&["api://orders/.default"], &[".default"]),
            ];
            seen.extend(mixed.iter().flat_map(|(scopes, extra_scopes)| sent(scopes, extra_scopes)));
            seen
        },
        expected: &[
            "authorize: api://orders/.default email openid profile offline_access",
            "code: api://orders/.default email openid profile offline_access",
            "refresh: api://orders/.default email openid profile offline_access",
            "default_scope_mixed",
            "default_scope_mixed",
            "default_scope_mixed",
            "default_scope_mixed",
        ],
    },
    Rule {
        rule: "an Application ID URI that ends with a slash is followed by another one",
        seen: || {
            let mut seen = vec![cut("https://contoso.com//.default"), cut("https://contoso.com//Read")];
            seen.extend(sent(&["https://contoso.com//Read"], &[]));
            seen.push(api(&["https://contoso.com//Read", "https://contoso.com/Read"]));
            seen
        },
        expected: &[
            "https://contoso.com/ | .default",
            "https://contoso.com/ | Read",
            "authorize: https://contoso.com//Read openid profile offline_access",
            "code: https://contoso.com//Read openid profile offline_access",
            "refresh: https://contoso.com//Read openid profile offline_access",
            "several_resources",
        ],
    },
    Rule {
        rule: "a token for the client itself is asked for by its client ID alone",
        seen: || sent(&[&format!("{CLIENT_ID}/.default")], &[]),
        expected: &[
            "authorize: 6731de76-14a6-49ae-97bc-6eba6914391e/.default openid profile offline_access",
            "code: 6731de76-14a6-49ae-97bc-6eba6914391e/.default openid profile offline_access",
            "refresh: 6731de76-14a6-49ae-97bc-6eba6914391e/.default openid profile offline_access",
        ],
    },
    Rule {
        rule: "case tells no scopes apart; what was written is sent",
        seen: || {
            let mut seen = sent(&["API://Orders/reAD"], &["user.READ"]);
            let (world, client) = signed_in(&["API://Orders/reAD"], &[]);
            seen.push(acquired(&world, &client, &["api://orders/Read"]));
            seen
        },
        expected: &[
            "authorize: API://Orders/reAD openid profile offline_access user.READ",
            "code: API://Orders/reAD openid profile offline_access",
            "refresh: API://Orders/reAD openid profile offline_access",
            "from the cache",
        ],
    },
    Rule {
        rule: "order and duplicates do not matter; single spaces separate",
        seen: || {
            let mut seen = sent(&["Mail.Read", "User.Read", "openid", "mail.read", "User.Read"], &["Mail.Read"]);
            let (world, client) = signed_in(&["Mail.Read", "User.Read"], &[]);
            seen.push(acquired(&world, &client, &["User.Read", "Mail.Read", "User.Read"]));
            seen
        },
        expected: &[
            "authorize: Mail.Read User.Read openid profile offline_access",
            "code: Mail.Read User.Read openid profile offline_access",
            "refresh: Mail.Read User.Read openid profile offline_access",
            "from the cache",
        ],
    },
    Rule {
        rule: "a GUID alone, and what is no URI before the permission, is no scope",
        seen: || {
            let none =
                ["6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001", "orders/Read", "//contoso.com/Read", "https://contoso.com"];
            none.map(|scope| api(&[scope])).to_vec()
        },
        expected: &["malformed_scope", "malformed_scope", "malformed_scope", "malformed_scope"],
    },
    Rule {
        rule: "a token has all that was consented to for its API, and serves each part of that",
        seen: || {
            let (world, client) = signed_in(&["api://orders/Read"], &["api://orders/Write", "api://stock/Read"]);
            let part = |scopes| acquired(&world, &client, scopes);
            vec![
                part(&["api://orders/Write"]),
                part(&["api://orders/Write", "api://orders/Read"]),
                part(&["api://stock/Read"]),
                part(&["api://orders/Read", "api://orders/Delete"]),
            ]
        },
        expected: &[
            "from the cache",
            "from the cache",
            "refresh: api://stock/Read openid profile offline_access",
            "invalid_grant",
        ],
    },
    Rule {
        rule: "no request has a parameter `resource`, not by the app's doing either",
        seen: || {
            let requests = requests(&["api://orders/Read"], &["User.Read"]).expect("nothing is refused");
            let mut seen: Vec<_> = requests.iter().map(|(kind, pairs)| told(kind, field(pairs, "resource"))).collect();
            let client = World::new().client();
            seen.extend(["resource", "Resource"].map(|name| {
                let extra = vec![(name, "api://orders")];
                code(now(client.begin_redirect(&RedirectRequest { extra, ..asking(&["api://orders/Read"]) })))
            }));
            seen
        },
        expected: &["authorize: ", "code: ", "refresh: ", "invalid_extra_parameter", "invalid_extra_parameter"],
    },
];

#[test]
fn the_client_keeps_the_platforms_rules() {
    for Rule { rule, seen, expected } in RULES {
        assert_eq!(seen(), expected, "{rule}");
    }
}

/// A scope's two parts.
fn cut(text: &str) -> String {
    let scope = Scope::parse(text, "scopes").expect("it is well formed");
    format!("{} | {}", scope.resource().map_or("", ApplicationIdUri::as_str), scope.name())
}

/// The API that a token for these scopes is for; the error's code where there can be none.
fn api(scopes: &[&str]) -> String {
    let resource = ScopeSet::parse(scopes.iter().copied(), "scopes").and_then(|scopes| scopes.resource());
    resource.map_or_else(|error| Error::from(error).code().to_owned(), |resource| resource.as_str().to_owned())
}

fn told(kind: &str, text: &str) -> String {
    format!("{kind}: {text}")
}

/// What kind of token request it is, and what it says, in its form and in its address.
fn token_request(sent: Sent) -> (&'static str, Pairs) {
    let kind = if sent.field("grant_type") == "refresh_token" { "refresh" } else { "code" };
    (kind, [sent.form.unwrap_or_default(), sent.query].concat())
}

/// The requests of a user who signs in and of a token that is then got past the cache; or the error.
fn requests(scopes: &[&str], extra_scopes: &[&str]) -> Result<Vec<(&'static str, Pairs)>, Error> {
    let world = World::new();
    now(world.client().begin_redirect(&RedirectRequest { extra_scopes: set(extra_scopes), ..asking(scopes) }))?;
    let url = &world.browser.left()[0].url;
    world.come_back(REDIRECT_URI, &world.server.authorize(url));
    let client = world.client();
    finish(&client)?;
    silent(&client, &SilentRequest { force_refresh: true, ..wanting(scopes) })?;
    let authorize = ("authorize", query(url));
    Ok([authorize].into_iter().chain(world.token_requests().into_iter().map(token_request)).collect())
}

/// The `scope` of these [`requests`], or the error's code.
fn sent(scopes: &[&str], extra_scopes: &[&str]) -> Vec<String> {
    match requests(scopes, extra_scopes) {
        Ok(requests) => requests.iter().map(|(kind, pairs)| told(kind, field(pairs, "scope"))).collect(),
        Err(error) => vec![error.code().to_owned()],
    }
}

/// A user who has consented to all of these, and has a token for `scopes`.
#[track_caller]
fn signed_in(scopes: &[&str], extra_scopes: &[&str]) -> (World, Client) {
    let world = World::new();
    let request = RedirectRequest { extra_scopes: set(extra_scopes), ..asking(scopes) };
    world.visit_server(&world.client(), &request, REDIRECT_URI);
    let client = world.client();
    finish(&client).expect("the sign-in succeeds");
    (world, client)
}

/// Where a token for these scopes comes from: the `scope` of the request, or the error's code.
fn acquired(world: &World, client: &Client, scopes: &[&str]) -> String {
    world.browser.network().take_sent();
    match silent(client, &wanting(scopes)).map(|_| world.token_requests().pop().map(token_request)) {
        Ok(None) => "from the cache".to_owned(),
        Ok(Some((kind, pairs))) => told(kind, field(&pairs, "scope")),
        Err(error) => error.code().to_owned(),
    }
}
