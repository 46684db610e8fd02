//! What was refused: what stands in the way of asking for it again, and what lifts it.

use crate::{browser::TODAY, world::set};
use consentry::{
    cache::{AccountKey, Cache, Consent, Refusal, Standing},
    scope::{ApplicationIdUri, ScopeSet},
    secret::Secret,
};
use std::rc::Rc;

fn consent() -> Consent {
    let key = AccountKey {
        environment: "login.example".to_owned(),
        home_account_id: "u.t".to_owned(),
        tenant_id: "t".to_owned(),
    };
    Consent::unknown(Rc::new(key))
}

/// A record with refusals, in the order in which they came: by the user or an administrator, at 1, 2 and so on.
fn refused(refusals: &[(&[&str], bool)]) -> Consent {
    let mut consent = consent();
    for ((scopes, by_user), on) in refusals.iter().zip(1..) {
        consent.refuse(set(scopes), *by_user, on);
    }
    consent
}

fn grant(consent: &mut Consent, scopes: &[&str]) {
    let scopes = set(scopes);
    consent.grant(&scopes.resource().expect("one API"), &scopes, false);
}

/// The refusals that are left, the last first.
fn left(consent: &Consent) -> Vec<(String, bool)> {
    let text = |scopes: &ScopeSet| scopes.to_parameter();
    consent.refusals.iter().map(|refusal| (text(&refusal.scopes), refusal.by_user)).collect()
}

/// Whether these permissions, none of which is granted, may be asked for together.
fn may_ask(consent: &Consent, scopes: &[&str]) -> bool {
    consent.refusal_of(&set(scopes), &set(scopes), 0).is_none()
}

const BY_USER: bool = true;
const BY_ADMIN: bool = false;

#[test]
fn what_the_user_declined_stands_in_the_way_of_every_request_with_some_of_it() {
    let consent = refused(&[(&["A.Read", "api://b/B"], BY_USER)]);
    for scopes in [&["A.Read"][..], &["API://B/b"], &["a.read", "C.Read"], &["C.Read", "api://b/B", "A.Read"]] {
        assert!(!may_ask(&consent, scopes), "{scopes:?}");
    }
    assert!(may_ask(&consent, &["C.Read"]) && may_ask(&consent, &["B"]) && may_ask(&consent, &[]));
}

#[test]
fn where_an_administrator_was_needed_less_may_be_asked_for() {
    let consent = refused(&[(&["A.Read", "api://b/B"], BY_ADMIN)]);
    for scopes in [&["A.Read", "api://b/B"][..], &["api://B/b", "C.Read", "a.Read"]] {
        assert!(!may_ask(&consent, scopes), "{scopes:?}");
    }
    for scopes in [&["A.Read"][..], &["api://b/B", "C.Read"], &[]] {
        assert!(may_ask(&consent, scopes), "{scopes:?}");
    }
}

#[test]
fn a_part_of_a_request_is_judged_by_all_that_is_asked_with_it() {
    let consent = refused(&[(&["A.Read", "api://b/B"], BY_ADMIN), (&["C.Read"], BY_USER)]);
    let may_ask = |part: &[&str], all: &[&str]| consent.refusal_of(&set(part), &set(all), 0).is_none();
    let all = ["A.Read", "api://b/B", "D.Read", "C.Read"];
    assert!(!may_ask(&["A.Read"], &all) && !may_ask(&["api://b/B", "D.Read"], &all) && !may_ask(&["C.Read"], &all));
    assert!(may_ask(&["D.Read"], &all), "nobody has refused it");
    assert!(may_ask(&["A.Read"], &["A.Read", "D.Read"]), "without the other it may do");
}

#[test]
fn a_permission_stands_by_what_it_is_asked_for_with() {
    let consent = refused(&[(&["A.Read", "B.Read"], BY_ADMIN), (&["C.Read"], BY_USER)]);
    let standing = |scope: &str, missing: &[&str]| {
        consent.standing(set(&[scope]).iter().next().expect("a scope"), &set(missing), 0)
    };
    assert_eq!(standing("A.Read", &["A.Read", "B.Read"]), Standing::AdminOnly);
    assert_eq!(standing("A.Read", &["A.Read"]), Standing::Unknown);
    assert_eq!(standing("C.Read", &["A.Read", "C.Read"]), Standing::Declined(2));
    assert_eq!(standing("D.Read", &["A.Read", "B.Read", "D.Read"]), Standing::Unknown);
}

