//! A plan and the request that is made of it agree: what is planned may be asked of a user who clicks, and the rest not.

use super::{planned, signed_in};
use crate::{
    browser::TODAY,
    guard::{again, asks},
    world::{Client, REDIRECT_URI, World, acquiring, finish, fragment, grants, now, set, silent, wanting},
};
use consentry::{
    binding::records::plan_record,
    cache::Standing,
    client::{AdminConsentRequest, Interaction, RedirectRequest, SilentRequest},
    error::{Error, Outcome},
    json::Value,
    scope::ScopeSet,
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};
use serde_json::json;

type Scopes = Vec<&'static str>;

/// Permissions of three APIs, as a record of consent may name them.
fn scopes(most: usize) -> impl Strategy<Value = Scopes> {
    let all = ["User.Read", "Mail.Read", "api://orders/Read", "API://ORDERS/Write", "api://files/Read", "user.read"];
    vec(select(all.to_vec()), 0..most)
}

/// A client with an account of which a record is stored that names what was refused, by whom and how long ago.
fn with_record(granted: &[&str], refused: &[(Scopes, bool, u64)]) -> (World, Client) {
    let (world, _) = signed_in(&["User.Read"]);
    let refusals: Vec<_> = refused
        .iter()
        .map(|(scopes, by_user, ago)| json!({ "scopes": scopes.join(" "), "byUser": by_user, "on": TODAY - ago }))
        .collect();
    let record = json!({ "refused": refusals }).to_string();
    let mut stored = world.browser.session().dump();
    stored.iter_mut().filter(|(key, _)| key.contains("|consent|")).for_each(|(_, text)| text.clone_from(&record));
    stored.retain(|key, _| !key.contains("|grant|"));
    stored.extend(grants(&world.client(), &set(granted)));
    world.browser.session().restore(&stored);
    let client = world.client();
    (world, client)
}

