//! What a refusal means: decided on `error`, `suberror` and `claims`, and never asked again because of a number.

use crate::{
    browser::{http, pairs},
    world::{Client, REDIRECT_URI, World, acquiring, finish, literal, set, silent, value, wanting},
};
use consentry::{
    client::{RedirectRequest, SilentRequest},
    error::{
        Class::{self, AccessBlocked, AdminConsentRequired, ConsentDeclined, ConsentRequired, InteractionRequired},
        Error, Outcome, ServerReply,
    },
    protocol::Prompt,
    scope::ScopeSet,
};
use serde_json::{Value as Json, json};

/// Numbers with and without a meaning of their own, and none.
const NUMBERS: [&str; 14] = [
    "", "65001", "65004", "90094", "90093", "90095", "90099", "53003", "530032", "50105", "50020", "50076", "650053",
    "70011",
];
const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

/// How an error arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// In the answer to a refresh.
    Token,
    /// From the server's pages.
    Pages,
    /// By redirect, without a page.
    None,
}

/// What the server says.
#[derive(Clone, Copy, Debug)]
struct Said {
    error: &'static str,
    sub_error: &'static str,
    has_claims: bool,
    number: &'static str,
}

impl Said {
    fn members(self) -> Vec<(&'static str, String)> {
        let description =
            if self.number.is_empty() { "Refused.".into() } else { format!("AADSTS{}: Refused.", self.number) };
        let claims = if self.has_claims { CLAIMS } else { "" };
        let all = [("error", self.error), ("suberror", self.sub_error), ("claims", claims)];
        let mut members: Vec<_> = all.map(|(name, text)| (name, text.to_owned())).into();
        members.push(("error_description", description));
        members.retain(|(_, text)| !text.is_empty());
        members
    }
}

/// Alice with User.Read, and a page that wants Mail.Read besides.
fn signed_in() -> (World, Client) {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    (world, client)
}

/// The error that an app meets.
fn met(said: Said, way: Way) -> Error {
    let (world, client) = signed_in();
    if way == Way::Token {
        let body: Json = said.members().into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect();
        world.server.answer(http(400, &body));
        let request = SilentRequest { force_refresh: true, ..wanting(&["User.Read", "Mail.Read"]) };
        return silent(&client, &request).expect_err("it is refused");
    }
    let prompt = (way == Way::None).then_some(Prompt::NONE);
    let url = world.leave(&client, &RedirectRequest { prompt, ..acquiring(&["User.Read", "Mail.Read"]) });
    let state = pairs(&url).into_iter().find(|(name, _)| name == "state").expect("a state").1;
    let mut answer: Vec<_> = said.members().into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    answer.push(("state".to_owned(), state));
    world.come_back(REDIRECT_URI, &answer);
    finish(&world.client()).expect_err("it is refused")
}

fn needs_user(error: &Error) -> bool {
    match error {
        Error::InteractionRequired(_) => true,
        Error::Server(_) => false,
        other => panic!("{other:?}"),
    }
}

type Expected = (Class, Option<Outcome>);

const PLAIN: Expected = (Class::Server, None);
const USER: Expected = (InteractionRequired, None);
const CONSENT: Expected = (ConsentRequired, Some(Outcome::ConsentRequired));
const DECLINED: Expected = (ConsentDeclined, Some(Outcome::Declined));
const BLOCKED: Expected = (AccessBlocked, Some(Outcome::Blocked));
/// The user is needed, as MSAL has it; what they will see is a message.
const MESSAGE: Expected = (InteractionRequired, Some(Outcome::Blocked));
const WRONG: Expected = (Class::Misconfigured, Some(Outcome::Misconfigured));

