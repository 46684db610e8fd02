//! JavaScript values, and the numbers that the engine's own `JSON` reads and writes.
//!
//! Out of the core values go by serde-wasm-bindgen's serializer, which is all but free. Into it they go as text: its deserializer brings the
//! formatting of floating point numbers for its error texts (ARCHITECTURE.md has the figures).

use super::{NotJson, Value, read, write};
use js_sys::JSON;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// Reads JSON text.
///
/// # Errors
/// [`NotJson`] when the text is anything else.
pub fn parse(text: &str) -> Result<Value, NotJson> {
    read::parse(text, |number| JSON::parse(number).ok()?.as_f64())
}

/// Writes JSON text.
pub fn text(value: &Value) -> String {
    write::text(value, |number| JSON::stringify(&number.into()).map(Into::into).unwrap_or_default())
}

/// Reads a JavaScript value as its JSON, a string as it is: functions, symbols and `undefined` are dropped.
///
/// # Errors
/// [`NotJson`] for a value that has no JSON, such as one that contains itself.
pub fn from_js(value: &JsValue) -> Result<Value, NotJson> {
    if let Some(text) = value.as_string() {
        return Ok(Value::String(text));
    }
    match JSON::stringify(value) {
        // `JSON.stringify(undefined)` is no string.
        Ok(text) => text.as_string().map_or(Ok(Value::Null), |text| parse(&text)),
        Err(_) => Err(NotJson),
    }
}

/// Makes a plain JavaScript value.
pub fn to_js(value: &Value) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}
