//! Which modules a source text refers to.

use super::lex::{Token, closing, positions};

/// The first names after `root::`, those of a braced list included.
pub(super) fn references<'a>(tokens: &[Token<'a>], root: &str) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    for at in positions(tokens, &[root, ":", ":"]) {
        let first = at + 3;
        match tokens.get(first) {
            Some(token) if token.text == "{" => {
                let end = closing(tokens, first).unwrap_or(tokens.len());
                found.extend(list_heads(&tokens[first + 1..end]));
            }
            Some(token) => found.push(*token),
            None => {}
        }
    }
    found
}

/// The first token of each item of a list.
fn list_heads<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let (mut depth, mut is_head, mut found) = (0, true, Vec::new());
    for token in tokens {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 0 => is_head = true,
            _ if is_head => {
                found.push(*token);
                is_head = false;
            }
            _ => {}
        }
    }
    found
}

/// The lines where a chain of `super` reaches the crate itself.
pub(super) fn escapes(tokens: &[Token<'_>], file_depth: usize) -> impl Iterator<Item = usize> {
    let mut inline_modules: Vec<bool> = Vec::new();
    let mut found = Vec::new();
    let mut chain = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => inline_modules.push(at >= 2 && tokens[at - 2].text == "mod"),
            "}" => drop(inline_modules.pop()),
            _ => {}
        }
        chain = match token.text {
            "super" => chain + 1,
            ":" => chain,
            _ => 0,
        };
        let depth = file_depth + inline_modules.iter().filter(|is_module| **is_module).count();
        if token.text == "super" && chain >= depth {
            found.push(token.line);
        }
    }
    found.into_iter()
}