/// Something that happens to what is known of a user's consent.
#[derive(Clone, Debug)]
enum Event {
    /// The user is asked, and leaves some of it out.
    Consents { asked: Scopes, left_out: Scopes },
    /// The user is asked, and the server refuses with this number.
    Refused(Scopes, &'static str),
    /// An administrator consents, and this tab is told.
    Admitted(Scopes),
    /// Somebody takes it back.
    Revoked(&'static str),
    /// The app wants a token.
    Wanted(Scopes),
    /// So many seconds pass.
    Passes(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let numbers = || select(vec!["65004", "90094", "53003"]);
    let one = prop_oneof![
        2 => (scopes(4), scopes(3)).prop_map(|(asked, left_out)| Event::Consents { asked, left_out }),
        4 => (scopes(4), numbers()).prop_map(|(scopes, number)| Event::Refused(scopes, number)),
        1 => scopes(3).prop_map(Event::Admitted),
        1 => select(vec!["User.Read", "Mail.Read", "api://orders/Read"]).prop_map(Event::Revoked),
        2 => scopes(4).prop_map(Event::Wanted),
        2 => select(vec![1, 299, 3_599, 3_600]).prop_map(Event::Passes),
    ];
    vec(one, 0..7)
}

/// A request for permissions of any number of APIs.
fn one_request<'a>(all: &ScopeSet, kind: RedirectRequest<'a>) -> RedirectRequest<'a> {
    let (scopes, extra_scopes) = all.first_and_others();
    RedirectRequest { scopes, extra_scopes, ..kind }
}

fn happens(world: &World, event: &Event) {
    let client = world.client();
    match event {
        Event::Consents { asked, left_out } => {
            world.server.untick(left_out);
            world.visit_server(&client, &one_request(&set(asked), again(&[])), REDIRECT_URI);
            finish(&world.client()).expect("there is an answer");
        }
        Event::Refused(scopes, number) => {
            world.refused(&one_request(&set(scopes), again(&[])), "access_denied", number);
        }
        Event::Admitted(scopes) if !scopes.is_empty() => {
            let request = AdminConsentRequest { scopes: set(scopes), ..AdminConsentRequest::default() };
            let (url, _) = client.open_admin_consent(&request).expect("an address");
            let answer = fragment(&world.server.admin_consent(&url));
            now(client.finish_admin_consent(Some(&answer))).expect("no error").expect("an answer");
        }
        Event::Revoked(scope) => world.server.revoke(scope),
        Event::Wanted(scopes) => {
            let (scopes, _) = set(scopes).first_and_others();
            let _ = silent(&client, &SilentRequest { scopes, force_refresh: true, ..wanting(&[]) });
        }
        Event::Passes(seconds) => world.browser.pass(*seconds),
        Event::Admitted(_) => {}
    }
}

/// Whether nobody is asked for these, whether they click or not, because they were declined.
fn is_declined(world: &World, scopes: &ScopeSet) -> bool {
    [false, true].iter().all(|is_active| {
        world.browser.set_user_active(*is_active);
        let outcome = now(world.client().begin_redirect(&one_request(scopes, acquiring(&[]))));
        outcome.err().and_then(|error: Error| error.outcome()) == Some(Outcome::Declined)
    })
}

/// Sees that what a plan says of some permissions is what comes of asking for them.
fn assert_agrees(world: &World, wanted: &ScopeSet) {
    world.browser.network().take_sent();
    world.browser.set_user_active(true);
    let plan = world.client().plan(wanted, None).expect("a plan");
    let may_ask = |scopes: &ScopeSet| asks(world, &one_request(scopes, acquiring(&[])));
    let of = |fits: &dyn Fn(Standing) -> bool| plan.missing.only(&|scope| fits(plan.standing(scope)));
    let unknown = of(&|standing| standing == Standing::Unknown);
    assert_eq!(plan.has_request(), !unknown.is_empty());
    if plan.has_request() {
        assert!(may_ask(&plan.scopes.union(&plan.extra_scopes)), "nothing stands in the way of what is planned");
    }
    let declined = of(&|standing| matches!(standing, Standing::Declined(_)));
    for scope in declined.iter() {
        let alone = declined.only(&|other| other == scope);
        assert!(is_declined(world, &alone), "{scope} was declined");
        assert!(is_declined(world, &unknown.union(&alone)), "whatever is asked for with it: {scope}");
    }
    world.browser.set_user_active(true);
    if unknown.len() < plan.missing.len() {
        assert!(!may_ask(&plan.missing), "something stands in the way of all of it");
    }
    let admins = of(&|standing| standing == Standing::AdminOnly);
    if !admins.is_empty() {
        let error =
            now(world.client().begin_redirect(&one_request(&plan.missing.difference(&declined), acquiring(&[]))));
        let outcome = error.err().and_then(|error| error.outcome());
        assert!(!declined.is_empty() || outcome == Some(Outcome::AdminConsentRequired), "{admins:?} need one");
    }
    assert_eq!(plan.interaction == Interaction::Admin, unknown.is_empty() && !admins.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(20), cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn each_permission_is_in_one_place_and_what_is_planned_may_be_asked(
        granted in scopes(3),
        refused in vec((scopes(5), any::<bool>(), select(vec![0, 3_599, 3_600])), 0..3),
        wanted in scopes(9),
    ) {
        let (world, client) = with_record(&granted, &refused);
        let plan = planned(&world, &client, &wanted, None).expect("a plan");
        let record = plan_record(&plan);
        let all = set(&wanted);
        let mut found = 0;
        for (resource, part) in &plan.resources {
            let told = record.member("resources").and_then(|told| told.member(resource.as_str())).expect("each API is told");
            let count = |name: &str| told.member(name).and_then(Value::as_array).expect("a list").len();
            let parts = ["granted", "missing", "adminOnly", "declined"].map(count);
            prop_assert_eq!(parts.iter().sum::<usize>(), part.permissions().len());
            found += part.permissions().len();
        }
        prop_assert_eq!(found, all.permissions().len());
        let asked = plan.scopes.union(&plan.extra_scopes);
        prop_assert!(plan.scopes.resources().len() <= 1 && plan.missing.is_superset(&asked));
        prop_assert_eq!(plan.missing.is_empty(), format!("{:?}", plan.interaction) == "None");
        prop_assert_eq!(plan.has_request(), !asked.is_empty());
        prop_assert!(!all.is_empty() || asked.is_empty());
        assert_agrees(&world, &all);
    }

    #[test]
    fn a_plan_and_its_request_agree_whatever_has_happened(events in events(), wanted in scopes(9)) {
        let (world, _) = signed_in(&["User.Read"]);
        for event in &events {
            world.browser.set_user_active(true);
            happens(&world, event);
        }
        assert_agrees(&world, &set(&wanted));
        world.browser.pass(3_600);
        assert_agrees(&world, &set(&wanted));
        let plan = world.client().plan(&set(&wanted), None).expect("a plan");
        let is_admins = |scope: &_| plan.standing(scope) == Standing::AdminOnly;
        prop_assert!(!plan.missing.iter().any(is_admins), "an administrator may have granted it meanwhile");
    }
}
