//! Every error has a class, a code and a text; the committed list says which.

use crate::{
    browser::html,
    world::{World, now, silent, value, wanting},
};
use consentry::{
    client::SilentRequest,
    error::{
        BrowserError, Class, ConfigError, Error, IdTokenError, ResponseError, ServerReply, UsageError, UserInfoError,
    },
    json::Value,
};
use serde_json::json;
use std::{collections::BTreeSet, env, fs, path::Path};

/// Codes that are ours alone. All others are MSAL's, with its meaning.
const OWN: [&str; 34] = [
    "account_mismatch",
    "ambiguous_account",
    "client_id_empty",
    "cors_blocked",
    "csp_blocked",
    "default_scope_mixed",
    "frame_blocked",
    "frame_timed_out",
    "http_error",
    "id_token_algorithm_not_accepted",
    "id_token_key_not_found",
    "id_token_signature_invalid",
    "insecure_context",
    "interaction_loop",
    "invalid_extra_parameter",
    "invalid_field",
    "invalid_grant",
    "invalid_id_token",
    "invalid_pushed_response",
    "invalid_redirect_start_page",
    "invalid_redirect_uri",
    "invalid_token",
    "invalid_token_response",
    "invalid_userinfo_response",
    "malformed_scope",
    "redirect_uri_shared",
    "request_redirected",
    "response_issuer_mismatch",
    "server_error",
    "several_resources",
    "temporarily_unavailable",
    "unsupported_scope",
    "userinfo_endpoint_not_supported",
    "userinfo_subject_mismatch",
];

const REWRITE: &str = "CONSENTRY_WRITE_ERROR_CODES";

/// An example of every variant, as `pattern => example`. A variant that is not listed does not compile.
macro_rules! every {
    ($($pattern:pat => $example:expr,)+) => {{
        let check = |error| match error { $($pattern => error,)+ };
        [$(check($example)),+].map(Error::from)
    }};
}

fn config_errors() -> impl Iterator<Item = Error> {
    use ConfigError::*;
    every! {
        ClientIdEmpty => ClientIdEmpty,
        AuthorityMalformed => AuthorityMalformed,
        AuthorityInsecure => AuthorityInsecure,
        AuthorityMetadata => AuthorityMetadata,
        RedirectUri(_) => RedirectUri("<field>"),
        Field { .. } => Field { field: "<field>", expected: "<type>" },
        ScopeMalformed { .. } => ScopeMalformed { field: "<field>", scope: "<scope>".to_owned() },
        ScopeUnsupported(_) => ScopeUnsupported("<field>"),
        DefaultMixed => DefaultMixed,
        SeveralResources => SeveralResources,
        Claims => Claims,
        StartPage => StartPage,
        RedirectUriShared => RedirectUriShared,
        ExtraParameter => ExtraParameter,
        NoPermission => NoPermission,
    }
    .into_iter()
}

fn usage_errors() -> impl Iterator<Item = Error> {
    use UsageError::*;
    every! {
        NoAccount => NoAccount,
        AmbiguousAccount => AmbiguousAccount,
        InteractionLoop => InteractionLoop,
        NoCode => NoCode,
        NotCached => NotCached,
    }
    .into_iter()
}

fn id_token_errors() -> impl Iterator<Item = Error> {
    use IdTokenError::*;
    every! {
        Malformed => Malformed,
        Algorithm => Algorithm,
        Key => Key,
        Signature => Signature,
        Claim(_) => Claim("<claim>"),
        Nonce => Nonce,
    }
    .into_iter()
}

fn response_errors() -> impl Iterator<Item = Error> {
    use ResponseError::*;
    every! {
        StateMissing => StateMissing,
        StateMismatch => StateMismatch,
        AnswerIssuer => AnswerIssuer,
        CodeMissing => CodeMissing,
        NotJson => NotJson,
        TokenField(_) => TokenField("<field>"),
        IdToken(_) => IdToken(IdTokenError::Malformed),
        ClientInfo => ClientInfo,
        Metadata(_) => Metadata("<field>"),
        EndSessionUnsupported => EndSessionUnsupported,
        RequestUri => RequestUri,
        UserInfo(_) => UserInfo(UserInfoError::Subject),
        AccountMismatch => AccountMismatch,
    }
    .into_iter()
}

