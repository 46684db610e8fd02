//! Types that hold secrets, and what gives one away.

use super::{
    files::File,
    lex::{Token, closing, next_outside, positions, tokens},
};
use std::collections::BTreeSet;

/// Fields that hold a secret, whatever the structure.
const SECRET_FIELDS: &[&str] = &["access_token", "refresh_token", "id_token", "verifier", "code_verifier", "secret"];
/// What prints, compares or hands out the text.
const TELLING: &[&str] =
    &["Display", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Serialize", "Deref", "AsRef", "Error"];

/// Types named `Secret…`, and those that hold one.
pub(super) fn types(files: &[File]) -> BTreeSet<String> {
    let sources: Vec<_> = files.iter().map(|file| tokens(&file.text)).collect();
    let types: Vec<_> = sources.iter().flat_map(|tokens| type_definitions(tokens)).collect();
    let mut secrets = BTreeSet::from(["Secret".to_owned()]);
    secrets
        .extend(types.iter().filter(|(name, _)| name.text.starts_with("Secret")).map(|(name, _)| name.text.to_owned()));
    loop {
        let before = secrets.len();
        for (name, body) in &types {
            if body.iter().any(|token| secrets.contains(token.text)) {
                secrets.insert(name.text.to_owned());
            }
        }
        if secrets.len() == before {
            return secrets;
        }
    }
}

/// Structures and enumerations: the name, and what it is made of. A variant's name is no type.
fn type_definitions<'a>(tokens: &[Token<'a>]) -> Vec<(Token<'a>, Vec<Token<'a>>)> {
    let mut found = Vec::new();
    for (keyword, outermost) in [("struct", 1), ("enum", 2)] {
        for at in positions(tokens, &[keyword]) {
            let open = next_outside(tokens, at, &["{", "(", ";"]).unwrap_or(at);
            let end = closing(tokens, open).unwrap_or(open);
            found.push((tokens[at + 1], deeper(&tokens[open..end], outermost)));
        }
    }
    found
}

/// The tokens inside at least so many marks.
fn deeper<'a>(tokens: &[Token<'a>], least: usize) -> Vec<Token<'a>> {
    let mut depth = 0;
    let mut found = Vec::new();
    for token in tokens {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ if depth >= least => {}
            _ => continue,
        }
        found.push(*token);
    }
    found
}

fn telling_implementations(tokens: &[Token<'_>], secrets: &BTreeSet<String>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in positions(tokens, &["impl"]) {
        let header = &tokens[at..next_outside(tokens, at, &["{"]).unwrap_or(at)];
        let mut halves = header.splitn(2, |token| token.text == "for");
        let (Some(traits), Some(of)) = (halves.next(), halves.next()) else { continue };
        let telling = traits.iter().find(|token| TELLING.contains(&token.text));
        if let (Some(telling), Some(secret)) = (telling, of.iter().find(|token| secrets.contains(token.text))) {
            found.push((telling.line, format!("{} for {}", telling.text, secret.text)));
        }
    }
    found
}

fn telling_derives(tokens: &[Token<'_>], secrets: &BTreeSet<String>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in positions(tokens, &["derive", "("]) {
        let end = closing(tokens, at + 1).unwrap_or(at);
        let name = tokens[end..].iter().skip_while(|token| !matches!(token.text, "struct" | "enum")).nth(1);
        let Some(name) = name.filter(|name| secrets.contains(name.text)) else { continue };
        let telling = tokens[at..end].iter().filter(|token| TELLING.contains(&token.text));
        found.extend(telling.map(|token| (token.line, format!("derives {} for {}", token.text, name.text))));
    }
    found
}

/// Fields that hold a secret as plain text.
fn bare_secrets(tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (_, body) in type_definitions(tokens) {
        for (at, field) in body.iter().enumerate().filter(|(_, token)| SECRET_FIELDS.contains(&token.text)) {
            let is_field = body.get(at + 1).is_some_and(|colon| colon.text == ":")
                && body.get(at + 2).is_some_and(|next| next.text != ":");
            let mut kind = body[at..].iter().take_while(|token| token.text != ",");
            if is_field && kind.any(|token| matches!(token.text, "String" | "str")) {
                found.push((field.line, format!("{} is plain text", field.text)));
            }
        }
    }
    found
}

/// What gives a secret away: the line, and how.
pub(super) fn broken(tokens: &[Token<'_>], secrets: &BTreeSet<String>) -> Vec<(usize, String)> {
    let mut found = telling_implementations(tokens, secrets);
    found.extend(telling_derives(tokens, secrets));
    found.extend(bare_secrets(tokens));
    found
}
