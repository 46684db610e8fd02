//! Calls at the same time: one refresh for all, and none that brings back what was signed out.

use crate::{
    server::{ALICE, BOB},
    world::{Client, World, access_token, code, named, now, set, usernames, wanting},
};
use consentry::{
    client::{AuthenticationResult, SilentRequest},
    error::{BrowserError, Error},
};
use futures::{
    FutureExt,
    executor::{LocalPool, LocalSpawner},
    future::RemoteHandle,
    task::LocalSpawnExt,
};

type Outcome = Result<AuthenticationResult, Error>;

/// A silent call that is under way; dropping it gives it up.
struct Call(RemoteHandle<Outcome>);

impl Call {
    fn begin(spawner: &LocalSpawner, client: &Client, request: SilentRequest<'static>) -> Self {
        let client = client.clone();
        let call = async move { client.acquire_silent(&request).await };
        Call(spawner.spawn_local_with_handle(call).expect("the pool is there"))
    }

    fn outcome(self) -> Outcome {
        self.0.now_or_never().expect("the call is done")
    }
}

/// A signed-in user of both APIs, whose next answers are held back.
struct Scene {
    world: World,
    client: Client,
    pool: LocalPool,
}

impl Scene {
    fn new() -> Self {
        Scene::of(World::new())
    }

    fn of(world: World) -> Self {
        world.sign_in(&["api://orders/Read"]);
        let (client, _) = world.sign_in(&["User.Read", "Mail.Read"]);
        world.browser.network().take_sent();
        world.browser.network().hold();
        world.browser.pass(3600);
        Scene { world, client, pool: LocalPool::new() }
    }

    /// Begins a call and lets it go as far as it gets.
    fn begin(&mut self, scopes: &[&str]) -> Call {
        let request = wanting(scopes);
        self.begin_request(request)
    }

    fn begin_request(&mut self, request: SilentRequest<'static>) -> Call {
        let call = Call::begin(&self.pool.spawner(), &self.client, request);
        self.pool.run_until_stalled();
        call
    }

    fn release(&mut self) {
        self.world.browser.network().release();
        self.pool.run_until_stalled();
    }

    fn release_first(&mut self) {
        self.world.browser.network().release_first();
        self.pool.run_until_stalled();
    }

    /// The scopes of the token requests since the last time.
    fn asked(&self) -> Vec<String> {
        self.world
            .token_requests()
            .iter()
            .map(|sent| sent.field("scope").replace(" openid profile offline_access", ""))
            .collect()
    }
}

#[test]
fn equal_calls_share_one_request() {
    let mut scene = Scene::new();
    let calls: Vec<_> =
        [["User.Read"], ["user.read"]].iter().cycle().take(10).map(|scopes| scene.begin(scopes)).collect();
    assert_eq!(scene.asked(), ["User.Read"]);
    scene.release();
    assert_eq!(scene.asked(), [""; 0], "nor afterwards");
    let mut tokens: Vec<_> =
        calls.into_iter().map(|call| access_token(&call.outcome().expect("a token")).to_owned()).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
}

#[test]
fn equal_calls_share_one_failure() {
    let mut scene = Scene::new();
    scene.world.server.fail(BrowserError::PostFailed);
    let calls: Vec<_> = (0..10).map(|_| scene.begin(&["User.Read"])).collect();
    scene.release();
    assert!(calls.into_iter().all(|call| code(call.outcome()) == "post_request_failed"));
    assert_eq!(scene.asked(), ["User.Read"]);
    scene.world.server.recover();
    let again = scene.begin(&["User.Read"]);
    assert!(again.outcome().is_ok(), "the next call tries again");
}

#[test]
fn calls_for_several_apis_go_side_by_side() {
    let mut scene = Scene::new();
    let orders = scene.begin(&["api://orders/Read"]);
    let graph = [scene.begin(&["User.Read"]), scene.begin(&["User.Read"]), scene.begin(&["Mail.Read"])];
    assert_eq!(scene.asked(), ["api://orders/Read", "User.Read"], "those for one API take turns");
    scene.release_first();
    assert_eq!(orders.outcome().expect("a token").token.resource.as_str(), "api://orders");
    assert_eq!(scene.asked(), [""; 0]);
    scene.release();
    for call in graph {
        assert!(call.outcome().is_ok());
    }
}

#[test]
fn a_call_that_waited_may_find_what_it_needs() {
    let mut scene = Scene::new();
    let wide = scene.begin(&["User.Read", "Mail.Read"]);
    let narrow = scene.begin(&["Mail.Read"]);
    scene.release();
    let (wide, narrow) = (wide.outcome().expect("a token"), narrow.outcome().expect("a token"));
    assert_eq!(access_token(&narrow), access_token(&wide));
    assert!(narrow.from_cache && !wide.from_cache);
    assert_eq!(scene.asked(), ["User.Read Mail.Read"]);
}