#[test]
fn after_an_hour_only_what_the_user_declined_is_left() {
    let consent = refused(&[(&["A.Read"], BY_USER), (&["A.Read", "B.Read"], BY_ADMIN)]);
    let all = set(&["A.Read", "B.Read"]);
    let told = |now| {
        let standings: Vec<_> = all.iter().map(|scope| consent.standing(scope, &all, now)).collect();
        (consent.refusal_of(&all, &all, now).map(|refusal| refusal.by_user), standings)
    };
    assert_eq!(told(2 + 3_599), (Some(BY_ADMIN), vec![Standing::AdminOnly; 2]));
    assert_eq!(told(2 + 3_600), (Some(BY_USER), vec![Standing::Declined(1), Standing::Unknown]));
    assert_eq!(consent.refusal_of(&set(&["B.Read"]), &all, 2 + 3_600), None, "an administrator may have granted it");
    assert_eq!(told(u64::MAX), told(2 + 3_600), "a user's word does not age");
}

#[test]
fn the_last_refusal_is_the_one_that_counts() {
    let both = refused(&[(&["A.Read"], BY_USER), (&["A.Read"], BY_ADMIN)]);
    assert_eq!(both.refusal_of(&set(&["A.Read"]), &set(&["A.Read"]), 0).map(|refusal| refusal.by_user), Some(BY_ADMIN));
    let other = refused(&[(&["A.Read"], BY_ADMIN), (&["A.Read"], BY_USER)]);
    let last = Refusal { scopes: set(&["A.Read"]), by_user: BY_USER, on: 2 };
    assert_eq!(other.refusals, [last], "the same set has one entry");
    let again = refused(&[(&["A.Read", "B.Read"], BY_USER), (&["B.Read", "C.Read"], BY_USER)]);
    assert_eq!(
        left(&again),
        [("B.Read C.Read".to_owned(), true), ("A.Read".to_owned(), true)],
        "each is declined once"
    );
    assert_eq!(again.refusals.iter().map(|refusal| refusal.on).collect::<Vec<_>>(), [2, 1]);
    let mut granted = consent();
    grant(&mut granted, &["A.Read", "B.Read"]);
    granted.refuse(set(&["A.Read"]), BY_USER, 1);
    assert_eq!(granted.granted, set(&["B.Read"]), "what is refused is not granted");
    granted.refuse(ScopeSet::default(), BY_USER, 2);
    assert_eq!(granted.refusals.len(), 1, "nothing is no refusal");
}

#[test]
fn a_grant_lifts_the_refusals_of_what_it_grants() {
    let mut consent = refused(&[(&["A.Read", "B.Read"], BY_USER), (&["C.Read", "A.Read"], BY_ADMIN)]);
    grant(&mut consent, &["api://other/A.Read"]);
    assert_eq!(consent.refusals.len(), 2, "another API's is another");
    grant(&mut consent, &["a.read"]);
    assert_eq!(left(&consent), [("B.Read".to_owned(), true)], "whatever is left of the other may do without now");
    grant(&mut consent, &["B.Read"]);
    assert_eq!(left(&consent), []);
}

#[test]
fn an_administrator_s_consent_lifts_what_needed_one() {
    let table: [(&[&str], bool); 6] = [
        (&["A.Read"], true),
        (&["a.READ", "Z.Read"], true),
        (&["api://b/B"], true),
        (&["https://graph.microsoft.com/.default"], true),
        (&["api://c/.default"], false),
        (&["C.Read"], false),
    ];
    for (admitted, is_lifted) in table {
        let mut consent = refused(&[(&["A.Read", "api://b/B"], BY_ADMIN)]);
        consent.admit(&set(admitted));
        assert_eq!(consent.refusals.is_empty(), is_lifted, "{admitted:?}");
        assert_eq!(consent.granted, ScopeSet::default(), "nothing is granted by it");
    }
}

