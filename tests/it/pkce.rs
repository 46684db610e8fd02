//! What an attacker must not be able to guess.

use crate::{
    browser::field,
    world::{World, asking, code, now, query},
};
use consentry::protocol::{CodeVerifier, uuid};
use std::collections::BTreeSet;

#[test]
fn the_challenge_is_that_of_rfc_7636_appendix_b() {
    let random = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
        240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let verifier = CodeVerifier::new(&random);
    assert_eq!(verifier.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(verifier.challenge().as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

#[test]
fn a_kept_verifier_has_43_to_128_unreserved_characters() {
    let table = [
        ("a".repeat(42), false),
        ("a".repeat(43), true),
        ("-._~AZaz09".repeat(12), true),
        ("a".repeat(128), true),
        ("a".repeat(129), false),
        ("a".repeat(42) + "+", false),
        ("a".repeat(42) + "é", false),
        (String::new(), false),
    ];
    for (text, is_one) in table {
        let verifier = CodeVerifier::parse(&text);
        assert_eq!(verifier.map(|verifier| verifier.expose().to_owned()), is_one.then_some(text));
    }
}

#[test]
fn every_request_has_a_state_a_nonce_and_a_verifier_of_its_own() {
    let world = World::new();
    let client = world.client();
    let mut seen = BTreeSet::new();
    for _ in 0..8 {
        let request = query(&world.leave(&client, &asking(&["User.Read"])));
        for name in ["state", "nonce", "code_challenge"] {
            assert_eq!(field(&request, name).len(), 43, "{name} is 256 bits in base64url");
            assert!(seen.insert(field(&request, name).to_owned()), "{name} is new");
        }
    }
    let drawn = world.browser.drawn();
    assert_eq!(drawn.iter().map(Vec::len).collect::<Vec<_>>(), [32; 24], "nothing is made of less");
}

#[test]
fn without_randomness_no_request_is_made() {
    let world = World::new();
    world.browser.set_chance(false);
    let before = world.stored();
    assert_eq!(code(world.client().correlation_id()), "crypto_nonexistent");
    let client = world.client();
    assert_eq!(code(now(client.begin_redirect(&asking(&["User.Read"])))), "crypto_nonexistent");
    assert!(world.browser.left().is_empty());
    assert!(world.stored()[0].keys().all(|key| key.contains("metadata")), "no request is pending");
    assert_eq!(world.stored()[1], before[1]);
}

#[test]
fn correlation_ids_are_version_4_uuids() {
    assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    let client = World::new().client();
    let [first, second] = [(); 2].map(|()| client.correlation_id().expect("there is randomness"));
    assert_ne!(first, second);
}
