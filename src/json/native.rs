//! What Rust alone reads and writes of JSON: for native tests and tools.

use super::{NotJson, Value, read, write};

/// Reads JSON text.
///
/// # Errors
/// [`NotJson`] when the text is anything else.
pub fn parse(text: &str) -> Result<Value, NotJson> {
    read::parse(text, |number| serde_json::from_str(number).ok())
}

/// Writes JSON text.
pub fn text(value: &Value) -> String {
    write::text(value, |number| serde_json::to_string(&number).unwrap_or_default())
}
