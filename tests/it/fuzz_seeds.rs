//! The seeds of the fuzz targets, played to the same functions: what they promise is checked by every `cargo test`.

use std::{fs, path::Path};

#[allow(unreachable_pub, reason = "it is a crate of its own beside this one")]
#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// Beyond this nobody reads them any more.
const MOST_FILES: usize = 250;
const MOST_BYTES: usize = 200_000;

/// Whether an input is taken for what it claims to be.
type Target = fn(&[u8]) -> bool;

/// Each target by the name of its files.
const TARGETS: [(&str, Target); 6] = [
    ("authorization_response", targets::authorization_response),
    ("token_response", targets::token_response),
    ("id_token", targets::id_token),
    ("discovery", targets::discovery),
    ("challenge", targets::challenge),
    ("stored", targets::stored),
];

/// The files of a folder of `fuzz/`: their names and what is in them.
fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let mut found: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let entry = entry.expect("an entry can be read");
            let name = entry.file_name().into_string().expect("names are UTF-8");
            (name, fs::read(entry.path()).expect("a file can be read"))
        })
        .collect();
    found.sort();
    found
}

/// Seeds that are called right are taken for what they claim to be, those that are called wrong are not; those of finds are either.
#[track_caller]
fn play(name: &str) {
    let (_, target) = TARGETS.iter().find(|(other, _)| *other == name).expect("it is a target");
    let seeds = files(&format!("seeds/{name}"));
    let broken: Vec<_> = seeds
        .iter()
        .filter(|(name, data)| {
            let is_accepted = target(data);
            let is_named = name.starts_with("right-") && is_accepted || name.starts_with("wrong-") && !is_accepted;
            !is_named && !name.starts_with("found-")
        })
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(broken.is_empty(), "these are not what their names say: {broken:?}");
    for kind in ["right-", "wrong-"] {
        assert!(seeds.iter().any(|(name, _)| name.starts_with(kind)), "there is a seed that is {kind}something");
    }
}

#[test]
fn what_is_promised_of_authorization_responses_holds_for_the_seeds() {
    play("authorization_response");
}

#[test]
fn what_is_promised_of_token_responses_holds_for_the_seeds() {
    play("token_response");
}

#[test]
fn what_is_promised_of_id_tokens_holds_for_the_seeds() {
    play("id_token");
}

#[test]
fn what_is_promised_of_metadata_holds_for_the_seeds() {
    play("discovery");
}

#[test]
fn what_is_promised_of_challenges_holds_for_the_seeds() {
    play("challenge");
}

#[test]
fn what_is_promised_of_the_storage_holds_for_the_seeds() {
    play("stored");
}

#[test]
fn every_target_has_seeds_a_dictionary_and_a_program_and_there_are_not_too_many() {
    let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    for (folder, ending) in [("fuzz_targets", ".rs"), ("dictionaries", ".dict")] {
        let mut expected: Vec<_> = names.iter().map(|name| format!("{name}{ending}")).collect();
        expected.sort();
        assert_eq!(files(folder).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), expected);
    }
    let seeds: Vec<_> = names.iter().flat_map(|name| files(&format!("seeds/{name}"))).collect();
    let bytes: usize = seeds.iter().map(|(_, data)| data.len()).sum();
    assert!(seeds.len() <= MOST_FILES && bytes <= MOST_BYTES, "{} seeds, {bytes} bytes", seeds.len());
}
