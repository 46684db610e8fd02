//! Rust source as tokens: identifiers and single marks, without comments and the insides of literals.

/// An identifier or one character of punctuation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token<'a> {
    /// From 1.
    pub(super) line: usize,
    pub(super) text: &'a str,
}

/// Cuts a source text into tokens.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let length = skipped(rest).unwrap_or_else(|| {
            let length = if is_word(first) { word(rest) } else { first.len_utf8() };
            if !first.is_whitespace() {
                found.push(Token { line, text: &rest[..length] });
            }
            length
        });
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn word(text: &str) -> usize {
    text.find(|character| !is_word(character)).unwrap_or(text.len())
}

/// The length of the comment or literal that the text starts with.
fn skipped(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block_comment(text));
    }
    let unprefixed = text.strip_prefix('b').or_else(|| text.strip_prefix('c')).unwrap_or(text);
    let prefix = text.len() - unprefixed.len();
    if let Some(raw) = unprefixed.strip_prefix('r').filter(|raw| raw.trim_start_matches('#').starts_with('"')) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let open = prefix + 1 + hashes + 1;
        return Some(text[open..].find(&end).map_or(text.len(), |at| open + at + end.len()));
    }
    if unprefixed.starts_with('"') {
        return Some(prefix + quoted(unprefixed, '"'));
    }
    is_character(unprefixed).then(|| prefix + quoted(unprefixed, '\''))
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let step = if rest.starts_with("/*") || rest.starts_with("*/") {
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        depth += i32::from(rest.starts_with("/*")) - i32::from(rest.starts_with("*/"));
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if character == quote && !escaped {
            return at + 1;
        }
        escaped = character == '\\' && !escaped;
    }
    text.len()
}

/// `'a'` is a character, `'a` a lifetime.
fn is_character(text: &str) -> bool {
    let mut characters = text.chars();
    let (first, second, third) = (characters.next(), characters.next(), characters.next());
    first == Some('\'') && (second == Some('\\') || third == Some('\''))
}

/// The position of the mark that closes the one at `open`.
pub(super) fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The position of the first of these marks after `from`, past everything in parentheses and brackets.
pub(super) fn next_outside(tokens: &[Token<'_>], from: usize, marks: &[&str]) -> Option<usize> {
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        if marks.contains(&token.text) {
            return Some(at);
        }
        at = if matches!(token.text, "(" | "[") { closing(tokens, at)? } else { at } + 1;
    }
    None
}

/// The positions at which these tokens follow each other.
pub(super) fn positions<'a>(tokens: &'a [Token<'_>], sequence: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
    let matches = move |window: &[Token<'_>]| window.iter().zip(sequence).all(|(token, text)| token.text == *text);
    tokens.windows(sequence.len()).enumerate().filter(move |(_, window)| matches(window)).map(|(at, _)| at)
}

#[test]
fn comments_and_literals_hold_no_tokens() {
    let source = r##"a /* b /* c */ d */ e // f
        "g \" h" i b"j" r#"k " l"# m 'n' '\'' 'o: p"##;
    let texts: Vec<_> = tokens(source).iter().map(|token| token.text).collect();
    assert_eq!(texts, ["a", "e", "i", "m", "'", "o", ":", "p"]);
    assert_eq!(tokens("\n\n/*\n*/ x")[0], Token { line: 4, text: "x" });
}