fn user_info_errors() -> impl Iterator<Item = Error> {
    use UserInfoError::*;
    every! {
        Unsupported => Unsupported,
        Format => Format,
        Subject => Subject,
    }
    .into_iter()
}

fn browser_errors() -> impl Iterator<Item = Error> {
    use BrowserError::*;
    every! {
        Offline => Offline,
        PostFailed => PostFailed,
        GetFailed => GetFailed,
        CspBlocked => CspBlocked,
        CorsBlocked => CorsBlocked,
        Redirected => Redirected,
        TimedOut => TimedOut,
        NavigationFailed => NavigationFailed,
        FrameTimedOut => FrameTimedOut,
        FrameBlocked => FrameBlocked,
        FrameNested => FrameNested,
        InsecureContext => InsecureContext,
        NoEntropy => NoEntropy,
        RedirectUnavailable => RedirectUnavailable,
        StorageDenied => StorageDenied,
        StorageFull => StorageFull,
        StorageFailed => StorageFailed,
        NoStorageKey => NoStorageKey,
        NoWindow => NoWindow,
    }
    .into_iter()
}

/// What is said where the server gives no words of its own.
fn replies() -> impl Iterator<Item = Error> {
    let refused = |status| {
        let world = World::new();
        let (client, _) = world.sign_in(&["User.Read"]);
        world.server.answer(html(status, ""));
        silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }).expect_err("it is refused")
    };
    let no_token_will_do = {
        let world = World::new();
        world.answer_user_info(|_| html(401, ""));
        now(world.sign_in(&["User.Read"]).0.load_user_info(None, "c0ffee")).expect_err("it is refused")
    };
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["refresh_token"] = serde_json::Value::Null);
    let (client, _) = world.sign_in(&["User.Read"]);
    let none_left = silent(&client, &wanting(&["Mail.Read"])).expect_err("there is no refresh token");
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["refresh_token_expires_in"] = json!(1));
    let (client, _) = world.sign_in(&["User.Read"]);
    let ended = silent(&client, &wanting(&["Mail.Read"])).expect_err("the refresh token has ended");
    [none_left, ended, no_token_will_do, refused(400), refused(404), refused(500), refused(503)].into_iter()
}

fn all() -> Vec<Error> {
    config_errors()
        .chain(usage_errors())
        .chain(response_errors())
        .chain(id_token_errors())
        .chain(user_info_errors())
        .chain(browser_errors())
        .chain(replies())
        .collect()
}

/// What a server says when it refuses.
fn said(error: &str, sub_error: &str, number: &str) -> ServerReply {
    let description = if number.is_empty() { String::new() } else { format!("AADSTS{number}: refused") };
    ServerReply::read(&value(&json!({ "error": error, "suberror": sub_error, "error_description": description })), &[])
}

/// A line of the list: what a refusal is thrown as, and what mends it.
fn line(error: &Error, name: &str, kind: &str) -> String {
    let record = error.record("").finish();
    let remedy = record.text_of("remedy").map(|remedy| format!(": {remedy}")).unwrap_or_default();
    format!("{} {name} ({kind}){remedy}\n", error.class().name())
}

fn text_of(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there")
}

/// Names and numbers that a refusal may have: those that the core's own source quotes, and the numbers of the tenant.
fn candidates() -> (BTreeSet<String>, BTreeSet<u64>) {
    let core = text_of("src/error/outcome.rs") + &text_of("src/error/reply.rs");
    let is_name = |text: &&str| text.len() > 3 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let names = core.split('"').filter(is_name).map(ToOwned::to_owned).collect();
    let table = text_of("tenant/errors-table.js");
    let rows = table.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": {")).map(|(number, _)| number);
    let numbers = core.split('"').chain(rows).filter_map(|text| text.parse().ok());
    (names, numbers.filter(|number| *number > 9_999).collect())
}

