//! Cutting texts at an ASCII letter. The standard library's searches are made for speed in long texts, which makes them large;
//! ours are short.

/// The text before and after the first `letter`, which is ASCII.
pub fn cut(text: &str, letter: u8) -> Option<(&str, &str)> {
    apart(text, text.bytes().position(|byte| byte == letter)?)
}

/// The text before and after the last `letter`, which is ASCII.
pub fn cut_last(text: &str, letter: u8) -> Option<(&str, &str)> {
    apart(text, text.bytes().rposition(|byte| byte == letter)?)
}

/// The texts between the `letter`s, which are ASCII: one more than there are letters.
pub fn parts(text: &str, letter: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (part, after) = cut(text, letter).map_or((text, None), |(part, after)| (part, Some(after)));
        rest = after;
        Some(part)
    })
}

// Not inlined: it is called wherever a text is cut.
#[inline(never)]
fn apart(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}
