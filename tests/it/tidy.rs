//! The rules of the code that a machine can see. Each check returns what breaks its rule, as `path:line: what`.

mod edges;
mod files;
mod lex;
mod secrets;

use edges::{escapes, references};
use files::File;
use lex::{Token, closing, next_outside, positions, tokens};

/// Every module and what it may use: only what stands above it here, and not all of that.
const MAY_USE: &[(&str, &[&str])] = &[
    ("json", &[]),
    ("secret", &[]),
    ("text", &[]),
    ("error", &["json"]),
    ("scope", &["error", "json", "secret", "text"]),
    ("protocol", &["error", "json", "scope", "secret", "text"]),
    ("cache", &["error", "json", "protocol", "scope", "secret", "text"]),
    ("platform", &["error", "json", "protocol", "secret", "text"]),
    ("client", &["cache", "error", "json", "platform", "protocol", "scope", "secret", "text"]),
    ("binding", &["cache", "client", "error", "json", "platform", "protocol", "scope", "secret", "text"]),
];

/// Values only: what the same input makes the same of, now and always.
const PURE: &[&str] = &["scope", "protocol", "cache"];
const IMPURE: &[&str] = &["async", "await", "Future", "getrandom", "unsafe", "extern"];
/// Clock and I/O.
const IMPURE_PARTS_OF_STD: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread", "time"];

const BROWSER_CRATES: &[&str] = &["wasm_bindgen", "wasm_bindgen_futures", "js_sys", "web_sys", "serde_wasm_bindgen"];
const BROWSER_FILES: &[&str] = &["src/binding/", "src/binding.rs", "src/platform/web", "src/json/web"];

const OAUTH_WORDS: &[&str] = &["code_challenge", "grant_type", "response_type", "redirect_uri", "state=", "nonce"];

const CODE: &[&str] = &["rs", "js", "mjs", "ts", "css", "html"];
const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 60;

fn assert_none(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

fn check(files: &[File], rule: impl Fn(&File) -> Vec<String>) {
    assert_none(files.iter().flat_map(rule).collect());
}

/// The module that a file of src/ belongs to, and how deep the file is below the crate.
fn module(path: &str) -> (&str, usize) {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    (inside.split('/').next().unwrap_or(inside), inside.split('/').count())
}

#[test]
fn browser_crates_stay_at_the_edge() {
    check(&files::of("src", "rs"), |file| {
        if BROWSER_FILES.iter().any(|allowed| file.path.starts_with(allowed)) {
            return Vec::new();
        }
        named(file, BROWSER_CRATES)
    });
}

/// Where a file names one of the words.
fn named(file: &File, words: &[&str]) -> Vec<String> {
    let found = tokens(&file.text).into_iter().filter(|token| words.contains(&token.text));
    found.map(|token| format!("{}:{}: {}", file.path, token.line, token.text)).collect()
}

#[test]
fn modules_use_only_what_is_below_them() {
    check(&files::of("src", "rs"), |file| {
        if file.path == "src/lib.rs" {
            return Vec::new();
        }
        let tokens = tokens(&file.text);
        let (module, depth) = module(&file.path);
        let Some((_, below)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            return vec![format!("{}: {module} has no place in the order of modules", file.path)];
        };
        let upward =
            references(&tokens, "crate").into_iter().filter(|used| used.text != module && !below.contains(&used.text));
        let mut broken: Vec<_> =
            upward.map(|used| format!("{}:{}: uses {}", file.path, used.line, used.text)).collect();
        broken.extend(
            escapes(&tokens, depth)
                .map(|line| format!("{}:{line}: `super` leaves the module; write `crate`", file.path)),
        );
        broken
    });
}

#[test]
fn values_are_pure() {
    let files: Vec<_> =
        files::of("src", "rs").into_iter().filter(|file| PURE.contains(&module(&file.path).0)).collect();
    assert!(files.len() >= PURE.len(), "the modules are there");
    check(&files, |file| {
        let mut broken = named(file, IMPURE);
        let parts =
            references(&tokens(&file.text), "std").into_iter().filter(|part| IMPURE_PARTS_OF_STD.contains(&part.text));
        broken.extend(parts.map(|part| format!("{}:{}: std::{}", file.path, part.line, part.text)));
        broken
    });
}

#[test]
fn secrets_do_not_tell() {
    let files = files::of("src", "rs");
    let secrets = secrets::types(&files);
    assert!(secrets.contains("Secret"), "there is a type of secrets");
    check(&files, |file| {
        let tokens = tokens(&file.text);
        secrets::broken(&tokens, &secrets)
            .into_iter()
            .map(|(line, what)| format!("{}:{line}: {what}", file.path))
            .collect()
    });
}

#[test]
fn the_facade_knows_no_oauth() {
    // The catalogue of errors is texts about them, which decide nothing.
    let is_code = |file: &File| !file.path.starts_with("pkg/catalogue");
    let files: Vec<_> = files::of("pkg", "js").into_iter().filter(is_code).collect();
    check(&files, |file| {
        // What MSAL.js encrypts has a field of that name: a salt.
        let is_other = |word: &str| word == "nonce" && file.path == "pkg/migration.js";
        lines_with(file, |line| OAUTH_WORDS.iter().any(|word| line.contains(word) && !is_other(word)))
    });
}

fn lines_with(file: &File, is_broken: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = file.text.lines().enumerate().filter(|(_, line)| is_broken(line));
    lines.map(|(at, line)| format!("{}:{}: {}", file.path, at + 1, line.trim())).collect()
}

#[test]
fn files_are_short() {
    check(&files::all(), |file| {
        let lines = file.text.lines().count();
        let is_long = file.is_any(CODE) && lines > LONGEST_FILE;
        if is_long { vec![format!("{}: {lines} lines", file.path)] } else { Vec::new() }
    });
}

#[test]
fn functions_are_short() {
    check(&files::all(), |file| {
        if !file.is_any(&["rs"]) {
            return Vec::new();
        }
        let tokens = tokens(&file.text);
        let long = functions(&tokens).into_iter().filter(|(_, lines)| *lines > LONGEST_FUNCTION);
        long.map(|(name, lines)| format!("{}:{}: {} has {lines} lines", file.path, name.line, name.text)).collect()
    });
}

/// The functions with a body: the name, and the lines from `fn` to the closing brace.
fn functions<'a>(tokens: &[Token<'a>]) -> Vec<(Token<'a>, usize)> {
    let mut found = Vec::new();
    for at in positions(tokens, &["fn"]) {
        let body = next_outside(tokens, at, &["{", ";", "}", ","]);
        let Some(open) = body.filter(|open| tokens[*open].text == "{") else { continue };
        let Some(end) = closing(tokens, open) else { continue };
        found.push((tokens[at + 1], tokens[end].line - tokens[at].line + 1));
    }
    found
}

