//! JSON text by the engine's own `JSON`, and JavaScript values.
//!
//! Reading is by hand: serde-wasm-bindgen's deserializer brings the formatting of floating point numbers for its error
//! texts (ARCHITECTURE.md has the figures), its serializer is all but free.

use super::{NotJson, Value};
use js_sys::{Array, JSON, Object};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

/// Deeper than this is nobody's token response: it is an attack on the stack.
const DEEPEST: u32 = 32;

/// Reads JSON text.
///
/// # Errors
/// [`NotJson`] when the text is anything else.
pub fn parse(text: &str) -> Result<Value, NotJson> {
    JSON::parse(text).map(|value| read(&value, DEEPEST)).map_err(|_| NotJson)
}

/// Writes JSON text.
pub fn text(value: &Value) -> String {
    JSON::stringify(&to_js(value)).map(Into::into).unwrap_or_default()
}

/// Reads a JavaScript value as its JSON: functions, symbols and `undefined` are dropped.
///
/// # Errors
/// [`NotJson`] for a value that has no JSON, such as one that contains itself.
pub fn from_js(value: &JsValue) -> Result<Value, NotJson> {
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

fn read(value: &JsValue, deepest: u32) -> Value {
    if let Some(text) = value.as_string() {
        Value::String(text)
    } else if let Some(truth) = value.as_bool() {
        Value::Bool(truth)
    } else if let Some(number) = value.as_f64() {
        Value::Number(number)
    } else if deepest == 0 || !value.is_object() {
        Value::Null
    } else if Array::is_array(value) {
        let elements: &Array = value.unchecked_ref();
        Value::Array(elements.iter().map(|element| read(&element, deepest - 1)).collect())
    } else {
        let entries = Object::entries(value.unchecked_ref::<Object>());
        Value::Object(
            entries
                .iter()
                .filter_map(|entry| {
                    let entry: &Array = entry.unchecked_ref();
                    Some((entry.get(0).as_string()?, read(&entry.get(1), deepest - 1)))
                })
                .collect(),
        )
    }
}
