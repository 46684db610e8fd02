//! base64url (RFC 4648 section 5).

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Written without padding, read with or without.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

/// The JSON inside; `None` for anything else.
pub(super) fn decode_json(text: &str) -> Option<crate::json::Value> {
    let text = String::from_utf8(decode(text)?).ok()?;
    crate::json::parse(&text).ok()
}