/// `error`, `suberror`, whether there are `claims`; and what that is without the user and after the server's pages.
const TABLE: [(&str, &str, bool, Expected, Expected); 38] = [
    ("consent_required", "", false, CONSENT, DECLINED),
    ("invalid_grant", "consent_required", false, CONSENT, DECLINED),
    ("interaction_required", "consent_required", true, CONSENT, DECLINED),
    ("invalid_client", "consent_required", false, CONSENT, DECLINED),
    ("access_denied", "", false, BLOCKED, DECLINED),
    ("access_denied", "consent_required", false, CONSENT, DECLINED),
    ("access_denied", "basic_action", false, MESSAGE, DECLINED),
    ("access_denied", "", true, BLOCKED, DECLINED),
    ("invalid_grant", "message_only", false, MESSAGE, BLOCKED),
    ("invalid_grant", "message_only", true, USER, USER),
    ("interaction_required", "message_only", false, MESSAGE, BLOCKED),
    ("interaction_required", "", false, USER, USER),
    ("interaction_required", "", true, USER, USER),
    ("login_required", "", false, USER, USER),
    ("account_selection_required", "", false, USER, USER),
    ("bad_token", "", false, USER, USER),
    ("interrupted_user", "", false, USER, USER),
    ("ui_not_allowed", "", false, USER, USER),
    ("invalid_grant", "basic_action", false, USER, USER),
    ("invalid_grant", "basic_action", true, USER, USER),
    ("invalid_grant", "additional_action", false, USER, USER),
    ("invalid_grant", "bad_token", false, USER, USER),
    ("invalid_grant", "token_expired", false, USER, USER),
    ("invalid_grant", "user_password_expired", false, USER, USER),
    ("invalid_request", "basic_action", false, USER, USER),
    ("invalid_grant", "something_new", false, PLAIN, PLAIN),
    ("something_new", "", false, PLAIN, PLAIN),
    ("something_new", "", true, PLAIN, PLAIN),
    ("server_error", "", false, PLAIN, PLAIN),
    ("temporarily_unavailable", "", false, PLAIN, PLAIN),
    ("invalid_client", "", false, WRONG, WRONG),
    ("invalid_request", "", false, WRONG, WRONG),
    ("invalid_resource", "", false, WRONG, WRONG),
    ("invalid_scope", "", false, WRONG, WRONG),
    ("invalid_target", "", false, WRONG, WRONG),
    ("unauthorized_client", "", false, WRONG, WRONG),
    ("unsupported_grant_type", "", false, WRONG, WRONG),
    ("unsupported_response_type", "", false, WRONG, WRONG),
];

/// What a number makes of a refusal on the server's pages: another explanation.
fn explained(expected: Expected, number: &str) -> Expected {
    match number {
        _ if expected != DECLINED => expected,
        "90093" | "90094" | "90095" | "90099" => (AdminConsentRequired, Some(Outcome::AdminConsentRequired)),
        "53003" | "530032" | "50105" | "50020" => BLOCKED,
        _ => DECLINED,
    }
}

#[test]
fn each_refusal_means_one_thing_and_no_number_makes_it_one_to_ask_again() {
    for (error, sub_error, has_claims, silently, decided) in TABLE {
        for way in [Way::Token, Way::None, Way::Pages] {
            for number in NUMBERS {
                let said = Said { error, sub_error, has_claims, number };
                let met = met(said, way);
                let expected = match way {
                    Way::Pages => explained(decided, number),
                    // Whatever is wrong with a refresh token: the user can have another.
                    Way::Token if error == "invalid_grant" && silently == PLAIN => USER,
                    Way::Token | Way::None => silently,
                };
                assert_eq!((met.class(), met.outcome()), expected, "{way:?} {said:?}");
                let is_user = matches!(expected.0, InteractionRequired | ConsentRequired);
                assert_eq!(needs_user(&met), is_user, "{way:?} {said:?}");
                assert_eq!(met.code(), error, "MSAL's code is the server's own: {said:?}");
            }
        }
    }
}

/// The members of the error object that say what a refusal means.
fn told(said: Said, way: Way) -> [Json; 3] {
    let record = literal(&met(said, way).record("c").finish());
    ["outcome", "missingScopes", "remedy"].map(|name| record[name].clone())
}

#[test]
fn a_refusal_says_what_it_is_about_and_what_mends_it() {
    let mail = json!({ "https://graph.microsoft.com": ["Mail.Read"] });
    let of = |error, sub_error, number| Said { error, sub_error, has_claims: false, number };
    let none = Json::Null;
    let table = [
        (of("invalid_grant", "consent_required", "65001"), Way::Token, "consent_required", &mail),
        (of("access_denied", "", "65004"), Way::Pages, "declined", &mail),
        (of("consent_required", "", "65004"), Way::Pages, "declined", &mail),
        (of("access_denied", "", "90094"), Way::Pages, "admin_consent_required", &mail),
        (of("access_denied", "", "53003"), Way::Pages, "blocked", &none),
        (of("access_denied", "", "53003"), Way::None, "blocked", &none),
        (of("invalid_grant", "message_only", "53003"), Way::Token, "blocked", &none),
    ];
    for (said, way, outcome, missing) in table {
        assert_eq!(told(said, way), [json!(outcome), missing.clone(), none.clone()], "{way:?} {said:?}");
    }
    let [outcome, missing, _] = told(of("interaction_required", "", "50076"), Way::Token);
    assert_eq!((outcome, missing), (none.clone(), none), "the user is needed, and not for consent");
}

