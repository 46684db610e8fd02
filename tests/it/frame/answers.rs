//! What comes to a frame is checked like every other answer.

use super::{answer_for, answer_with, frames, mail, scene, scene_in, sso, sso_silent};
use crate::{
    browser::Pairs,
    server::{ALICE, BOB, User},
    world::{code, named, now, silent, usernames},
};
use consentry::{
    cache::AccountFilter,
    client::{RedirectRequest, SilentRequest},
    error::Error,
};
use futures::{FutureExt, executor::LocalPool, task::LocalSpawnExt};
use serde_json::json;
use std::rc::Rc;

#[test]
fn another_s_session_is_of_no_use_and_nothing_of_it_is_kept() {
    let (world, client) = scene();
    answer_for(&world, BOB);
    let before = world.stored();
    let error = silent(&client, &mail()).expect_err("Bob is not Alice");
    assert!(matches!(error, Error::InteractionRequired(_)), "Alice can sign in: {error:?}");
    assert_eq!(
        code(sso_silent(&client, &RedirectRequest { account: Some(named(ALICE.name)), ..sso() })),
        "account_mismatch"
    );
    assert_eq!(frames(&world), 2);
    assert_eq!(world.stored(), before);
    assert_eq!(usernames(&client), [ALICE.name]);
    // Who names nobody takes whoever is there.
    let result = sso_silent(&client, &sso()).expect("a token");
    assert_eq!((result.account.username(), usernames(&client).len()), (BOB.name, 2));
}

#[test]
fn an_answer_has_to_pass_what_every_answer_has_to_pass() {
    type Tamper = fn(&mut Pairs);
    let table: [(&str, Tamper, &str); 5] = [
        ("another state", |answer| set(answer, "state", "another"), "state_mismatch"),
        ("no state", |answer| answer.retain(|(name, _)| name != "state"), "state_mismatch"),
        (
            "another server's",
            |answer| answer.push(("iss".into(), "https://evil.example".into())),
            "response_issuer_mismatch",
        ),
        (
            "another server's refusal",
            |answer| {
                answer.retain(|(name, _)| name != "code");
                answer.push(("error".into(), "login_required".into()));
                answer.push(("iss".into(), "https://evil.example".into()));
            },
            "response_issuer_mismatch",
        ),
        (
            "neither code nor error",
            |answer| answer.retain(|(name, _)| name != "code"),
            "authorization_code_missing_from_server_response",
        ),
    ];
    for (what, tamper, expected) in table {
        let (world, client) = scene();
        let server = Rc::clone(&world.server);
        answer_with(&world, move |url| {
            let mut answer = server.authorize(url);
            tamper(&mut answer);
            answer
        });
        let before = world.stored();
        assert_eq!(code(silent(&client, &mail())), expected, "{what}");
        assert_eq!(code(sso_silent(&client, &sso())), expected, "{what}");
        assert!(world.token_requests().is_empty(), "{what}: the code is not sent");
        assert_eq!(world.stored(), before, "{what}");
    }
    for (claim, expected) in [("nonce", "nonce_mismatch"), ("aud", "invalid_id_token")] {
        let (world, client) = scene();
        answer_for(&world, ALICE);
        world.server.change_claims(move |claims| claims[claim] = json!("another"));
        assert_eq!(code(silent(&client, &mail())), expected);
    }
}

fn set(answer: &mut Pairs, name: &str, text: &str) {
    for (other, value) in answer {
        if other == name {
            text.clone_into(value);
        }
    }
}

#[test]
fn who_signs_out_while_the_frame_s_token_is_sealed_stays_signed_out() {
    let (world, client) = scene_in("localStorage", &json!({}));
    answer_for(&world, ALICE);
    silent(&client, &mail()).expect("a token");
    let (asking, mut pool) = (client.clone(), LocalPool::new());
    world.browser.vault().hold();
    let forced = SilentRequest { force_refresh: true, ..mail() };
    let call = async move { asking.acquire_silent(&forced).await };
    let asked = pool.spawner().spawn_local_with_handle(call).expect("it runs");
    pool.run_until_stalled();
    now(client.clear(None)).expect("there is storage");
    world.browser.vault().release();
    pool.run_until_stalled();
    assert_eq!(code(asked.now_or_never().expect("it is done")), "no_account_error");
    assert!(usernames(&client).is_empty());
}

#[test]
fn the_same_user_of_another_tenant_is_another_account() {
    let (world, _) = scene();
    let others = User { tid: "9188040d-6c67-4c5b-b112-36a304b66dad", ..ALICE };
    let client = world.client();
    answer_for(&world, ALICE);
    world.server.change_claims(move |claims| {
        claims["tid"] = json!(others.tid);
        claims["iss"] = json!(claims["iss"].as_str().expect("an issuer").replace(ALICE.tid, others.tid));
    });
    sso_silent(&client, &sso()).expect("a token");
    world.browser.pass(7200);
    world.server.change_claims(|_| {});
    let before = world.stored();
    let there = AccountFilter { tenant_id: Some(others.tid), ..AccountFilter::default() };
    let error = silent(&client, &SilentRequest { account: Some(there), ..mail() })
        .expect_err("it is the one at home who answers");
    assert!(matches!(error, Error::InteractionRequired(_)), "{error:?}");
    assert_eq!(world.stored(), before);
}