/// What is made of the server's refusals, where it is more than a plain `ServerError`.
fn refusals() -> String {
    let mut list = String::from(
        "#\n\
         # What the server says is thrown as ServerError, but for these; each with its remedy, where it is `misconfigured`.\n\
         # By its `error`; `page`: where the user was shown the server's pages. By `suberror`, with any `error`.\n\
         # By the number in its text, which explains and decides nothing: another class for `access_denied` from the server's\n\
         # pages, another remedy for what is `misconfigured` anyway.\n",
    );
    let (names, numbers) = candidates();
    for name in &names {
        let (silent, shown) = (Error::from(said(name, "", "")), Error::from(said(name, "", "").after_interaction()));
        if silent.class() != Class::Server {
            list += &line(&silent, name, "error");
        }
        if shown.class() != silent.class() {
            list += &line(&shown, name, "page");
        }
    }
    for name in &names {
        let error = Error::from(said("invalid_grant", name, ""));
        if error.class() != Class::Server {
            list += &line(&error, name, "suberror");
        }
    }
    let generic = line(&said("invalid_request", "", "").into(), "", "");
    for number in numbers.iter().map(ToString::to_string) {
        let refused = Error::from(said("access_denied", "", &number).after_interaction());
        let wrong = Error::from(said("invalid_request", "", &number));
        if refused.class() != Class::ConsentDeclined {
            list += &line(&refused, &number, "number");
        }
        if line(&wrong, "", "") != generic {
            list += &line(&wrong, &number, "number");
        }
    }
    list
}

/// The group that a variant of [`Error`] belongs to says its class, or some of them.
fn classes(error: &Error) -> &'static [Class] {
    match error {
        Error::Config(_) => &[Class::Configuration],
        Error::Usage(_) => &[Class::Browser, Class::Client],
        Error::InteractionRequired(_) => &[Class::InteractionRequired, Class::ConsentRequired],
        Error::Server(_) => &[
            Class::Server,
            Class::AccessBlocked,
            Class::AdminConsentRequired,
            Class::ConsentDeclined,
            Class::Misconfigured,
        ],
        Error::Response(_) => &[Class::Client, Class::Browser],
        Error::Browser(_) => &[Class::Browser, Class::BrowserConfiguration, Class::Cache, Class::InteractionRequired],
        other => panic!("{other:?} has no classes yet"),
    }
}

#[test]
fn the_committed_list_is_complete() {
    let mut list = String::from(
        "# Every error: its class, its code, whose code it is, and its text.\n\
         # What the server says itself comes as ServerError or InteractionRequiredAuthError with the server's code.\n",
    );
    for error in all() {
        let owner = if OWN.contains(&error.code()) { "own" } else { "MSAL" };
        list += &format!("{} {} ({owner}): {}\n", error.class().name(), error.code(), error.message());
    }
    list += &refusals();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/error-codes.txt");
    if env::var_os(REWRITE).is_some() {
        fs::write(&path, &list).expect("the list can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == list,
        "error-codes.txt is not up to date: run the tests with {REWRITE}=1, and see what changed"
    );
}

#[test]
fn every_code_of_our_own_is_in_use() {
    let used = all();
    let unused: Vec<_> = OWN.iter().filter(|code| !used.iter().any(|error| error.code() == **code)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn who_must_act_says_the_class() {
    for error in all() {
        assert!(classes(&error).contains(&error.class()), "{error:?}");
    }
}

#[test]
fn a_code_is_a_name_and_a_text_is_advice() {
    for error in all() {
        let code = error.code();
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
        let text = error.message();
        assert!(text.len() > 20 && !text.ends_with('.') && !text.starts_with(char::is_uppercase), "{code}: {text}");
        assert_eq!(text.matches('`').count() % 2, 0, "{code}: {text}");
        let is_advice = [": ", "has to be", "(RFC", "(OpenID"].iter().any(|words| text.contains(words));
        assert!(is_advice, "{code} says what to do, or where it is written: {text}");
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn a_record_is_what_an_error_object_is_made_of() {
    for error in all() {
        let record = error.record("the call's").finish();
        let members = [
            ("name", error.class().name()),
            ("errorCode", error.code()),
            ("errorMessage", &error.message()),
            ("correlationId", "the call's"),
        ];
        for (name, text) in members {
            assert_eq!(record.text_of(name), Some(text), "{error:?}");
        }
        let Value::Object(all) = record else { panic!("a record") };
        let is_reply = matches!(error, Error::Server(_) | Error::InteractionRequired(_));
        assert!(is_reply || all.len() == members.len(), "{error:?} says nothing else");
    }
}