#[test]
fn what_is_misconfigured_has_a_remedy() {
    let remedy = |error, number| {
        let said = Said { error, sub_error: "", has_claims: false, number };
        let [outcome, missing, remedy] = told(said, Way::Pages);
        assert_eq!((outcome, missing), (json!("misconfigured"), Json::Null), "{said:?}");
        assert_eq!(told(said, Way::Token)[2], remedy, "{said:?}");
        let remedy = remedy.as_str().expect("a remedy").to_owned();
        assert!(remedy.len() > 20 && !remedy.ends_with('.'), "{remedy}");
        remedy
    };
    let numbers = [
        ("invalid_request", "28000", "one API at a time"),
        ("invalid_request", "50011", "redirect URI"),
        ("invalid_request", "50194", "one tenant"),
        ("invalid_request", "50196", "loop"),
        ("invalid_client", "65002", "preauthorize"),
        ("invalid_client", "65005", "app registration"),
        ("invalid_scope", "70011", "<Application ID URI>/<permission>"),
        ("invalid_request", "90002", "tenant"),
        ("invalid_request", "90009", "<client ID>"),
        ("invalid_resource", "500011", "Application ID URI"),
        ("invalid_client", "650051", "administrator"),
        ("invalid_client", "650052", "administrator"),
        ("invalid_client", "650053", "permission's name"),
        ("invalid_client", "650056", "app registration"),
        ("invalid_client", "650057", "app registration"),
        ("unauthorized_client", "700016", "auth.clientId"),
        ("invalid_request", "901002", "resource"),
        ("invalid_client", "7000218", "spa"),
        ("invalid_request", "9002326", "spa"),
        ("invalid_request", "9002327", "native app"),
    ];
    for (error, number, word) in numbers {
        let (by_number, by_error) = (remedy(error, number), remedy(error, ""));
        assert!(by_number.contains(word), "{number}: {by_number}");
        assert_eq!(remedy(error, "123456"), by_error, "a number that is not known says nothing");
    }
}

#[test]
fn only_a_number_at_the_start_is_one() {
    for (description, number) in [
        ("AADSTS65001: The user has not consented.", "65001"),
        ("AADSTS65001", "65001"),
        ("AADSTS", ""),
        ("AADSTS: 65001", ""),
        (" AADSTS65001: x", ""),
        ("See AADSTS90094: x", ""),
        ("aadsts90094: x", ""),
        ("AADSTS\u{661}\u{662}: x", ""),
        ("", ""),
    ] {
        let reply = ServerReply::new("access_denied", description);
        assert_eq!(reply.number(), number, "{description:?}");
    }
}

#[test]
fn a_class_is_its_own_or_the_one_that_msal_has() {
    let names = [
        (ConsentRequired, "ConsentRequiredError"),
        (ConsentDeclined, "ConsentDeclinedError"),
        (AdminConsentRequired, "AdminConsentRequiredError"),
        (AccessBlocked, "AccessBlockedError"),
        (Class::Misconfigured, "MisconfiguredError"),
        (InteractionRequired, "InteractionRequiredAuthError"),
        (Class::Server, "ServerError"),
    ];
    assert!(names.iter().all(|(class, name)| class.name() == *name));
}

#[test]
fn what_is_missing_is_named_in_the_app_s_own_spelling() {
    let (world, client) = signed_in();
    let request = wanting(&["api://Orders/read", "API://ORDERS/Write"]);
    let Err(Error::InteractionRequired(reply)) = silent(&client, &request) else { panic!("consent is needed") };
    assert_eq!(literal(&reply.missing), json!({ "api://Orders": ["read", "Write"] }));
    let again = ScopeSet::read(&value(&literal(&reply.missing)), "scopes").expect("scopes");
    assert_eq!(again, set(&["api://orders/read", "api://orders/Write"]), "and can be asked for as it stands");
    world.visit_server(&client, &RedirectRequest { scopes: again, ..acquiring(&[]) }, REDIRECT_URI);
    finish(&world.client()).expect("the user consents").expect("a token");
}

#[test]
fn a_refusal_without_state_is_nobody_s_decision() {
    let (world, client) = signed_in();
    for error in ["access_denied", "consent_required"] {
        world.leave(&client, &acquiring(&["Mail.Read"]));
        let forged = [("error", error), ("error_description", "AADSTS65004: x")];
        world.come_back(REDIRECT_URI, &forged.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        let outcome = finish(&world.client()).expect_err("somebody waits").outcome();
        assert!(!matches!(outcome, Some(Outcome::Declined | Outcome::AdminConsentRequired)), "{error}");
        let plan = world.client().plan(&set(&["Mail.Read"]), None).expect("a plan");
        assert_eq!(format!("{:?}", plan.interaction), "Consent", "whoever wrote it: the user was not heard");
    }
}
