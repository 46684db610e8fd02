//! JSON by the engine's own reader and writer.

use crate::{js, json_text};
use consentry::json::{NotJson, Value, from_js, parse, text, to_js};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

fn array(elements: impl IntoIterator<Item = Value>) -> Value {
    Value::Array(elements.into_iter().collect())
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[wasm_bindgen_test]
fn text_is_read_as_it_is_written() {
    let value = object([
        ("null", Value::Null),
        ("truth", Value::Bool(true)),
        ("number", Value::Number(-1.5e-7)),
        ("large", Value::Number(1_795_132_800.0)),
        ("text", "\"é\u{1f600}\u{0}\\".into()),
        ("", array([Value::Bool(false), array([]), object([])])),
    ]);
    let written = text(&value);
    assert_eq!(parse(&written), Ok(value.clone()));
    assert_eq!(from_js(&to_js(&value)), Ok(value));
    assert_eq!(parse(" [1 ,\n2]"), Ok(array([Value::Number(1.0), Value::Number(2.0)])));
    assert_eq!(text(&Value::Number(f64::NAN)), "null");
}

#[wasm_bindgen_test]
fn what_is_not_json_is_told_from_null() {
    for wrong in ["", " ", "{", "{'a':1}", "undefined", "NaN", "[1,]", "null null", "{\"a\":1}x"] {
        assert_eq!(parse(wrong), Err(NotJson), "{wrong}");
    }
    assert_eq!(parse("null"), Ok(Value::Null));
}

#[wasm_bindgen_test]
fn what_json_can_t_express_is_dropped() {
    let value = js(
        "{ call() {}, symbol: Symbol(), nothing: undefined, list: [() => 1, undefined], date: new Date(0), end: NaN }",
    );
    let expected = object([
        ("list", array([Value::Null, Value::Null])),
        ("date", "1970-01-01T00:00:00.000Z".into()),
        ("end", Value::Null),
    ]);
    assert_eq!(from_js(&value), Ok(expected));
    for nothing in [JsValue::UNDEFINED, JsValue::NULL, js("() => 1"), js("Symbol()")] {
        assert_eq!(from_js(&nothing), Ok(Value::Null));
    }
    assert_eq!(from_js(&js("new Map([[1, 2]])")), Ok(object([])));
}

#[wasm_bindgen_test]
fn what_has_no_json_is_refused() {
    let cycle = js("(() => { const cycle = {}; cycle.again = [cycle]; return cycle; })()");
    let throwing = js("{ get trap() { throw new Error(); } }");
    for value in [cycle, throwing, js("10n"), js("{ toJSON() { throw 1; } }")] {
        assert_eq!(from_js(&value), Err(NotJson));
    }
}

#[wasm_bindgen_test]
fn what_is_too_deep_is_cut_off() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let depth = |value: &Value| {
        let (mut depth, mut value) = (0, value);
        while let Some(elements) = value.as_array() {
            depth += 1;
            let Some(first) = elements.first() else { break };
            value = first;
        }
        depth
    };
    assert_eq!(parse(&nested(32)).as_ref().map(depth), Ok(32));
    assert_eq!(parse(&nested(33)).as_ref().map(depth), Ok(32));
    assert_eq!(parse(&nested(100_000)).map_or(0, |value| depth(&value)), 32, "the stack holds");
}

#[wasm_bindgen_test]
fn what_the_app_gets_is_plain() {
    let value = to_js(&object([("list", array([object([("deep", "text".into())])])), ("number", Value::Number(7.0))]));
    assert_eq!(json_text(&value), r#"{"list":[{"deep":"text"}],"number":7}"#);
    let prototype = js_sys::Object::get_prototype_of(&value);
    assert!(js_sys::Object::is(&prototype, &js("Object.prototype")), "no Map");
}
