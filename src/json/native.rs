//! JSON text by `serde_json`: for native tests and tools only.

use super::{NotJson, Value};

/// Reads JSON text.
///
/// # Errors
/// [`NotJson`] when the text is anything else.
pub fn parse(text: &str) -> Result<Value, NotJson> {
    serde_json::from_str::<serde_json::Value>(text).map(read).map_err(|_| NotJson)
}

/// Writes JSON text.
pub fn text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn read(value: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::String(text),
        Json::Array(elements) => Value::Array(elements.into_iter().map(read).collect()),
        Json::Object(members) => Value::Object(members.into_iter().map(|(k, v)| (k, read(v))).collect()),
    }
}
