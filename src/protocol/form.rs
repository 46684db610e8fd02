//! `application/x-www-form-urlencoded`, for queries, fragments and bodies.

use crate::{
    json::{Object, Value},
    text::{cut, parts},
};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Builds a form of name and value pairs.
#[derive(Debug, Default)]
pub struct FormWriter(String);

impl FormWriter {
    /// Adds a pair.
    pub fn add(&mut self, name: &str, value: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        encode(name, &mut self.0);
        self.0.push('=');
        encode(value, &mut self.0);
        self
    }

    /// Adds a pair if there is a value.
    pub fn add_if(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.add(name, value);
        }
        self
    }

    /// Whether there is a pair of that name, in whatever case.
    pub fn has(&self, name: &str) -> bool {
        parts(&self.0, b'&')
            .any(|pair| cut(pair, b'=').is_some_and(|(other, _)| decode(other).eq_ignore_ascii_case(name)))
    }

    /// The encoded text.
    pub fn finish(self) -> String {
        self.0
    }

    /// The pairs as the query of `endpoint`, which may have one of its own (RFC 6749 section 3.1).
    pub fn finish_url(self, endpoint: &str) -> String {
        let mut url = String::from(endpoint);
        url.push(if cut(endpoint, b'?').is_some() { '&' } else { '?' });
        url.push_str(&self.0);
        url
    }
}

/// Writes a text with all but the unreserved characters of RFC 3986 escaped.
pub fn encode(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !is_unreserved(byte)) {
        let (plain, special) = rest.split_at(at);
        into.push_str(plain);
        let mut letters = special.chars();
        let letter = letters.next().unwrap_or_default();
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            into.push('%');
            for digit in [byte >> 4, byte & 0x0f] {
                into.extend(HEX.get(usize::from(digit)).map(|digit| char::from(*digit)));
            }
        }
        rest = letters.as_str();
    }
    into.push_str(rest);
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// The most parameters that are read.
const MOST: usize = 64;

/// The parameters of a form that someone else wrote, as an object. One that is empty or there twice is left out
/// (RFC 6749 section 3.1); a `%` without its digits is taken as it stands,
/// and what is not UTF-8 is empty.
pub fn parse(text: &str) -> Value {
    let mut names = Vec::new();
    let mut members = Object::default();
    let pairs = || parts(text, b'&').map(|pair| cut(pair, b'=').unwrap_or((pair, "")));
    // Nobody answers with more; a link that has them is made to keep the page busy.
    if pairs().count() > MOST {
        return Value::Null;
    }
    for (name, _) in pairs() {
        names.push(decode(name));
    }
    for (name, (_, value)) in names.iter().zip(pairs()) {
        let value = decode(value);
        if !value.is_empty() && names.iter().filter(|other| *other == name).count() == 1 {
            members = members.with(name, value);
        }
    }
    members.finish()
}

/// Reads what [`encode`] or another form writer wrote.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let digits = (ahead.next().and_then(hex), ahead.next().and_then(hex));
                if let (Some(high), Some(low)) = digits {
                    bytes.push(high << 4 | low);
                    rest = ahead;
                } else {
                    bytes.push(byte);
                }
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