#[test]
fn an_administrator_s_consent_lifts_no_more_than_it_is_about() {
    let mut consent = refused(&[(&["A.Read", "B.Read"], BY_USER)]);
    consent.admit(&set(&["A.Read"]));
    assert!(may_ask(&consent, &["A.Read"]), "the server will not ask for it");
    assert!(!may_ask(&consent, &["B.Read"]), "the user's own decision about the rest stands");
    let mut consent = refused(&[(&["A.Read", "api://b/B"], BY_USER)]);
    consent.admit(&set(&["api://b/.default"]));
    assert!(may_ask(&consent, &["api://b/B"]) && !may_ask(&consent, &["A.Read"]), "of that API alone");
}

#[test]
fn what_is_revoked_is_what_has_to_be_asked_for() {
    let mut consent = consent();
    grant(&mut consent, &["A.Read", "B.Read"]);
    assert_eq!(consent.revoke(&set(&["A.Read", "C.Read"]), TODAY), set(&["C.Read"]));
    assert_eq!(consent.granted, set(&["A.Read", "B.Read"]));
    assert_eq!(consent.revoke(&set(&["A.Read"]), TODAY), set(&["A.Read"]));
    assert_eq!(consent.granted, set(&["B.Read"]));
    assert_eq!(consent.revoke(&ScopeSet::default(), TODAY), ScopeSet::default());
    assert_eq!(consent.granted, set(&["B.Read"]));
}

#[test]
fn what_was_asked_beside_another_api_s_and_is_not_granted_then_was_declined() {
    for (seconds, is_declined) in [(299, true), (300, false)] {
        let mut consent = consent();
        consent.ask(&set(&["api://b/B", "api://c/C"]), 1_000);
        assert_eq!(consent.revoke(&set(&["api://b/B"]), 1_000 + seconds), set(&["api://b/B"]));
        assert_eq!(may_ask(&consent, &["api://b/B"]), !is_declined, "{seconds}");
        assert!(may_ask(&consent, &["api://c/C"]), "of this nothing is known yet");
    }
    let mut consent = consent();
    consent.ask(&set(&["api://b/B"]), 1_000);
    consent.revoke(&set(&["api://b/B", "api://b/D"]), 1_001);
    assert!(may_ask(&consent, &["api://b/B", "api://b/D"]), "more was wanted than was asked for");
    grant(&mut consent, &["api://b/B"]);
    consent.revoke(&set(&["api://b/B"]), 1_002);
    assert!(may_ask(&consent, &["api://b/B"]), "once granted it is another story");
}

#[test]
fn what_the_user_went_on_with_is_not_refused_any_more() {
    let mut consent = refused(&[(&["A.Read"], BY_USER), (&["api://b/B", "C.Read"], BY_ADMIN)]);
    consent.ask(&set(&["a.read"]), 1_000);
    assert_eq!(left(&consent), [("api://b/B C.Read".to_owned(), false)]);
    consent.ask(&set(&["C.Read"]), 1_000);
    assert_eq!(left(&consent), []);
}

#[test]
fn a_whole_grant_keeps_default_and_other_apis() {
    let orders = ApplicationIdUri::parse("api://orders").expect("an Application ID URI");
    let mut consent = consent();
    grant(&mut consent, &["User.Read"]);
    consent.grant(&orders, &set(&["api://orders/Read", "api://orders/.default", "openid"]), true);
    consent.grant(&orders, &set(&["api://orders/Write"]), true);
    assert_eq!(consent.granted, set(&["User.Read", "api://orders/.default", "api://orders/Write"]));
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let mut written = refused(&[(&["A.Read", "api://b/B"], BY_USER), (&["https://c.example//D"], BY_ADMIN)]);
    grant(&mut written, &["api://6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001/E"]);
    grant(&mut written, &["User.Read"]);
    written.ask(&set(&["api://f/F"]), 7);
    let mut cache = Cache::new("client".to_owned(), "login.example".to_owned());
    let writes = cache.put_consent(&consent(), &written);
    assert_eq!(writes.len(), 3, "an entry for each of two APIs, and one for the rest");
    for write in writes {
        cache.apply(&write.key, write.text.as_ref().map(Secret::expose));
    }
    assert_eq!(cache.consent(&written.account), written);
    let other = AccountKey { tenant_id: "other".to_owned(), ..AccountKey::clone(&written.account) };
    assert_eq!(cache.consent(&Rc::new(other.clone())), Consent::unknown(Rc::new(other)));
}
