//! base64url (RFC 4648 section 5).

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Read with padding or without.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// By hand, with the library's alphabet: its own writer is made for long texts, which makes it six times as large.
pub fn encode(bytes: &[u8]) -> String {
    let alphabet = URL_SAFE.as_str().as_bytes();
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            let digit = bits >> (18 - 6 * at) & 63;
            text.extend(alphabet.get(digit as usize).map(|letter| char::from(*letter)));
        }
    }
    text
}

/// The bytes; `None` for a text that is none.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

/// The JSON inside; `None` for anything else.
pub(super) fn decode_json(text: &str) -> Option<crate::json::Value> {
    let text = String::from_utf8(decode(text)?).ok()?;
    crate::json::parse(&text).ok()
}