#[test]
fn calls_that_pass_the_cache_by_share_with_their_like_only() {
    let mut scene = Scene::new();
    let plain = scene.begin(&["User.Read"]);
    let fresh = SilentRequest { force_refresh: true, scopes: set(&["User.Read"]), ..SilentRequest::default() };
    let stepped_up = SilentRequest { claims: Some("{}"), force_refresh: false, ..fresh.clone() };
    let others = [fresh.clone(), fresh, stepped_up.clone(), stepped_up].map(|request| scene.begin_request(request));
    for _ in 0..3 {
        scene.release_first();
    }
    let mut tokens = vec![access_token(&plain.outcome().expect("a token")).to_owned()];
    tokens.extend(others.map(|call| access_token(&call.outcome().expect("a token")).to_owned()));
    tokens.sort();
    tokens.dedup();
    assert_eq!((tokens.len(), scene.asked().len()), (3, 3));
}

#[test]
fn accounts_do_not_wait_for_each_other() {
    let world = World::new();
    world.sign_in_as(BOB, &["User.Read"]);
    let mut scene = Scene::of(world);
    let of = |name| SilentRequest { account: Some(named(name)), ..wanting(&["User.Read"]) };
    let calls = [scene.begin_request(of(ALICE.name)), scene.begin_request(of(BOB.name))];
    assert_eq!(scene.asked().len(), 2);
    scene.release();
    let [alice, bob] = calls.map(|call| call.outcome().expect("a token").account.username().to_owned());
    assert_eq!([alice.as_str(), &bob], [ALICE.name, BOB.name]);
}

#[test]
fn a_call_that_is_given_up_leaves_its_place_to_the_next() {
    let mut scene = Scene::new();
    let given_up = scene.begin(&["User.Read"]);
    let waiting = scene.begin(&["User.Read"]);
    assert_eq!(scene.asked().len(), 1);
    drop(given_up);
    scene.pool.run_until_stalled();
    assert_eq!(scene.asked().len(), 1, "the one that waited asks");
    scene.release();
    assert!(waiting.outcome().is_ok(), "the platform takes a refresh token again");
}

#[test]
fn a_refresh_token_that_another_tab_has_replaced_is_asked_with_again() {
    let world = World::keeping_in("localStorage");
    world.sign_in(&["User.Read"]);
    let before = world.browser.local().dump();
    world.sign_in(&["User.Read"]);
    let after = world.browser.local().dump();
    world.browser.local().restore(&before);
    world.browser.pass(3600);
    world.browser.network().take_sent();
    let client = world.client();
    let mut scene = Scene { world, client, pool: LocalPool::new() };
    scene.world.browser.network().hold();
    scene.world.server.refuse("invalid_grant", "bad_token");
    let call = scene.begin(&["User.Read"]);
    // While the refusal is on its way the user signs in again elsewhere.
    scene.world.server.recover();
    scene.world.browser.local().restore(&after);
    scene.release();
    assert!(call.outcome().is_ok());
    let requests = scene.world.token_requests();
    let sent: Vec<_> = requests.iter().map(|sent| sent.field("refresh_token")).collect();
    assert!(sent.len() == 2 && sent[0] != sent[1], "each token once: {sent:?}");
}

#[test]
fn who_signs_out_stays_out_whatever_the_server_answers() {
    for refused in [false, true] {
        let mut scene = Scene::of(World::keeping_in("localStorage"));
        if refused {
            scene.world.server.refuse("invalid_grant", "bad_token");
        }
        let calls = [scene.begin(&["User.Read"]), scene.begin(&["User.Read"]), scene.begin(&["api://orders/Read"])];
        now(scene.client.clear(None)).expect("the tokens are forgotten");
        scene.release();
        for call in calls {
            assert_eq!(code(call.outcome()), "no_account_error");
        }
        assert!(usernames(&scene.client).is_empty());
        // The server's keys are nobody's.
        assert!(scene.world.stored()[1].keys().all(|key| key.contains("|keys|")), "nothing comes back");
    }
}

#[test]
fn another_account_signing_out_changes_nothing() {
    let world = World::new();
    world.sign_in_as(BOB, &["User.Read"]);
    let mut scene = Scene::of(world);
    let call = scene.begin_request(SilentRequest { account: Some(named(ALICE.name)), ..wanting(&["User.Read"]) });
    now(scene.client.clear(Some(named(BOB.name)))).expect("Bob is forgotten");
    scene.release();
    assert!(call.outcome().is_ok());
    assert_eq!(usernames(&scene.client), [ALICE.name]);
}
