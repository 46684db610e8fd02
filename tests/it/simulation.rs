//! Thousands of random schedules: tabs, users, faults and time, in an order that follows from a number. What has to hold in all of them is
//! in [`oracle`], by number:
//!
//! 1. a token is of the user, the API and the permissions that were asked for, and a kept one has not ended;
//! 2. no refresh token and no code is sent again, where a server takes each once;
//! 3. nothing waits for ever, and no lock is held for ever;
//! 4. whoever is signed in gets a token, and whoever can't get one is told so and can sign in;
//! 5. whoever has signed out is signed out, in all tabs that share the storage;
//! 6. errors are known ones, and tell no secret;
//! 7. a token that is good is served when there is no other for now, whatever came of a renewal ahead of need;
//! 8. a page that was asked to leave the server alone sends the same request no sooner;
//! 9. a refresh token that has ended is not sent.
//!
//! `CONSENTRY_SEED=n cargo test --test it simulation` plays one schedule and prints what happens in it.

mod actions;
mod ahead;
mod call;
mod chance;
mod documents;
mod faults;
mod finale;
mod frames;
mod limits;
mod mutation;
mod oracle;
mod scene;
mod server;

use mutation::Mutation;
use scene::Scene;
use std::{
    collections::BTreeSet,
    env, fmt,
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

/// So many schedules in every run,
const SCHEDULES: u64 = 10_000;
/// each of so many steps.
const STEPS: usize = 40;
/// So many at most until a broken server or browser is found out.
const UNTIL_FOUND: u64 = 1_000;

/// A schedule.
#[derive(Clone, Debug, Default)]
struct Plan {
    seed: u64,
    mutation: Mutation,
    is_traced: bool,
    /// The steps that are left out.
    skipped: BTreeSet<usize>,
}

/// An invariant that does not hold.
#[derive(Debug, PartialEq, Eq)]
struct Broken {
    invariant: u8,
    what: String,
}

impl Broken {
    fn new(invariant: u8, what: impl Into<String>) -> Self {
        Broken { invariant, what: what.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "invariant {}: {}", self.invariant, self.what)
    }
}

impl Plan {
    fn of(seed: u64) -> Self {
        Plan { seed, ..Plan::default() }
    }

    /// What came of it, and what happened where that is traced.
    fn play(&self) -> (Result<(), Broken>, Vec<String>) {
        let mut scene = Scene::new(self);
        let played = catch_unwind(AssertUnwindSafe(|| self.play_in(&mut scene)));
        let outcome = played.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
            Err(Broken::new(6, format!("a panic: {text}")))
        });
        let trace = scene.trace.take();
        (outcome, trace)
    }

    fn play_in(&self, scene: &mut Scene) -> Result<(), Broken> {
        scene.open()?;
        for step in 1..=STEPS {
            if !self.skipped.contains(&step) {
                scene.chance.begin(step);
                scene.step = step;
                scene.act()?;
                scene.check()?;
            }
        }
        scene.chance.begin(STEPS + 1);
        scene.step = STEPS + 1;
        scene.end()
    }

    /// The same failure with fewer steps.
    fn shortened(mut self, broken: &Broken) -> Self {
        for length in [16, 4, 1] {
            for start in (1..STEPS + 1).step_by(length).rev() {
                let mut shorter = self.clone();
                shorter.skipped.extend(start..(start + length).min(STEPS + 1));
                if shorter.play().0.is_err_and(|other| other.invariant == broken.invariant) {
                    self = shorter;
                }
            }
        }
        self
    }

    /// How it fails, step by step.
    fn told(self, broken: &Broken) -> String {
        let seed = self.seed;
        let short = Plan { is_traced: true, ..self.shortened(broken) };
        let (outcome, trace) = short.play();
        let outcome = outcome.err().map(|broken| broken.to_string()).unwrap_or_default();
        format!("CONSENTRY_SEED={seed}: {broken}\n\nas short as can be:\n{}\n    {outcome}\n", trace.join("\n"))
    }
}

/// The first schedule that fails, of every second one.
fn first_broken(first: u64, mutation: Mutation, until: u64) -> Option<(Plan, Broken)> {
    (first..until).step_by(2).find_map(|seed| {
        let plan = Plan { mutation, ..Plan::of(seed) };
        let broken = plan.play().0.err()?;
        Some((plan, broken))
    })
}

#[test]
fn in_ten_thousand_schedules_everything_holds() {
    if let Some(seed) = env::var("CONSENTRY_SEED").ok().and_then(|seed| seed.parse().ok()) {
        let plan = Plan { is_traced: true, ..Plan::of(seed) };
        let (outcome, trace) = plan.play();
        // Not by `println!`, which only tests that fail show.
        let _ = writeln!(io::stdout(), "{}\n{outcome:?}", trace.join("\n"));
        assert_eq!(outcome, Ok(()), "CONSENTRY_SEED={seed}");
        return;
    }
    let halves = [0, 1].map(|half| {
        thread::spawn(move || first_broken(half, Mutation::None, SCHEDULES).map(|(plan, broken)| plan.told(&broken)))
    });
    for half in halves {
        if let Some(told) = half.join().expect("panics are caught") {
            panic!("{told}");
        }
    }
}

#[test]
fn a_schedule_can_be_repeated() {
    for seed in 0..20 {
        let plan = Plan { is_traced: true, ..Plan::of(seed) };
        let (first, second) = (plan.play(), plan.play());
        assert!(first.1.len() > 20, "something happens");
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
fn what_is_broken_is_found() {
    for (mutation, invariant) in Mutation::ALL {
        let is_found = |seed: &u64| {
            let outcome = Plan { mutation, ..Plan::of(*seed) }.play().0;
            outcome.is_err_and(|broken| broken.invariant == invariant)
        };
        let found = (0..UNTIL_FOUND).find(is_found);
        println!("{mutation:?} is found in schedule {found:?}");
        assert!(found.is_some(), "{mutation:?} is not found");
    }
}