#[test]
fn every_module_says_what_it_is() {
    check(&files::of("src", "rs"), |file| {
        if file.text.starts_with("//!") {
            Vec::new()
        } else {
            vec![format!("{}: does not start with `//!`", file.path)]
        }
    });
}

/// Whether a line names a folder of someone's machine.
fn has_machine_path(line: &str) -> bool {
    ["work", "tmp", "root", "home", "Users"].iter().any(|folder| {
        let start = format!("/{folder}/");
        let is_path =
            |before: &str| !before.ends_with(|last: char| last.is_alphanumeric() || "._-/}%)]".contains(last));
        line.match_indices(&start).any(|(at, _)| is_path(&line[..at]))
    })
}

/// Whether a line names a host that packages are downloaded from.
fn has_registry_host(line: &str) -> bool {
    // In halves, so that this file names none either.
    let hosts = [
        ["registry.np", "mjs"],
        ["static.cra", "tes"],
        ["index.cra", "tes"],
        ["files.python", "hosted"],
        ["pypi.o", "rg"],
        ["deb.deb", "ian"],
    ];
    hosts.iter().any(|halves| line.contains(&halves.concat()))
}

#[test]
fn files_name_no_machine_and_no_registry() {
    // Cargo names its default registry in its lock, wherever the crates come from.
    let files: Vec<_> = files::all().into_iter().filter(|file| file.path != "Cargo.lock").collect();
    check(&files, |file| lines_with(file, |line| has_machine_path(line) || has_registry_host(line)));
}

#[test]
fn npm_locks_name_no_address() {
    let files: Vec<_> = files::all().into_iter().filter(|file| file.path.ends_with("package-lock.json")).collect();
    assert_eq!(files.len(), 2, "the npm locks are the packages' own, and that of what they are tried with");
    check(&files, |file| lines_with(file, |line| line.contains("\"resolved\"") && line.contains("//")));
}
